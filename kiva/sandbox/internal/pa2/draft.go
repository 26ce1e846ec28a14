package pa2

import (
	"strings"

	"kivaform/kiva/money"
)

// A DraftBody is a loan draft as received. Absent fields are nil or empty.
// Source: draftloans.md.
type DraftBody struct {
	ActivityID            *int64       `json:"activity_id,omitempty"`
	ClientWaiverSigned    *bool        `json:"client_waiver_signed,omitempty"`
	Currency              string       `json:"currency,omitempty"`
	Description           string       `json:"description,omitempty"`
	DescriptionLanguageID *int64       `json:"description_language_id,omitempty"`
	DisburseTime          date         `json:"disburse_time,omitempty"`
	Entreps               []Entrep     `json:"entreps,omitempty"`
	GroupName             *string      `json:"group_name,omitempty"`
	InternalClientID      *string      `json:"internal_client_id,omitempty"`
	InternalLoanID        *string      `json:"internal_loan_id,omitempty"`
	NotPictured           []bool       `json:"not_pictured,omitzero"`
	ImageEncoded          string       `json:"image_encoded,omitempty"`
	ImageURL              string       `json:"image_url,omitempty"`
	LoanUse               string       `json:"loanuse,omitempty"`
	Location              string       `json:"location,omitempty"`
	Schedule              []instalment `json:"schedule,omitempty"`
	ThemeTypeID           *int64       `json:"theme_type_id,omitempty"`
}

// An Entrep is one borrower of a draft.
type Entrep struct {
	Amount    Amount `json:"amount,omitzero"`
	ClientID  string `json:"client_id,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	Gender    string `json:"gender,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	LoanID    string `json:"loan_id,omitempty"`
}

// An instalment is one line of a draft's schedule.
type instalment struct {
	Date      date   `json:"date"`
	Interest  Amount `json:"interest,omitzero"`
	Principal Amount `json:"principal,omitzero"`
}

func (b *DraftBody) isGroup() bool { return len(b.Entreps) > 1 }

// LoanID returns the Loan ID of the borrower or of the group, or "" if the draft
// has none yet.
func (b *DraftBody) LoanID() string {
	if b.isGroup() {
		return Text(b.InternalLoanID)
	}
	return b.firstEntrep().LoanID
}

func (b *DraftBody) clientID() string {
	if b.isGroup() {
		return Text(b.InternalClientID)
	}
	return b.firstEntrep().ClientID
}

// publicName returns the name that lenders see: the group's name, or a first name.
func (b *DraftBody) publicName() string {
	if b.isGroup() {
		return Text(b.GroupName)
	}
	return strings.TrimSpace(b.firstEntrep().FirstName)
}

// Amount returns the sum of the borrowers' amounts.
func (b *DraftBody) Amount() (sum money.Amount) {
	for _, e := range b.Entreps {
		if next, ok := sum.Add(e.Amount.Amount); ok {
			sum = next
		}
	}
	return sum
}

func (b *DraftBody) firstEntrep() Entrep {
	if len(b.Entreps) == 0 {
		return Entrep{}
	}
	return b.Entreps[0]
}

// Text returns an optional text, or "".
func Text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
