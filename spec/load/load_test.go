package load

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/field"
)

var update = flag.Bool("update", false, "write what comes out into testdata")

// TestFaults loads each workspace of testdata and compares its faults, with
// their places, messages and hints.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no workspaces in testdata", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			workspace, want, ok := strings.Cut(string(data), "-- faults --\n")
			if !ok {
				t.Fatal("the last file must be faults")
			}
			got := describe(load(t, workspace))
			if *update {
				write(t, file, workspace+"-- faults --\n"+got)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// load writes the files of a workspace, each below a line "-- name --", and
// loads it.
func load(t testing.TB, workspace string) *spec.Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range archived(workspace) {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	set, err := Workspace(t.Context(), dir, Options{Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func archived(text string) map[string]string {
	files := map[string]string{}
	for part := range strings.SplitSeq("\n"+text, "\n-- ") {
		if name, content, ok := strings.Cut(part, " --\n"); ok {
			files[name] = content + "\n"
		}
	}
	return files
}

func testNow() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }

func describe(s *spec.Set) string {
	var b strings.Builder
	for _, f := range s.Faults {
		severity := "error"
		if f.Severity == spec.Warning {
			severity = "warning"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", f.Code, severity, hint.Text(f))
	}
	return b.String()
}

// TestEveryCodeIsShown holds testdata against the table of codes: each has a
// title, and a workspace that shows it.
func TestEveryCodeIsShown(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	var all strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	elsewhere := []string{code.Workspace.String(), code.Unreadable.String(), code.Encoding.String(), code.Overflow.String(), code.TooMany.String()} // in tests of their own
	for _, e := range code.Explanations() {
		if e.Title == "" {
			t.Errorf("%s has no title", e.Code)
		}
		if !slices.Contains(elsewhere, e.Code) && !strings.Contains(all.String(), "\n"+e.Code+" ") {
			t.Errorf("no workspace of testdata shows %s (%s)", e.Code, e.Title)
		}
	}
}

const fullWorkspace = `
-- kiva.yaml --
version: 1
partner_id: "145"
environment: pilot
csv_format: three-column
repayment_amounts: outstanding-principal
journal_statuses: [payingBack, raised]
environments:
  staging:
  sandbox: {today: 2026-11-20}
  pilot:
    token_url: https://auth.example.org/oauth/token
    audience: https://api.example.org
    api_url: https://api.example.org
    journals_path: partners
    journals_body: array
    connect_timeout: 5s
    answer_timeout: 3m
    ledger: ./pilot
ledger: ./ledger
limits: {drafts: 200, journals: 50, repayments: 3000, amount: {KES: "20000000"}}
ignore: ["docs/**", "*.draft.yaml"]
photos: {max_pixels: 1600, max_bytes: 500000}
defaults:
  loan_draft:
    currency: KES
    theme: general
    description_language: English
    client_waiver_signed: true
    location: "nakuru : kenya"
-- catalog.yaml --
as_of: 2026-11-01T00:00:00Z
activities: [{activity_id: 61, activity: Dairy}, {activity_id: 75, activity: Café}]
themes: [{theme_type_id: 48, theme_type: General}]
locales: [{currency: KES, language_code: en, language_name: English, language_id: 1}, {currency: USD, language_code: en, language_name: English, language_id: 1}]
locations: [{country: Kenya, location: Nakuru, full_name: "Nakuru : Kenya"}]
-- loans/a.yaml --
# A draft of one borrower, with an alias and a merge key.
kind: LoanDraft
entreps:
  - {loan_id: 1042, client_id: "00884", first_name: Mary, last_name: Wanjiku, gender: Female, amount: 50000.50}
activity: cafe
loanuse: to buy a second oven
disburse_time: 2026-12-01
description: |
  Mary keeps a café.
  It is small.
image_url: https://www.example.org/1.jpg
schedule:
  - &first {date: 2027-01-05, principal: 25000.25, interest: 750}
  - {<<: *first, date: "2027-02-05"}
---
# A group.
kind: LoanDraft
entreps:
  - {first_name: Amina, amount: "100"}
  - {first_name: Zuhra, amount: 200}
group_name: Tumaini
internal_loan_id: LOAN/12/2026
internal_client_id: G-7
not_pictured: [false, true]
activity_id: 61
loanuse: to buy seeds
disburse_time: 2026-12-01
description: They farm together.
image_encoded: data:image/png;base64,iVBORw0KGgo=
schedule: [{date: 2027-01-05, principal: 300}]
-- docs/other.yaml --
not: ours
-- old.draft.yaml --
not: ours
-- ledger/x.yaml --
not: ours
-- pilot/x.yaml --
not: ours
-- .hidden/x.yaml --
not: ours
-- other/kiva.yaml --
version: 1
-- other/x.yaml --
not: ours
-- journals.yml --
kind: Journal
key: 2026-11-visit
internal_loan_id: L-0871
internal_client_id: C-1
subject: A new cowshed
body: >
  It rained, but the
  cowshed is dry.
-- reports/11.yaml --
kind: RepaymentReport
period: 2026-11
csv: ../csv/11.csv
expect: {rows: 2, total: "1234567.50"}
-- csv/11.csv --
loan_id,client_id,amount
L-1,C-1,1234567
L-2,C-2,0.50
`

func TestLoad(t *testing.T) {
	s := load(t, fullWorkspace)
	var skipped []string
	for _, f := range s.Faults {
		if f.Code != "KF019" {
			t.Fatal(describe(s))
		}
		skipped = append(skipped, f.Pos.File)
	}
	if want := []string{"ledger/x.yaml", "other", "pilot/x.yaml"}; !slices.Equal(skipped, want) {
		t.Fatalf("warns of %v, not of %v", skipped, want)
	}
	if s.Environment != "pilot" || s.Today.String() != "2026-11-20" {
		t.Errorf("environment %s, today %s", s.Environment, s.Today)
	}
	pilot := s.Settings.Environments["pilot"]
	want := spec.Environment{
		Pos:        spec.Pos{File: "kiva.yaml", Line: 10, Column: 3},
		AddressPos: map[string]spec.Pos{"token_url": {File: "kiva.yaml", Line: 11, Column: 16}, "api_url": {File: "kiva.yaml", Line: 13, Column: 14}},
		TokenURL:   "https://auth.example.org/oauth/token", Audience: "https://api.example.org", APIURL: "https://api.example.org",
		JournalsPath: "partners", JournalsBody: "array",
		ConnectTimeout: 5 * time.Second, AnswerTimeout: 3 * time.Minute, Ledger: "./pilot", LedgerPos: spec.Pos{File: "kiva.yaml", Line: 18, Column: 13},
	}
	if !reflect.DeepEqual(pilot, want) {
		t.Errorf("environment: %+v", pilot)
	}
	if _, ok := s.Settings.Environments["staging"]; !ok {
		t.Error("an environment without settings was lost")
	}
	limits := s.Settings.Limits
	if limits.Drafts != 200 || limits.Journals != 50 || limits.Repayments != 3000 || limits.Amount["KES"] != money.FromInt(20_000_000) {
		t.Errorf("limits: %+v", limits)
	}
	if s.Settings.Photos.MaxPixels != 1600 || s.Settings.Photos.MaxBytes != 500_000 {
		t.Errorf("photos: %+v", s.Settings.Photos)
	}
	if got := s.Settings.JournalStatuses; !slices.Equal(got, []string{"payingBack", "raised"}) {
		t.Errorf("journal statuses: %v", got)
	}
	r := s.Reports[0]
	if total, _ := r.Total(); total.String() != "1234567.50" || r.RowPos(1).String() != "csv/11.csv:3:1" {
		t.Errorf("report: %+v", r)
	}
}

func TestFields(t *testing.T) {
	s := load(t, fullWorkspace)
	for _, tt := range []struct {
		resource spec.Resource
		want     string
	}{
		{s.Drafts[0], `
loan_draft/1042 at loans/a.yaml:2:1
activity_id = 75 (Café)
client_waiver_signed = true
currency = KES
description = Mary keeps a café.
It is small. personal
description_language_id = 1 (English)
disburse_time = 2026-12-01
entreps[0].amount = 50000.50
entreps[0].client_id = 00884
entreps[0].first_name = Mary personal
entreps[0].gender = female personal
entreps[0].last_name = Wanjiku personal
entreps[0].loan_id = 1042
image_url = https://www.example.org/1.jpg personal
loanuse = to buy a second oven personal
location = Nakuru : Kenya
schedule[0].date = 2027-01-05
schedule[0].interest = 750
schedule[0].principal = 25000.25
schedule[1].date = 2027-02-05
schedule[1].interest = 750
schedule[1].principal = 25000.25
theme_type_id = 48 (General)
`},
		{s.Drafts[1], `
loan_draft/LOAN%2F12%2F2026 at loans/a.yaml:17:1
activity_id = 61 (Dairy)
client_waiver_signed = true
currency = KES
description = They farm together. personal
description_language_id = 1 (English)
disburse_time = 2026-12-01
entreps[0].amount = 100
entreps[0].first_name = Amina personal
entreps[1].amount = 200
entreps[1].first_name = Zuhra personal
group_name = Tumaini personal
internal_client_id = G-7
internal_loan_id = LOAN/12/2026
not_pictured[0] = false
not_pictured[1] = true
image_encoded = e1e10747c2374f621aa59fefede6ef99dc6acdb41b267ab4af408d5529f89ea8 (inline, 1 kB of base64) personal
loanuse = to buy seeds personal
location = Nakuru : Kenya
schedule[0].date = 2027-01-05
schedule[0].interest = 0
schedule[0].principal = 300
theme_type_id = 48 (General)
`},
		{s.Journals[0], `
journal/L-0871/2026-11-visit at journals.yml:1:1
body = It rained, but the cowshed is dry. personal
internal_client_id = C-1
internal_loan_id = L-0871
subject = A new cowshed personal
`},
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "\n%s at %s\n", tt.resource.Address(), tt.resource.Position())
		for _, f := range field.Values(tt.resource) {
			fmt.Fprintf(&b, "%s = %s", f.Path, f.Value)
			if f.Show != "" {
				fmt.Fprintf(&b, " (%s)", f.Show)
			}
			if f.Personal {
				b.WriteString(" personal")
			}
			b.WriteByte('\n')
		}
		if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNoWorkspace(t *testing.T) {
	_, err := Workspace(t.Context(), t.TempDir(), Options{})
	var f *spec.Fault
	if !errors.As(err, &f) || f.Code != code.Workspace.String() || !strings.Contains(f.Remedy, "kivaform init") {
		t.Errorf("without kiva.yaml: %v", err)
	}
	_, err = Workspace(t.Context(), filepath.Join(t.TempDir(), "none"), Options{})
	if !errors.As(err, &f) || !strings.Contains(f.Message, "there is no folder") {
		t.Errorf("without the folder: %v", err)
	}
}

func TestLoadSettings(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "kiva.yml"), "version: 1\nenvironment: staging\n---\nkind: Nonsense\n")
	write(t, filepath.Join(dir, "bad.yaml"), "kind: [\n")
	s, err := Settings(t.Context(), dir, Options{Environment: "production"})
	if err != nil || len(s.Faults) > 0 {
		t.Fatal(err, describe(s))
	}
	if s.Environment != "production" || s.Settings.Environment != "staging" {
		t.Errorf("environment %s of %s", s.Environment, s.Settings.Environment)
	}
}

// TestPending holds that an old disbursal date, and a warning, count only
// until the draft is sent.
func TestPending(t *testing.T) {
	s := load(t, `
-- kiva.yaml --
version: 1
-- a.yaml --
kind: LoanDraft
entreps: [{loan_id: L-1, amount: 5}]
disburse_time: 2025-12-01
`)
	var old *spec.Fault
	if err := s.Err(nil); !errors.As(err, &old) || old.Code != code.Disbursal.String() || old.Address != "loan_draft/L-1" {
		t.Fatalf("unsent: %v", err)
	}
	sent := func(a spec.Address) bool { return a == "loan_draft/L-1" }
	if err := s.Err(sent); err != nil {
		t.Errorf("sent: %v", err)
	}
	if before, after := len(s.Warnings(nil)), len(s.Warnings(sent)); before != 3 || after != 1 { // the catalogue's stays
		t.Errorf("%d warnings before sending, %d after", before, after)
	}
}

// TestSandboxToday holds that a sandbox on a fixed day judges dates by it.
func TestSandboxToday(t *testing.T) {
	s := load(t, `
-- kiva.yaml --
version: 1
environments: {sandbox: {today: 2025-12-02}}
-- a.yaml --
kind: LoanDraft
entreps: [{loan_id: L-1, amount: 5}]
disburse_time: 2025-12-01
`)
	if err := s.Err(nil); err != nil || s.Today.String() != "2025-12-02" {
		t.Errorf("today %s: %v", s.Today, err)
	}
}
