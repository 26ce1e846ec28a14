package schema

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kivaform/spec/field"
)

// candidates are all words in the sources of packages field, load and rule that can be keys.
func candidates(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{"field", "load", "rule"} {
		found, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatal(dir, err)
		}
		files = append(files, found...)
	}
	isKey, found := regexp.MustCompile(`^[a-z][a-z_]*$`), map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if word, err := strconv.Unquote(l.Value); err == nil && isKey.MatchString(word) {
					found[word] = true
				}
			}
			return true
		})
	}
	for _, d := range All() {
		if d.Path != "" && !d.IsChosen() {
			found[d.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

var unknownKey = regexp.MustCompile(`^unknown key "([a-z_]+)"`)

// known asks spec which of some keys it knows in a mapping: all of them are
// written there, and it names those that it doesn't know. The text has the
// mapping where it says %s; path is where spec sees it.
func known(t *testing.T, file, text, path string, keys []string) []string {
	t.Helper()
	var pairs []string
	for _, key := range keys {
		pairs = append(pairs, key+": x")
	}
	set := loadFiles(t, map[string]string{file: fmt.Sprintf(text, "{"+strings.Join(pairs, ", ")+"}")})
	unknown := map[string]bool{}
	for _, f := range set.Faults {
		if m := unknownKey.FindStringSubmatch(f.Message); m != nil && f.Path == path {
			unknown[m[1]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return unknown[key] })
}

// The loader's keys are the documented ones, in every mapping that there is.
func TestEveryKeyIsDocumented(t *testing.T) {
	credentials := []string{"access_token", "api_key", "client_id", "client_secret", "password", "secret", "token"}
	words := candidates(t)
	for _, tt := range []struct {
		in, path, file, text, at string
	}{
		{"loan_draft", "", "a.yaml", "{kind: LoanDraft, <<: %s}", ""},
		{"loan_draft", "entreps", "a.yaml", "{kind: LoanDraft, entreps: [%s]}", "entreps[0]"},
		{"loan_draft", "schedule", "a.yaml", "{kind: LoanDraft, schedule: [%s]}", "schedule[0]"},
		{"journal", "", "a.yaml", "{kind: Journal, <<: %s}", ""},
		{"repayment_report", "", "a.yaml", "{kind: RepaymentReport, <<: %s}", ""},
		{"repayment_report", "repayments", "a.yaml", "{kind: RepaymentReport, repayments: [%s]}", "repayments[0]"},
		{"repayment_report", "expect", "a.yaml", "{kind: RepaymentReport, expect: %s}", "expect"},
		{"kiva.yaml", "", "kiva.yaml", "%s", ""},
		{"kiva.yaml", "limits", "kiva.yaml", "limits: %s", "limits"},
		{"kiva.yaml", "photos", "kiva.yaml", "photos: %s", "photos"},
		{"kiva.yaml", "ids", "kiva.yaml", "ids: %s", "ids"},
		{"kiva.yaml", "defaults", "kiva.yaml", "defaults: %s", "defaults"},
		{"kiva.yaml", "defaults.loan_draft", "kiva.yaml", "defaults: {loan_draft: %s}", "defaults.loan_draft"},
		{"kiva.yaml", "environments.sandbox", "kiva.yaml", "environments: {sandbox: %s}", "environments.sandbox"},
		{"kiva.yaml", "environments.NAME", "kiva.yaml", "environments: {pilot: %s}", "environments.pilot"},
		{"catalog.yaml", "", "catalog.yaml", "%s", ""},
		{"catalog.yaml", "activities", "catalog.yaml", "activities: [%s]", "activities[0]"},
		{"catalog.yaml", "themes", "catalog.yaml", "themes: [%s]", "themes[0]"},
		{"catalog.yaml", "locales", "catalog.yaml", "locales: [%s]", "locales[0]"},
		{"catalog.yaml", "locations", "catalog.yaml", "locations: [%s]", "locations[0]"},
	} {
		var documented []string
		for _, d := range All() {
			if d.In == tt.in && d.Path == tt.path {
				for _, f := range d.Fields {
					if !f.Refused {
						documented = append(documented, f.Name)
					}
				}
			}
		}
		slices.Sort(documented)
		keys := words
		if tt.file == "kiva.yaml" && tt.path == "" {
			keys = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "kind" })
		}
		got := slices.DeleteFunc(known(t, tt.file, tt.text, tt.at, keys), func(key string) bool {
			return tt.in == "kiva.yaml" && slices.Contains(credentials, key)
		})
		if d := cmp.Diff(got, documented); d != "" {
			t.Errorf("%s %s: known, documented:\n%s", tt.in, tt.path, d)
		}
	}
}

// Every mapping with documented keys is one that the test above knows of.
func TestEveryMappingIsCompared(t *testing.T) {
	var all []string
	for _, d := range All() {
		if len(d.Fields) > 0 && !d.Fields[0].IsChosen() {
			all = append(all, d.In+" "+d.Path)
		}
	}
	if len(all) != 21 { // the 20 above, and environments, whose keys are names
		t.Errorf("%d mappings: %s", len(all), strings.Join(all, ", "))
	}
}

// apiFields are the fields of the requests that Kiva's documents, its samples
// and its partners' programs know, and where each is in a document.
var apiFields = map[string][]string{
	"loan_draft": {
		"activity_id", "client_waiver_signed", "currency", "description", "description_language_id", "disburse_time",
		"entreps", "entreps.amount", "entreps.client_id", "entreps.loan_id", "entreps.first_name", "entreps.last_name", "entreps.gender",
		"group_name", "internal_client_id", "internal_loan_id", "not_pictured", "image_encoded", "image_url", "loanuse", "location",
		"schedule", "schedule.date", "schedule.principal", "schedule.interest", "theme_type_id",
		"schedule_parameters", "rep_person_id", "partner_token", "user_id", "uuid",
	},
	"repayment_report": {"repayments", "repayments.loan_id", "repayments.client_id", "repayments.amount"},
	"journal":          {"internal_loan_id", "internal_client_id", "subject", "body", "image_url"},
}

func TestEveryFieldOfTheAPIIsInTheSchema(t *testing.T) {
	data, err := Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Definitions map[string]any }
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	for in, paths := range apiFields {
		for _, path := range paths {
			if described(s.Definitions[in], strings.Split(path, ".")) == "" {
				t.Errorf("%s.%s isn't in the schema, or isn't described", in, path)
			}
		}
	}
}

// described returns the description of a property in a schema.
func described(s any, path []string) string {
	m, _ := s.(map[string]any)
	if len(path) == 0 {
		text, _ := m["description"].(string)
		return text
	}
	if either, ok := m["anyOf"].([]any); ok {
		return described(either[0], path)
	}
	if items, ok := m["items"]; ok {
		return described(items, path)
	}
	properties, _ := m["properties"].(map[string]any)
	return described(properties[path[0]], path[1:])
}

// Every field says what it is, in sentences, and has an example that it accepts
// itself.
func TestEveryFieldIsDescribed(t *testing.T) {
	for _, d := range All() {
		if !strings.HasSuffix(d.About, ".") {
			t.Errorf("%s: %q isn't a sentence", d, d.About)
		}
		for _, part := range []string{d.Needed, d.Default, d.AtKiva, d.Source} {
			if strings.HasSuffix(part, ".") {
				t.Errorf("%s: %q is a sentence", d, part)
			}
		}
		if d.Example == "" {
			if d.Path != "" && !d.Refused && d.Form != field.Empty {
				t.Errorf("%s has no example", d)
			}
			continue
		}
		data, err := json.Marshal(object{"$schema": draft, "definitions": object{"nothing": emptyValue}, "allOf": []object{lists{}.fieldSchema(&d.Field)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := compile(t, data).Validate(exampleValue(&d.Field)); err != nil {
			t.Errorf("%s doesn't accept its example: %v", d, err)
		}
	}
}
