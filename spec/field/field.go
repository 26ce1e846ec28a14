// Package field has the one table of the keys that a partner may write: of loan
// drafts, journals, repayment reports, kiva.yaml and catalog.yaml. Loading, the
// cache of checked files, formatting, converting, the schema, kivaform explain, the
// fingerprints and the labels of the views all read it.
//
// To add a field that Kiva takes: a member of the type in package spec, and one
// entry here, at the place where it stands in a file. Its Value makes it loaded,
// kept and sent.
package field

import (
	"strings"

	"kivaform/spec"
)

// A Field is one key of a document. The fields of a mapping are in the order in
// which they stand in a formatted file.
type Field struct {
	Name    string // in capitals where the partner chooses the key: NAME
	Form    Form
	About   string   // meaning and purpose, in plain sentences
	Needed  string   // "always", or when; empty where it may always be absent
	Default string   // the value if it is absent; may be empty
	Example string   // a value, in YAML
	AtKiva  string   // the field of Kiva's API that it becomes; empty where it isn't sent
	Source  string   // of the statements about Kiva
	Choices []string // of a [Choice], or of each of [Texts]
	Keys    string   // a pattern of the keys that the partner chooses
	List    string   // the list of catalog.yaml that it is looked up in: "activities" and so on
	Fields  []Field  // of a [Mapping], or of each mapping of a [List]
	Refused bool     // a key of Kiva's documents that kivaform doesn't take; About says why

	Label    string // for people, in English; empty where no view shows it
	Personal bool   // a name, a text or a face: views mask it
	Shared   bool   // many drafts may have it in common, so that kiva.yaml can give it under defaults
	ByName   string // of a [ListID]: the key that gives the same by name
	Alias    string // another of Kiva's names for it, as the header of a column may say it
	SentAs   string // its place among the fields that are sent, in place of Name; see [Append]

	// Value returns a pointer to the member of a [*spec.LoanDraft], [*spec.Entrep],
	// [*spec.Instalment] or [*spec.Journal] that holds the field. It is nil for a key
	// that isn't held as it is.
	Value func(owner any) any
}

// member returns the Value of a field that is held in a member of T.
func member[T, V any](of func(*T) *V) func(any) any {
	return func(owner any) any { return of(owner.(*T)) }
}

// A Form is the syntax of a value.
type Form int

// The forms.
const (
	Text     Form = iota
	ID            // of anything
	LoanID        // the partner's own id of a loan
	ClientID      // the partner's own id of a borrower or group
	Digits
	ListID
	Amount    // any
	FromZero  // an amount of zero or more
	AboveZero // an amount
	Day
	Month
	Truth
	Count
	Address
	File
	Encoded // a photo in base64
	Duration
	Currency
	Gender
	Choice
	Version
	Texts
	Truths
	Empty // a key that may stand here without a value only
	Mapping
	List
)

const always = "always"

// Required reports whether a document without the key is refused, whatever
// else it says.
func (f Field) Required() bool { return f.Needed == always }

// IsChosen reports whether the partner chooses the key.
func (f Field) IsChosen() bool { return f.Name == strings.ToUpper(f.Name) }

// kindField documents the key by which documents are told apart.
func kindField(kind spec.Kind) Field {
	return Field{Name: "kind", Form: Choice, Choices: []string{string(kind)}, Needed: always, Example: string(kind), About: KindAbout}
}

// KindAbout explains the key kind.
const KindAbout = "What the document is. Only the settings of kiva.yaml and the lists of catalog.yaml have no kind."
