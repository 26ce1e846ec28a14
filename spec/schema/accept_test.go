package schema

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/load"
)

// exampleFiles returns the YAML files of the examples that are a workspace's.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	used := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("..", "..", "examples"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "kiva.yaml" {
			return err
		}
		set, err := load.Workspace(t.Context(), filepath.Dir(path), load.Options{})
		if err != nil {
			return err
		}
		for _, file := range append(sources(set), "kiva.yaml", "catalog.yaml") {
			used[filepath.Join(set.Dir, filepath.FromSlash(file))] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for file := range used {
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// sources are the files that hold a workspace's documents.
func sources(set *spec.Set) []string {
	var files []string
	for _, d := range set.Drafts {
		files = append(files, d.Pos.File)
	}
	for _, j := range set.Journals {
		files = append(files, j.Pos.File)
	}
	for _, r := range set.Reports {
		files = append(files, r.Pos.File)
	}
	return files
}

func TestTheExamplesAreAccepted(t *testing.T) {
	s, n := compiled(t, nil), 0
	for _, file := range exampleFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range documents(t, string(data)) {
			n++
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d documents were found", n)
	}
}

func TestTheDocumentationIsAccepted(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "cmd", "kivaform", "internal", "help", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var data []byte
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, text...)
	}
	s, n := compiled(t, nil), 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		for _, doc := range documents(t, block[1]) {
			m, ok := doc.(map[string]any)
			if !ok {
				continue // a list of decisions, which isn't a file of the workspace
			}
			if m["kind"] == nil {
				m["version"] = "1" // a part of kiva.yaml
			}
			n++
			if err := s.Validate(m); err != nil {
				t.Errorf("%v in\n%s", err, block[1])
			}
		}
	}
	if n < 6 {
		t.Errorf("only %d documents were found", n)
	}
}

// accepted are documents in every form that spec reads.
var accepted = []string{
	"version: 1",
	"version: \"1\"\npartner_id: 145\nenvironments: {staging: , pilot: {connect_timeout: 1m30s, scopes: [a, 1]}, sandbox: {today: 2026-11-20}}",
	"version: 1\nlimits: {drafts: \"7\", journals: , amount: {KES: 20000000.50, UGX: \"5\"}}\nignore: []\ndefaults: {loan_draft: {theme_type_id: 0, location: x}}",
	"version: 1\nenvironments: {pilot: {token_url: \"HTTP://x\", today: }}",
	"kind: LoanDraft\nentreps: [{loan_id: 1042, amount: 50000.50, gender: FEMALE}]",
	"kind: LoanDraft\nentreps: [{loan_id: \"00884\", amount: \"50000.00\", last_name: 5, first_name: true}]\nactivity_id: \"61\"\nimage: ",
	"kind: LoanDraft\nentreps: [{loan_id: 'L 1 / ñ', amount: 0.05}]\nactivity: Dairy\nactivity_id: \"\"\ngroup_name: \"\"\nnot_pictured: []",
	"kind: LoanDraft\nentreps: [{amount: 1, loan_id: L-1}, {amount: 2}]\ngroup_name: G\ninternal_loan_id: G-1\nnot_pictured: [true, false]",
	"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 1}]\nimage_encoded: data:image/png;base64,iVBORw0KGgo=\nschedule: [{date: 2027-01-05}, {date: '2027-02-05', principal: -1, interest: 1.50000}]",
	"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 1}]\nimage_url: http://x\ndescription: |\n  Two\n\n  lines.\nclient_waiver_signed: ",
	"kind: Journal\nkey: 2026-11-visit\ninternal_loan_id: L-1\nsubject: 2026",
	"kind: Journal\nkey: a\ninternal_loan_id: L-1\nbody: x\nimage_url: \"\"",
	"kind: RepaymentReport\nperiod: 2026-11\nrepayments: [{loan_id: L-1, amount: 0}, {loan_id: L-2, client_id: 5, amount: \"12.50\"}]\nexpect: {rows: 2, total: 12.50}",
	"activities: [{activity_id: 61, activity: Dairy}]\nthemes: \nlocales: []",
	"as_of: 2026-11-01\nlocations: [{full_name: \"Nakuru: Kenya\"}]",
}

func TestEveryFormIsAccepted(t *testing.T) {
	s := compiled(t, nil)
	for _, text := range accepted {
		if err := s.Validate(documents(t, text)[0]); err != nil {
			t.Errorf("%v of\n%s", err, text)
		}
		file := "a.yaml"
		if !strings.HasPrefix(text, "kind") {
			file = "kiva.yaml"
		}
		if strings.Contains(text, "activities:") || strings.Contains(text, "locations:") {
			file = "catalog.yaml"
		}
		for _, f := range loadFiles(t, map[string]string{file: text}).Faults {
			if f.Severity == spec.Error && f.Code != "KF032" { // there is no catalogue
				t.Errorf("%s %v, of\n%s", f.Code, f, text)
			}
		}
	}
}
