// Package convert converts other programs' data to documents: the CSV of a
// management information system, a JSON body in Kiva's own form, or the loans
// that Kiva lists.
//
// It guesses nothing. A cell that a spreadsheet may have changed, a date in an
// unstated order, two ids that look alike: each is a fault at its line, and all
// of them are reported together. Documents that pass [Output.Check] load without
// a fault.
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

// A Kind is the kind of thing that each row of a file describes.
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
	File       string            // the name in faults
	Kind       Kind              // may be empty for JSON, whose keys tell the kind
	Columns    map[string]string // column name → field
	Set        map[string]string // field → value, for every document
	DateFormat string            // such as DD/MM/YYYY; empty: YYYY-MM-DD
	Known      Known
}

// An Output holds the converted documents. Write them only if [Output.Check]
// returns nil.
type Output struct {
	Warnings  []*spec.Fault
	faults    []*spec.Fault
	documents []document
	rows      int
	csv       bool // only CSV has a date format
}

// A document is one YAML document with the origins of its values.
type document struct {
	node    *yaml.Node
	pos     spec.Pos
	origins map[string]origin // by path, as in spec.Fault.Path
	comment string            // before the node, or alone if no document can be made
}

// An origin is the position and the name of a value in the converted file. For a
// value that a flag set, it is the position of the row, and the flag.
type origin struct {
	spec.Pos
	name string
	flag string // such as --set period=2026-11
}

// originOfSet returns the origin of a value of Options.Set.
func originOfSet(at spec.Pos, name, value string) origin {
	const width = 60 // the user's own long text needs no repeating
	if len(value) > width || strings.ContainsFunc(value, unicode.IsControl) {
		value = "…"
	}
	return origin{Pos: at, name: name, flag: fmt.Sprintf("--set %s=%s", name, value)}
}

// Rows returns the number of rows, or bodies, that were converted.
func (o *Output) Rows() int { return o.rows }

// Text returns the documents as one YAML file, the same bytes for the same
// input.
func (o *Output) Text() ([]byte, error) {
	text, _, err := o.render()
	return text, err
}

// render returns the text, and the line on which each document begins.
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
		one, err := encodeNode(d.node)
		if err != nil {
			return nil, nil, fmt.Errorf("write the document of %s: %w", d.pos, err)
		}
		b.Write(one)
	}
	return b.Bytes(), starts, nil
}

// A faults collects faults.
type faults struct{ list []*spec.Fault }

// Codes of faults in a file to convert.
const (
	codeFile    = "KF201" // not a readable CSV or JSON file
	codeColumns = "KF202" // columns that are missing, repeated or unknown
	codeDamage  = "KF203" // a cell that a spreadsheet has changed
	codeDate    = "KF204" // a date in another order than the stated one
	codeValue   = "KF205" // a value that can't be converted
	codeTwice   = "KF206" // two rows with one id
)

func (f *faults) add(code string, at origin, message, hint string) {
	f.list = append(f.list, &spec.Fault{Code: code, Pos: at.Pos, Path: at.name, Message: message, Remedy: hint})
}

// err returns the faults in the order of their positions, else nil.
func (f *faults) err() error { return joinFaults(f.list) }

func joinFaults(list []*spec.Fault) error {
	slices.SortStableFunc(list, func(a, b *spec.Fault) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	var all *multierror.Error
	for _, f := range list {
		all = multierror.Append(all, f)
	}
	return all.ErrorOrNil()
}

// joinReport combines all rows into one repayment report with its control total.
func joinReport(rows []document, set map[string]string) document {
	d := document{node: newMapping(), origins: map[string]origin{}}
	putKey(d.node, "kind", textNode(string(spec.KindRepaymentReport)))
	putKey(d.node, "period", textNode(set["period"]))
	list := &yaml.Node{Kind: yaml.SequenceNode}
	total, sound := money.Amount{}, true
	for i, row := range rows {
		row.node.Style = yaml.FlowStyle
		list.Content = append(list.Content, row.node)
		prefix := fmt.Sprintf("repayments[%d]", i)
		d.origins[prefix] = origin{Pos: row.pos}
		for path, p := range row.origins {
			d.origins[prefix+"."+path] = p
		}
		amount, err := money.Parse(findText(row.node, "amount"))
		if err == nil {
			total, sound = addAmount(total, amount, sound)
		}
		sound = sound && err == nil
	}
	putKey(d.node, "repayments", list)
	if sound { // otherwise Check returns a fault
		putKey(d.node, "expect", newFlowMapping("rows", intNode(fmt.Sprint(len(rows))), "total", textNode(total.String())))
	}
	if len(rows) > 0 {
		d.pos = rows[0].pos
	}
	d.origins["period"] = originOfSet(d.pos, "period", set["period"])
	return d
}

func addAmount(total, amount money.Amount, sound bool) (money.Amount, bool) {
	sum, ok := total.Add(amount)
	return sum, sound && ok
}
