package convert

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A sort says how the text of a cell becomes a value.
type sort int

const (
	asText sort = iota
	asLoanID
	asClientID
	asAmount
	asDate
	asBool
	asNumber
	asGender
)

// A field is one value of a document, under Kiva's own name.
type field struct {
	name     string
	sort     sort
	borrower bool   // of one borrower, so each row of a group has its own
	alias    string // another of Kiva's names for the same thing
}

// fieldsOf are the fields of each kind, in the order in which they are written.
var fieldsOf = map[Kind][]field{
	LoanDraft: {
		{name: "loan_id", sort: asLoanID, borrower: true},
		{name: "client_id", sort: asClientID, borrower: true},
		{name: "first_name", borrower: true},
		{name: "last_name", borrower: true},
		{name: "gender", sort: asGender, borrower: true},
		{name: "amount", sort: asAmount, borrower: true},
		{name: "not_pictured", sort: asBool, borrower: true},
		{name: "group_name"},
		{name: "internal_loan_id", sort: asLoanID},
		{name: "internal_client_id", sort: asClientID},
		{name: "activity", alias: "activity_name"},
		{name: "activity_id", sort: asNumber},
		{name: "theme", alias: "theme_type"},
		{name: "theme_type_id", sort: asNumber},
		{name: "description_language"},
		{name: "description_language_id", sort: asNumber},
		{name: "client_waiver_signed", sort: asBool},
		{name: "currency"},
		{name: "location"},
		{name: "loanuse"},
		{name: "description"},
		{name: "disburse_time", sort: asDate},
		{name: "image"},
		{name: "image_url"},
	},
	Journal: {
		{name: "key"},
		{name: "internal_loan_id", sort: asLoanID, alias: "loan_id"},
		{name: "internal_client_id", sort: asClientID, alias: "client_id"},
		{name: "subject"},
		{name: "body"},
		{name: "image_url"},
	},
	Repayment: {
		{name: "loan_id", sort: asLoanID, alias: "internal_loan_id"},
		{name: "client_id", sort: asClientID, alias: "internal_client_id"},
		{name: "amount", sort: asAmount},
	},
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

// fieldOf returns the field of a name, as people write it.
func fieldOf(kind Kind, name string) (field, bool) {
	folded := foldName(name)
	for _, f := range fieldsOf[kind] {
		if foldName(f.name) == folded || f.alias != "" && foldName(f.alias) == folded {
			return f, true
		}
	}
	snake := strings.ToLower(strings.Join(strings.FieldsFunc(name, isJoin), "_"))
	if m := instalment.FindStringSubmatch(snake); m != nil && kind == LoanDraft {
		f := field{name: snake, sort: asAmount}
		if m[1] == "date" {
			f.sort = asDate
		}
		return f, true
	}
	return field{}, false
}

func isJoin(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' }

func foldName(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, isJoin), ""))
}

// names lists the fields of a kind, for a hint.
func names(kind Kind) string {
	var all []string
	for _, f := range fieldsOf[kind] {
		all = append(all, f.name)
	}
	if kind == LoanDraft {
		all = append(all, "schedule_date_1", "schedule_principal_1", "schedule_interest_1")
	}
	return strings.Join(all, ", ")
}

// node returns a value as YAML.
func (f field) node(value string) *yaml.Node {
	switch f.sort {
	case asAmount:
		return amount(value)
	case asDate:
		return date(value)
	case asBool:
		return boolean(value)
	case asNumber:
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
				put(line, key, c.field.node(c.text))
				places[fmt.Sprintf("schedule[%d].%s", i, key)] = c.place
				places[fmt.Sprintf("schedule[%d]", i)] = c.place
			}
		}
		list.Content = append(list.Content, line)
	}
	return list, places
}
