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

// A column is a field that a cell can hold.
type column struct {
	name     string
	form     field.Form
	borrower bool   // a borrower's own field: each row of a group has one
	alias    string // Kiva's second name for the field
}

// columnsOf lists each kind's fields in the order in which they are written.
var columnsOf = map[Kind][]column{
	LoanDraft: slices.Concat(cellColumns(field.Borrower, true), cellColumns(field.LoanDraft.Fields, false)),
	Journal:   cellColumns(field.Journal.Fields, false),
	Repayment: cellColumns(field.Repayment, false),
}

// cellColumns selects the fields that fit in a cell.
func cellColumns(fields []field.Field, borrower bool) []column {
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

// requiredFields lists the fields that every row must have.
var requiredFields = map[Kind][]string{
	LoanDraft: {"loan_id", "amount"},
	Journal:   {"key", "internal_loan_id"},
	Repayment: {"loan_id", "amount"},
}

// instalmentColumn matches a column of the schedule: schedule_date_1,
// schedule_principal_1, schedule_interest_1, schedule_date_2…
var instalmentColumn = regexp.MustCompile(`^schedule_(date|principal|interest)_([1-9][0-9]{0,2})$`)

// columnOf returns the field of a name; case, spaces and punctuation don't
// matter.
func columnOf(kind Kind, name string) (column, bool) {
	folded := foldName(name)
	for _, f := range columnsOf[kind] {
		if foldName(f.name) == folded || f.alias != "" && foldName(f.alias) == folded {
			return f, true
		}
	}
	snake := strings.ToLower(strings.Join(strings.FieldsFunc(name, isJoin), "_"))
	if m := instalmentColumn.FindStringSubmatch(snake); m != nil && kind == LoanDraft {
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

// listFields lists a kind's fields for a hint.
func listFields(kind Kind) string {
	var all []string
	for _, f := range columnsOf[kind] {
		all = append(all, f.name)
	}
	if kind == LoanDraft {
		all = append(all, "schedule_date_1", "schedule_principal_1", "schedule_interest_1")
	}
	return strings.Join(all, ", ")
}

// valueNode returns a value as a YAML node of the field's type.
func (f column) valueNode(value string) *yaml.Node {
	switch f.form {
	case field.Amount, field.FromZero, field.AboveZero:
		return amountNode(value)
	case field.Day:
		return dateNode(value)
	case field.Truth, field.Truths:
		return boolNode(value)
	case field.ListID:
		return listIDNode(value)
	}
	return textNode(value)
}

// gatherSchedule orders a row's instalment columns by number, as a list.
func gatherSchedule(cells map[string]cell) (*yaml.Node, map[string]origin) {
	byNumber := map[int]map[string]cell{}
	for name, c := range cells {
		m := instalmentColumn.FindStringSubmatch(name)
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
	list, places := &yaml.Node{Kind: yaml.SequenceNode}, map[string]origin{}
	for i, n := range numbers {
		line := newFlowMapping()
		for _, key := range []string{"date", "principal", "interest"} {
			if c, ok := byNumber[n][key]; ok {
				putKey(line, key, c.column.valueNode(c.text))
				places[fmt.Sprintf("schedule[%d].%s", i, key)] = c.origin
				places[fmt.Sprintf("schedule[%d]", i)] = c.origin
			}
		}
		list.Content = append(list.Content, line)
	}
	return list, places
}
