// Package convert turns what another program exports into documents: the CSV of
// a management information system, a JSON body in Kiva's own form, or the loans
// that Kiva lists.
//
// Nothing is guessed. A cell that a spreadsheet may have changed, a date whose
// order nobody has told, an id that looks like another one: each is a fault at
// its line, and all of them are found at once. What is written loads without a
// fault.
package convert

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/go-multierror"
	"gopkg.in/yaml.v3"

	"kivaform/kiva/money"
	"kivaform/spec"
)

// A Kind is what the rows of a file are.
type Kind string

// The kinds.
const (
	LoanDraft Kind = "loan-draft"
	Journal   Kind = "journal"
	Repayment Kind = "repayment"
)

// Kinds lists the kinds.
var Kinds = []Kind{LoanDraft, Journal, Repayment}

// Options say how to read a file.
type Options struct {
	File       string            // the name that faults give
	Kind       Kind              // of a JSON body it may be empty: its keys say it
	Columns    map[string]string // the name of a column → the field that it is
	Set        map[string]string // fields that every document has
	DateFormat string            // as DD/MM/YYYY; dates are YYYY-MM-DD where it is empty
	Known      Known             // ids that exist
}

// An Output is the documents that came of a file. They may be written once
// [Output.Check] has found nothing.
type Output struct {
	Warnings  []*spec.Fault
	faults    []*spec.Fault
	documents []document
	rows      int
	csv       bool // so that a date format can be told
}

// A document is one YAML document, and where its parts came from.
type document struct {
	node    *yaml.Node
	pos     spec.Pos
	places  map[string]place // by path, as spec names paths
	comment string           // in place of the node, where there can be no document
}

// A place is where a value stood, and what it was called there. A value that a
// flag gave has the place of the row that took it, and the flag.
type place struct {
	spec.Pos
	name string
	flag string // as --set period=2026-11
}

// setPlace is the place of a value of Options.Set.
func setPlace(at spec.Pos, name, value string) place {
	const width = 60 // what is longer, nobody needs to read again
	if len(value) > width || strings.ContainsFunc(value, unicode.IsControl) {
		value = "…"
	}
	return place{Pos: at, name: name, flag: fmt.Sprintf("--set %s=%s", name, value)}
}

// Rows returns how many rows, or bodies, were converted.
func (o *Output) Rows() int { return o.rows }

// Text returns the documents as one YAML file. The same input makes the same
// text.
func (o *Output) Text() ([]byte, error) {
	text, _, err := o.render()
	return text, err
}

// render returns the text, and the line at which each document begins.
func (o *Output) render() (text []byte, starts []int, err error) {
	var b bytes.Buffer
	for i, d := range o.documents {
		if i > 0 {
			b.WriteString("---\n")
		}
		starts = append(starts, bytes.Count(b.Bytes(), []byte("\n"))+1)
		b.WriteString(d.comment)
		if d.node == nil {
			continue
		}
		one, err := encode(d.node)
		if err != nil {
			return nil, nil, fmt.Errorf("write the document of %s: %w", d.pos, err)
		}
		b.Write(one)
	}
	return b.Bytes(), starts, nil
}

// A faults collects what is wrong.
type faults struct{ list []*spec.Fault }

// Codes of what is wrong with a file that is converted.
const (
	codeFile    = "KF201" // not a CSV or JSON file that can be read
	codeColumns = "KF202" // columns that are missing, twice or of no known name
	codeDamage  = "KF203" // a cell that a spreadsheet has changed
	codeDate    = "KF204" // a date that isn't in the order that was told
	codeValue   = "KF205" // a value that can't be converted
	codeTwice   = "KF206" // the same thing in two rows
)

func (f *faults) add(code string, at place, message, hint string) {
	f.list = append(f.list, &spec.Fault{Code: code, Pos: at.Pos, Path: at.name, Message: message, Remedy: hint})
}

// err returns the faults in the order of their places, nil where there are
// none.
func (f *faults) err() error { return asError(f.list) }

func asError(list []*spec.Fault) error {
	slices.SortStableFunc(list, func(a, b *spec.Fault) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	var all *multierror.Error
	for _, f := range list {
		all = multierror.Append(all, f)
	}
	return all.ErrorOrNil()
}

// report makes one document of all rows of a repayment report, with the control
// total that they come to.
func report(rows []document, set map[string]string) document {
	d := document{node: mapping(), places: map[string]place{}}
	put(d.node, "kind", text(string(spec.KindRepaymentReport)))
	put(d.node, "period", text(set["period"]))
	list := &yaml.Node{Kind: yaml.SequenceNode}
	total, sound := money.Amount{}, true
	for i, row := range rows {
		row.node.Style = yaml.FlowStyle
		list.Content = append(list.Content, row.node)
		prefix := fmt.Sprintf("repayments[%d]", i)
		d.places[prefix] = place{Pos: row.pos}
		for path, p := range row.places {
			d.places[prefix+"."+path] = p
		}
		amount, err := money.Parse(valueOf(row.node, "amount"))
		if err == nil {
			total, sound = addTo(total, amount, sound)
		}
		sound = sound && err == nil
	}
	put(d.node, "repayments", list)
	if sound { // otherwise there is a fault, and nothing is written
		put(d.node, "expect", flow("rows", integer(fmt.Sprint(len(rows))), "total", text(total.String())))
	}
	if len(rows) > 0 {
		d.pos = rows[0].pos
	}
	d.places["period"] = setPlace(d.pos, "period", set["period"])
	return d
}

func addTo(total, amount money.Amount, sound bool) (money.Amount, bool) {
	sum, ok := total.Add(amount)
	return sum, sound && ok
}
