package schema

import (
	"maps"
	"strings"

	"kivaform/spec/field"
)

// Patterns mean the same in Go and in JavaScript.
const (
	control = `\x00-\x1f\x7f-\x9f`
	year    = `(197[1-9]|19[89][0-9]|[2-9][0-9]{3})`
	cents   = `(\.[0-9]{1,2}0*)?`
)

// A formLook is a form's description and its keywords. Numbers have no multipleOf:
// programs that calculate with floats would refuse valid amounts.
type formLook struct {
	words    string
	keywords object
}

// idLook is the look of every kind of id.
var idLook = formLook{"an id; in quotes where it begins with a zero or looks like a number, a date or a truth value", object{
	"type": []string{"string", "integer"}, "minimum": 0,
	"pattern":      `^[^\s` + control + `]([^` + control + `]*[^\s` + control + `])?$`,
	"errorMessage": "an id is expected here: one line, in quotes where YAML would change it"}}

// textLook is the look of a text, and of a photo in base64.
var textLook = formLook{"text", object{
	"type": []string{"string", "number", "boolean"}, "pattern": `^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$`,
	"errorMessage": "a text is expected here, without control characters"}}

var formLooks = map[field.Form]formLook{
	field.Text: textLook, field.Encoded: textLook,
	field.ID: idLook, field.LoanID: idLook, field.ClientID: idLook,
	field.Digits: {"digits, best in quotes", object{
		"type": []string{"string", "integer"}, "minimum": 0, "pattern": `^[0-9]+$`,
		"errorMessage": "digits are expected here"}},
	field.ListID: {"a whole number of Kiva's list", object{
		"type": []string{"string", "integer"}, "minimum": 0, "pattern": `^(0|[1-9][0-9]*)$`,
		"errorMessage": "a whole number of Kiva's list is expected here"}},
	field.Amount:    {"an amount: digits, with a point before at most two decimals", amountKeywords(`^(-[0-9]+|0|[1-9][0-9]{0,11})`+cents+`$`, nil)},
	field.FromZero:  {"an amount of zero or more: digits, with a point before at most two decimals", amountKeywords(`^(-0+(\.0+)?|(0|[1-9][0-9]{0,11})`+cents+`)$`, object{"minimum": 0})},
	field.AboveZero: {"an amount above zero: digits, with a point before at most two decimals", amountKeywords(`^(0\.([1-9][0-9]?|0[1-9])0*|[1-9][0-9]{0,11}`+cents+`)$`, object{"exclusiveMinimum": 0})},
	field.Day: {"a date as YYYY-MM-DD", patternKeywords(`^`+year+`-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`,
		"a date is expected here, as 2026-12-31")},
	field.Month: {"a month as YYYY-MM", patternKeywords(`^`+year+`-(0[1-9]|1[0-2])$`, "a month is expected here, as 2026-11")},
	field.Truth: {"true or false", object{"type": "boolean", "errorMessage": "true or false is expected here, without quotes"}},
	field.Count: {"a whole number from 0 on", object{
		"type": []string{"integer", "string"}, "minimum": 0, "pattern": `^(0|[1-9][0-9]*)$`, "errorMessage": "a whole number is expected here"}},
	field.Address: {"a web address", patternKeywords(`^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]`, "a web address is expected here, in full, with https://")},
	field.File: {"the path of a file, relative to the file that names it, with / between folders", object{
		"type": []string{"string", "number", "boolean"}, "pattern": `^[^/\\][^\\]*$`,
		"errorMessage": "a path is expected here, relative to this file, with / between folders"}},
	field.Duration: {"a length of time: 90s, 2m, 1h30m", patternKeywords(`^\+?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`, "a length of time is expected here, as 90s or 2m")},
	field.Currency: {"the three letters of a currency (ISO 4217)", patternKeywords(`^[A-Z]{3}$`, "the three letters of a currency are expected here: KES")},
	field.Gender: {"female, male or unknown", object{
		"anyOf": []object{
			{"enum": []string{"female", "male", "unknown"}, "errorMessage": "female, male or unknown is expected here"},
			{"type": "string", "pattern": `^([Ff][Ee])?[Mm][Aa][Ll][Ee]$|^[Uu][Nn][Kk][Nn][Oo][Ww][Nn]$`},
		}}},
	field.Version: {"1", object{"enum": []any{1, "1"}, "errorMessage": "this kivaform reads version 1"}},
	field.Texts: {"a list of texts", object{
		"type": "array", "items": object{"type": []string{"string", "number", "boolean"}, "pattern": "."}, "errorMessage": "a list of texts is expected here"}},
	field.Truths: {"a list of true and false", object{
		"type": "array", "items": object{"type": "boolean", "errorMessage": "true or false is expected here, without quotes"}, "errorMessage": "a list of true and false is expected here"}},
	field.Empty:   {"nothing", object{"type": "string", "pattern": "^$", "errorMessage": "only the sandbox takes this"}},
	field.Choice:  {"one of a few words", nil},
	field.Mapping: {"keys with values", nil},
	field.List:    {"a list of keys with values", nil},
}

// amountKeywords returns the keywords of an amount with an additional bound.
func amountKeywords(pattern string, bound object) object {
	s := object{
		"type": []string{"number", "string"}, "pattern": pattern, "exclusiveMaximum": 1_000_000_000_000,
		"errorMessage": "an amount is expected here: digits, with a point before at most two decimals",
	}
	maps.Copy(s, bound)
	return s
}

func patternKeywords(pattern, message string) object {
	return object{"type": "string", "pattern": pattern, "errorMessage": message}
}

// Words describes the field's values.
func (d Doc) Words() string {
	switch {
	case len(d.Choices) > 0:
		return strings.Join(d.Choices, ", ")
	case d.Refused:
		return ""
	}
	return formLooks[d.Form].words
}

// keywordsOf returns the schema of a form that contains no other fields.
func keywordsOf(f *field.Field) object {
	if f.Form == field.Choice {
		return object{"enum": f.Choices, "errorMessage": strings.Join(f.Choices, " or ") + " is expected here"}
	}
	words := maps.Clone(formLooks[f.Form].keywords)
	if f.Form == field.Texts && len(f.Choices) > 0 {
		words["items"] = object{"enum": f.Choices, "errorMessage": strings.Join(f.Choices, " or ") + " is expected here"}
	}
	return words
}

// emptyValue matches an absent value: null, or an empty text. It names no type,
// because editors would offer it.
var emptyValue = object{"pattern": "^$", "not": object{"type": []string{"boolean", "number", "array", "object"}}}

// orEmpty returns a schema that accepts an empty value, too: a key without a
// value is null in YAML.
func orEmpty(s object) object { return object{"anyOf": []object{s, referTo("nothing")}} }
