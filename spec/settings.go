package spec

import (
	"time"

	"kivaform/kiva/money"
	"kivaform/spec/photo"
)

// Sandbox is the environment of a workspace that names none: a Partner API on
// this machine.
const Sandbox = "sandbox"

// Settings are the settings of kiva.yaml.
type Settings struct {
	Pos              Pos
	PartnerID        string     // digits; empty where the token may say it
	Environment      string     // Sandbox where the file names none
	CSVFormat        CSVFormat  // empty where the file names none
	RepaymentAmounts AmountMode // where the file names none: CumulativePrincipal on the sandbox, else ""
	JournalStatuses  []string   // statuses of loans that take journals; payingBack where the file names none
	Environments     map[string]Environment
	Ledger           string // as written; empty where the file names none
	LedgerPos        Pos    // of Ledger
	Limits           Limits
	Ignore           []string     // patterns of files and folders that hold no documents; ** is any number of folders
	Photos           photo.Limits // zero values stand for the photo package's defaults
	IDs              IDs
}

// IDs say which differences between two ids are real, so that they name different
// loans. Without a word of the partner, they are slips.
type IDs struct {
	Zeros bool // leading zeros
	Case  bool // capitals
}

// The differences, as kiva.yaml names them.
const (
	SignificantZeros = "zeros"
	SignificantCase  = "case"
)

// CSVFormat is PA2 > Account > Profile > CSV upload format; the same setting
// rules journals. Source: report_payments.md, post_journals.md.
type CSVFormat string

// The formats.
const (
	TwoColumn   CSVFormat = "two-column"   // loan id, amount
	ThreeColumn CSVFormat = "three-column" // loan id, client id, amount
)

// An AmountMode is the meaning of a repayment's amount for this partner. Kiva
// knows which: it can't be read through the API.
type AmountMode string

// The modes.
const (
	CumulativePrincipal  AmountMode = "cumulative-principal"  // all principal repaid so far (the default on the sandbox)
	OutstandingPrincipal AmountMode = "outstanding-principal" // all principal still owed
	PaidThisPeriod       AmountMode = "paid-this-period"      // what was repaid in the period alone
)

// Corrects reports whether a new upload of an amount replaces the one before. With
// another mode, or none, it could count twice.
func (m AmountMode) Corrects() bool { return m == CumulativePrincipal || m == OutstandingPrincipal }

// An Environment is a Kiva environment as kiva.yaml changes or makes it. What
// is empty comes from the preset of the same name, if there is one.
type Environment struct {
	Pos            Pos
	AddressPos     map[string]Pos // of each address that is set, by its key
	TokenURL       string
	Audience       string
	APIURL         string
	Issuer         string   // who gives tokens; its published metadata give the addresses that aren't set here
	Resource       string   // as the audience, for servers that go by RFC 8707
	Scopes         []string // what is asked for where the command doesn't know better
	JWKSURI        string   // where the issuer's keys are
	Introspection  string   // the address that says whether a token is good
	PublicURL      string   // Kiva's public API, without /v1
	JournalsPath   string   // partner or partners
	JournalsBody   string   // object or array
	ConnectTimeout time.Duration
	AnswerTimeout  time.Duration
	Ledger         string
	LedgerPos      Pos
	Today          Date // sandbox only: the day that the sandbox lives in
}

// Limits bound one apply; zero is no limit.
type Limits struct {
	Drafts, Journals, Repayments int
	Amount                       map[string]money.Amount // of drafts, by currency
}

// A Catalog holds a partner's configuration lists, as kept in catalog.yaml.
type Catalog struct {
	Pos        Pos
	AsOf       string
	Activities []Ref
	Themes     []Ref
	Locales    []Locale
	Locations  []Location
}

// A Locale is a pair of currency and language that the partner may use.
type Locale struct{ Currency, LanguageCode, LanguageName, LanguageID string }

// A Location is a place where the partner lends; FullName is "Town: Country".
type Location struct{ Country, Location, FullName string }
