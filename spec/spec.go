// Package spec holds the types of a workspace: its settings, and the loan drafts,
// journals and repayment reports that a partner wants Kiva to have, each with its
// position in a file, and the faults that were found in them.
//
// Package load reads a workspace into a [Set], by means of package yamldoc; package
// rule judges it, with the codes of package code.
package spec

import (
	"strconv"
	"strings"

	"kivaform/kiva/money"
)

// A Pos is a place in a file of the workspace. Lines and columns count from 1,
// from the top of the file; columns count characters.
type Pos struct {
	File   string // relative to the workspace, with slashes
	Line   int32
	Column int32
}

// String returns file:line:column, or the known parts of it.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return p.File + ":" + strconv.Itoa(int(p.Line))
	}
	return p.File + ":" + strconv.Itoa(int(p.Line)) + ":" + strconv.Itoa(int(p.Column))
}

// Short returns file:line, as a plan shows it.
func (p Pos) Short() string { return Pos{File: p.File, Line: p.Line}.String() }

// A Severity says whether a [Fault] stops everything.
type Severity int

// The severities.
const (
	Error Severity = iota
	Warning
)

// A Fault is a problem of the workspace, with its position and remedy.
type Fault struct {
	Code     string // "KF021", stable over releases
	Severity Severity
	Pos      Pos
	Path     string // "schedule[2].date"; empty where the fault is of the whole file
	Message  string // what is wrong, without the place
	Remedy   string // what to do; may be empty
	Address  Address

	// Case tells apart the sentences of a code that has several. With Args, which
	// the sentence fills in, it lets package message word the fault.
	Case string
	Args Args

	// Pending marks a fault that counts only while its item has not been sent:
	// a disbursal date of last year is wrong for a new draft, and of no
	// interest for one that Kiva has had since.
	Pending bool
}

// Error returns "file:line:column: path: what is wrong", in one line that is
// harmless to a terminal: a file's name may hold anything.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Pos.String())
	b.WriteString(": ")
	if f.Path != "" {
		b.WriteString(f.Path)
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	return Harmless(b.String())
}

// Hint returns the remedy in one line that is harmless to a terminal.
func (f *Fault) Hint() string { return Harmless(f.Remedy) }

// A Kind is a kind of document.
type Kind string

// The kinds.
const (
	KindLoanDraft       Kind = "LoanDraft"
	KindJournal         Kind = "Journal"
	KindRepaymentReport Kind = "RepaymentReport"
)

// A Resource is one thing that Kiva takes by itself: a [*LoanDraft] or a
// [*Journal]. Package field lists the fields of it that are sent.
type Resource interface {
	Address() Address
	Position() Pos
}

// A FieldKind says how a field's value reads.
type FieldKind int

// The kinds of fields.
const (
	Text   FieldKind = iota
	ID               // an identifier, never a number
	Money            // a local amount, as money.Amount.String
	Day              // YYYY-MM-DD
	Bool             // true or false
	Choice           // an id of a configuration list; Show holds its name
	Photo            // the SHA-256 of the file; Show says format and size
)

// A Field is one value of a request in its canonical form: the value as
// parsed, never as written.
type Field struct {
	Path     string // "entreps[0].amount"
	Value    string
	Compared string // in place of Value, where that has more than what is sent: of a photo's file, its metadata
	Show     string // for people, where it differs from Value
	Kind     FieldKind
	Personal bool // a name, a text or a face
}

// A LoanDraft is a loan draft of one borrower or of a group.
type LoanDraft struct {
	Pos Pos

	Entreps          []Entrep
	GroupName        string // groups only, as the next three
	InternalLoanID   string
	InternalClientID string
	NotPictured      []bool // one for each of Entreps

	Activity, Theme, Language Ref
	ClientWaiverSigned        *bool
	Currency                  string // ISO 4217
	Description               string
	DisburseTime              Date
	Image                     *Image
	ImageEncoded              string // a body of Kiva's own form: a data URI, or bare base64
	ImageURL                  string
	LoanUse                   string
	Location                  string // Kiva's full_name
	Schedule                  []Instalment

	// Fingerprint digests the fields that are sent, as the caller of package load
	// asked for it; it may be empty.
	Fingerprint string
}

