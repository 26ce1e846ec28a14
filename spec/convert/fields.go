package convert

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kivaform/spec/field"

	"gopkg.in/yaml.v3"
)

// A column is one field of a document that a cell can hold.
type column struct {
	name     string
	form     field.Form
	borrower bool   // of one borrower, so each row of a group has its own
	alias    string // another of Kiva's names for the same thing
}

// columnsOf are the fields of each kind, in the order in which they are written.
var columnsOf = map[Kind][]column{
	LoanDraft: slices.Concat(columns(field.Borrower, true), columns(field.LoanDraft.Fields, false)),
	Journal:   columns(field.Journal.Fields, false),
	Repayment: columns(field.Repayment, false),
}

// columns returns the fields that a cell can hold.
func columns(fields []field.Field, borrower bool) []column {
	var all []column
	for i := range fields {
		f := &fields[i]
		if f.Name == "kind" || f.Refused {
			continue
		}
		switch f.Form {
		case field.List, field.Mapping, field.Encoded:
			continue
		}
		all = append(all, column{f.Name, f.Form, borrower || f.Form == field.Truths, f.Alias})
	}
	return all
}

// needed are the fields without which a row means nothing.
var needed = map[Kind][]string{
	LoanDraft: {"loan_id", "amount"},
	Journal:   {"key", "internal_loan_id"},
	Repayment: {"loan_id", "amount"},
}

// instalment matches a column of the schedule: schedule_date_1,
// schedule_principal_1, schedule_interest_1, schedule_date_2…
var instalment = regexp.MustCompile(`^schedule_(date|principal|interest)_([1-9][0-9]{0,2})$`)

// columnOf returns the field of a name, as people write it.
func columnOf(kind Kind, name string) (column, bool) {
	folded := foldName(name)
	for _, f := range columnsOf[kind] {
		if foldName(f.name) == folded || f.alias != "" && foldName(f.alias) == folded {
			return f, true
		}
	}
	snake := strings.ToLower(strings.Join(strings.FieldsFunc(name, isJoin), "_"))
	if m := instalment.FindStringSubmatch(snake); m != nil && kind == LoanDraft {
		f := column{name: snake, form: field.Amount}
		if m[1] == "date" {
			f.form = field.Day
		}
		return f, true
	}
	return column{}, false
}

func isJoin(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' }

func foldName(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, isJoin), ""))
}

// names lists the fields of a kind, for a hint.
func names(kind Kind) string {
	var all []string
	for _, f := range columnsOf[kind] {
		all = append(all, f.name)
	}
	if kind == LoanDraft {
		all = append(all, "schedule_date_1", "schedule_principal_1", "schedule_interest_1")
	}
	return strings.Join(all, ", ")
}

// node returns a value as YAML.
func (f column) node(value string) *yaml.Node {
	switch f.form {
	case field.Amount, field.FromZero, field.AboveZero:
		return amount(value)
	case field.Day:
		return date(value)
	case field.Truth, field.Truths:
		return boolean(value)
	case field.ListID:
		return number(value)
	}
	return text(value)
}

// schedule gathers the numbered columns of a row into a list, by their numbers.
func schedule(cells map[string]cell) (*yaml.Node, map[string]place) {
	byNumber := map[int]map[string]cell{}
	for name, c := range cells {
		m := instalment.FindStringSubmatch(name)
		if m == nil || c.text == "" {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		if byNumber[n] == nil {
			byNumber[n] = map[string]cell{}
		}
		byNumber[n][m[1]] = c
	}
	var numbers []int
	for n := range byNumber {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	list, places := &yaml.Node{Kind: yaml.SequenceNode}, map[string]place{}
	for i, n := range numbers {
		line := flow()
		for _, key := range []string{"date", "principal", "interest"} {
			if c, ok := byNumber[n][key]; ok {
				put(line, key, c.column.node(c.text))
				places[fmt.Sprintf("schedule[%d].%s", i, key)] = c.place
				places[fmt.Sprintf("schedule[%d]", i)] = c.place
			}
		}
		list.Content = append(list.Content, line)
	}
	return list, places
}
