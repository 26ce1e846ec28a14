package kiva

import (
	"encoding/json"
	"time"

	"kivaform/kiva/money"
)

// A Status is where a published loan is in its life. Kiva may add values; an
// unknown one is kept as it came. Source: fetch_loans.md and Kiva's samples.
type Status string

// The statuses that Kiva's documents and samples name.
const (
	Inactive        Status = "inactive"
	InactiveExpired Status = "inactive_expired"
	Issue           Status = "issue"
	IssueRevising   Status = "issue_revising"
	IssueApproving  Status = "issue_approving"
	Reviewed        Status = "reviewed"
	FundRaising     Status = "fundRaising"
	Expired         Status = "expired"
	Raised          Status = "raised"
	Refunded        Status = "refunded"
	PayingBack      Status = "payingBack"
	Ended           Status = "ended"
	Defaulted       Status = "defaulted"
	Deleted         Status = "deleted"
)

// A LoanQuery says which published loans to list.
type LoanQuery struct {
	Query  string // what one could type in PA2's search bar: a name, a Loan ID, a Client ID, a Kiva ID
	Status Status // one status, or "" for all
	Offset int    // from 0
	Limit  int    // at most 300; 0 takes 300
}

// A LoanPage is one page of the list of loans.
type LoanPage struct {
	Total int // over all pages for the query, or -1 where Kiva didn't say
	Loans []Loan
}

// A Loan is a published loan as Kiva lists it. Absent fields are zero.
type Loan struct {
	KivaID           string // the public id, as in kiva.org/lend/<id>
	UUID             string
	InternalLoanID   string // the partner's Loan ID
	InternalClientID string // the partner's Client ID
	PartnerID        string
	Partner          string
	Name             string // of the borrower or the group
	Location         string
	Status           Status
	StatusDetail     string
	BorrowerCount    int
	Price            money.Amount // US dollars
	LocalPrice       money.Amount // in Currency
	Currency         string       // ISO 4217
	FundedAmount     money.Amount // US dollars
	Delinquent       bool
	IssueReportedBy  string

	CreateTime                time.Time
	PlannedExpirationTime     time.Time
	PlannedInactiveExpireTime time.Time
	EndedTime                 time.Time
	RefundedTime              time.Time
	ExpiredTime               time.Time
	DefaultedTime             time.Time
	IssueFeedbackTime         time.Time
}

// A LoanDraft is the body of POST loan_draft. Amounts are in local currency,
// dates are YYYY-MM-DD. Every field may be absent: PA2 asks a person for the
// rest. Source: draftloans.md.
type LoanDraft struct {
	ActivityID            json.Number  `json:"activity_id,omitempty"`
	ClientWaiverSigned    *bool        `json:"client_waiver_signed,omitempty"`
	Currency              string       `json:"currency,omitempty"` // ISO 4217
	Description           string       `json:"description,omitempty"`
	DescriptionLanguageID json.Number  `json:"description_language_id,omitempty"`
	DisburseTime          string       `json:"disburse_time,omitempty"`
	Entreps               []Entrep     `json:"entreps"`
	GroupName             string       `json:"group_name,omitempty"`         // groups only
	InternalClientID      string       `json:"internal_client_id,omitempty"` // groups only
	InternalLoanID        string       `json:"internal_loan_id,omitempty"`   // groups only
	NotPictured           []bool       `json:"not_pictured,omitempty"`       // groups only: one for each of Entreps
	ImageEncoded          string       `json:"image_encoded,omitempty"`      // a data URI with the true media type
	ImageURL              string       `json:"image_url,omitempty"`          // deprecated by Kiva in 2022
	LoanUse               string       `json:"loanuse,omitempty"`
	Location              string       `json:"location,omitempty"` // full_name of a configured location
	Schedule              []Instalment `json:"schedule,omitempty"`
	ThemeTypeID           json.Number  `json:"theme_type_id,omitempty"`
}

// An Entrep is one borrower of a loan draft.
type Entrep struct {
	Amount    money.Amount `json:"amount"`
	ClientID  string       `json:"client_id,omitempty"`
	FirstName string       `json:"first_name,omitempty"`
	Gender    string       `json:"gender,omitempty"`
	LastName  string       `json:"last_name,omitempty"`
	LoanID    string       `json:"loan_id,omitempty"`
}

// An Instalment is one line of a repayment schedule.
type Instalment struct {
	Date      string       `json:"date"`
	Interest  money.Amount `json:"interest"`
	Principal money.Amount `json:"principal"`
}

// A Journal is one update on a loan. Source: post_journals.md.
type Journal struct {
	Body             string `json:"body,omitempty"`
	ImageURL         string `json:"image_url,omitempty"`
	InternalClientID string `json:"internal_client_id,omitempty"` // three-column partners
	InternalLoanID   string `json:"internal_loan_id"`
	Subject          string `json:"subject,omitempty"`
}

// A Repayment is one row of a repayment report, in local currency; what the
// amount means is the partner's setting at Kiva. Source: report_payments.md.
type Repayment struct {
	Amount   money.Amount `json:"amount"`
	ClientID string       `json:"client_id,omitempty"` // three-column partners
	LoanID   string       `json:"loan_id"`
}

// A DraftReceipt is Kiva's answer to an accepted loan draft.
type DraftReceipt struct {
	Status  int // HTTP
	Code    string
	Message string
	UUID    string // may be empty
}

// A JournalReceipt is Kiva's answer to accepted journals. Where Kiva answers
// with several objects, there is one for each.
type JournalReceipt struct {
	Status     int
	Code       string
	Message    string
	ArchiveID  string
	ConfirmURL string // a person must open it and publish
}

// A RepaymentReceipt is Kiva's answer to an accepted upload. Where Kiva
// answers with several objects, there is one for each.
type RepaymentReceipt struct {
	Status   int
	Code     string
	Message  string
	UploadID string
	Problems []Problem
}

// A Problem is a remark of Kiva on one row of an upload that it took.
type Problem struct {
	LoanID   string
	Code     string
	Details  string
	Severity Severity
}

// A Severity is how bad a [Problem] is; Kiva may add values.
type Severity string

// The severities that Kiva's library names.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// A Config is one of the four configuration lists of a partner.
type Config[T any] struct {
	AsOf  time.Time
	Items []T
}

// An Activity is the purpose of a loan; PA2 takes the sector from it.
type Activity struct{ ID, Name string }

// A Theme is a loan theme type of the partner.
type Theme struct{ ID, Name string }

// A Locale is a pair of currency and language that a partner may use.
type Locale struct{ Currency, LanguageCode, LanguageName, LanguageID string }

// A Location is a place where the partner lends. FullName ("Town: Country")
// is what a loan draft must say.
type Location struct{ Country, Location, FullName string }