// IsGroup reports whether the draft is for a group: more than one borrower.
func (d *LoanDraft) IsGroup() bool { return len(d.Entreps) > 1 }

// LoanID is the partner's id for the loan: the borrower's, or the group's.
func (d *LoanDraft) LoanID() string {
	if d.IsGroup() || len(d.Entreps) == 0 {
		return d.InternalLoanID
	}
	return d.Entreps[0].LoanID
}

// Address returns loan_draft/<loan id>.
func (d *LoanDraft) Address() Address { return DraftAddress(d.LoanID()) }

// Position returns where the document begins.
func (d *LoanDraft) Position() Pos { return d.Pos }

// Amount returns the sum of the borrowers' amounts, in local currency.
func (d *LoanDraft) Amount() money.Amount {
	var sum money.Amount
	for _, e := range d.Entreps {
		sum, _ = sum.Add(e.Amount) // package rule refuses what overflows
	}
	return sum
}

// Borrower returns a name for people: the group's, or the borrower's.
func (d *LoanDraft) Borrower() string {
	if d.IsGroup() {
		return d.GroupName
	}
	if len(d.Entreps) == 0 {
		return ""
	}
	return strings.TrimSpace(d.Entreps[0].FirstName + " " + d.Entreps[0].LastName)
}

// An Entrep is one borrower of a loan draft.
type Entrep struct {
	LoanID, ClientID    string
	FirstName, LastName string
	Gender              string
	Amount              money.Amount // local currency
}

// An Instalment is one line of a repayment schedule, in local currency.
type Instalment struct {
	Date                Date
	Principal, Interest money.Amount
}

// A Ref is an entry of one of the partner's configuration lists. Name is for
// people and may be empty; the id is what is sent.
type Ref struct{ ID, Name string }

// An Image is a photo file of the workspace.
type Image struct {
	File      string // relative to the workspace, with slashes
	Digest    string // SHA-256 of the file, in hex
	Picture   string // digest of the picture without the file's metadata, in hex
	MediaType string // of what is sent: image/jpeg or image/png
	Width     int    // of what is sent
	Height    int
	Bytes     int // of what is sent
}

// A Journal is one update on a loan that lenders will read.
type Journal struct {
	Pos      Pos
	Key      string // the partner's name for it, unique for its loan
	LoanID   string
	ClientID string // three-column partners
	Subject  string
	Body     string
	ImageURL string

	// Fingerprint digests the fields that are sent, as the caller of package load
	// asked for it; it may be empty.
	Fingerprint string
}

// Address returns journal/<loan id>/<key>.
func (j *Journal) Address() Address { return JournalAddress(j.LoanID, j.Key) }

// Position returns where the document begins.
func (j *Journal) Position() Pos { return j.Pos }

// A RepaymentReport holds the repayments of one period.
type RepaymentReport struct {
	Pos    Pos
	Period string // YYYY-MM
	File   string // the CSV file, or the document's own
	Rows   []Repayment
}

// Address returns repayments/<period>, which names the report's batches.
func (r *RepaymentReport) Address() Address { return ReportAddress(r.Period) }

// RowPos returns where row i stands.
func (r *RepaymentReport) RowPos(i int) Pos {
	return Pos{File: r.File, Line: r.Rows[i].Line, Column: r.Rows[i].Column}
}

// Total returns the sum of the rows, and false where no Amount can hold it.
func (r *RepaymentReport) Total() (sum money.Amount, ok bool) {
	for _, row := range r.Rows {
		if sum, ok = sum.Add(row.Amount); !ok {
			return sum, false
		}
	}
	return sum, true
}

// A Repayment is one row of a repayment report, in local currency.
type Repayment struct {
	LoanID, ClientID string
	Amount           money.Amount
	Line, Column     int32 // in the report's file
}

// A Set is all that a workspace says.
type Set struct {
	Dir         string // the workspace
	Environment string // the chosen one
	Today       Date   // by which dates were judged
	Settings    Settings
	Catalog     *Catalog // nil where there is no catalog.yaml
	Drafts      []*LoanDraft
	Journals    []*Journal
	Reports     []*RepaymentReport
	Faults      []*Fault // sorted by place
}
