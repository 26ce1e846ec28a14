package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	madeAt   = time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	jsonMeta = Meta{
		Program: "v1.2.3", Digest: "02cb6f92dc93549f", Commit: "0a1b2c3d4e5f", Created: madeAt, Expires: madeAt.Add(72 * time.Hour), SavedID: "5f3a", LeftOut: 3,
		Warnings: []*spec.Fault{
			{Code: "KF057", Severity: spec.Warning, Pos: spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: 14, Column: 1},
				Path: "image", Message: "there is no photo", Remedy: "add one in PA2", Address: "loan_draft/L-1042"},
		},
		Changed: map[plan.Address]bool{"loan_draft/L-1046": true},
	}
)

// planOfAll has a value in every member that a plan can have.
func planOfAll() *plan.Plan {
	p := viewtest.EveryAction()
	last := &plan.Attempt{Number: 2, Outcome: plan.OutcomeRejected, At: madeAt, Run: "7f3a", Message: "400: no such activity"}
	p.Drafts[1].Last, p.Drafts[3].Loan = last, &kiva.Loan{KivaID: "2718281", Status: "fundRaising"}
	r := &p.Reports[0]
	r.Coverage = &plan.Coverage{
		Expected: 3, Reported: 2, Missing: []string{"L-0900"}, Totals: plan.Totals{"KES": viewtest.AmountOf("48000.25")},
		Findings: []plan.Finding{{Row: 1, Kind: plan.AbovePrice, Reason: plan.Stated("more than the loan")}},
	}
	r.Gone = []string{"L-0803", "L-0871"}
	r.Duplicate = &plan.Duplicate{Period: "2026-10", Rows: 8, At: madeAt, Run: "6e29"}
	p.Faults = []*spec.Fault{{Code: "KF100", Pos: spec.Pos{File: "repayments/2026-11.csv", Line: 2, Column: 14}, Path: "amount", Message: "principal repaid can't become less"}}
	return p
}

var jsonPlans = map[string]func() *plan.Plan{
	"everything": planOfAll, "many alike": viewtest.ManyAlike, "many scripts": viewtest.ManyScripts, "hostile": viewtest.HostileTexts,
	"unchanged": viewtest.UnchangedOnly, "empty": viewtest.NewPlan,
}

func documentOf(t testing.TB, v *View, all bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, v, all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func streamOf(t testing.TB, v *View, all bool) []byte {
	t.Helper()
	var b bytes.Buffer
	s := NewStream(&b)
	s.Send(everyOtherEvent()...)
	s.Plan(v, all)
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return b.Bytes()
}

// everyOtherEvent has one event of each type that isn't of a plan.
func everyOtherEvent() []Event {
	account := Account{
		Run: "7f3a", Counts: map[string]int{"sent": 41, "not-attempted": 7}, Personal: false,
		Failures:   []Entry{{Address: "loan_draft/L-1042", Place: Place{"loans/a.yaml", 3, 1}, Outcome: "not-attempted", Message: "not begun"}},
		Remarks:    []Entry{{Address: "repayments/2026-11", Outcome: "sent", Message: "L-0801: late"}},
		Receipts:   []Receipt{{Address: "journals/2", Request: "journals/2", Kind: "journal", Items: 3, Parts: []Given{{"d1", "a1", "u1", MaskSecret("https://example.org/x", false)}}}},
		Unanswered: []Unanswered{{"loan_draft/L-1043", []plan.Address{"loan_draft/L-1043"}, "kivaform resolve loan_draft/L-1043 --exists", `kivaform resolve loan_draft/L-1043 --absent --reason "..."`}},
		Stop:       &Stop{"deadline", "the deadline has come"},
		Todo: []Task{
			{Kind: TaskPublish, Items: 41, What: "41 loan drafts"},
			Task{Kind: TaskConfirm, Address: "journals/2", Items: 3, What: "3 journals", Since: &madeAt, ConfirmURL: "https://example.org/x"}.Masked(false),
			Task{Kind: TaskConfirm, Address: "journals/3", Items: 1, What: "1 journal", ConfirmURL: "https://example.org/y"}.Masked(true),
		},
	}
	return []Event{
		Start{FormatVersion: FormatVersion, Program: "v1.2.3", Command: "apply", At: madeAt},
		Files{1, 2, 3, 4},
		NewFault(jsonMeta.Warnings[0]),
		Saved{"november.kfplan", "5f3a", madeAt},
		Sending{"journals/2", 3, 1, 49},
		Pausing{"journals/2", 3, 1.5, "Kiva asks to wait (429)"},
		Finished{"journals/2", 3, "rejected", "400: no", 4, 49},
		Stopping{"the deadline has come"},
		account,
		Account{Counts: map[string]int{}, Failures: []Entry{}, Remarks: []Entry{}, Receipts: []Receipt{}, Unanswered: []Unanswered{}, Todo: []Task{}},
		End{ExitCode: 3, Error: "2 faults in 1 file; nothing was sent", Hint: "mend them", At: madeAt},
	}
}

// TestJSON holds the document and the stream of a plan that has everything.
func TestJSON(t *testing.T) {
	masked, shown := New(planOfAll(), jsonMeta, false), New(planOfAll(), jsonMeta, true)
	for name, got := range map[string][]byte{
		"everything.json": documentOf(t, masked, true), "everything-shown.json": documentOf(t, shown, false),
		"everything.jsonl": streamOf(t, masked, false),
	} {
		t.Run(name, func(t *testing.T) { viewtest.Golden(t, *update, name, string(got)) })
	}
}

// A document is what was written, read back.
type document struct {
	Header
	Warnings []Fault `json:"warnings"`
	Faults   []Fault `json:"faults"`
	Items    []Item  `json:"items"`
	Reports  []struct {
		Report
		Rows []Row `json:"rows"`
	} `json:"reports"`
}

// A program that reads the document into these types and writes it again loses
// nothing.
func TestJSONReadsBack(t *testing.T) {
	for name, p := range jsonPlans {
		written := documentOf(t, New(p(), jsonMeta, true), true)
		var read document
		d := json.NewDecoder(bytes.NewReader(written))
		d.DisallowUnknownFields()
		if err := d.Decode(&read); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(anyOf(t, written), anyOf(t, again)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func anyOf(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The document and the stream tell the same.
func TestTheStreamTellsWhatTheDocumentTells(t *testing.T) {
	for name, p := range jsonPlans {
		for _, all := range []bool{true, false} {
			v := New(p(), jsonMeta, false)
			var doc document
			if err := json.Unmarshal(documentOf(t, v, all), &doc); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprint("plan item*", len(doc.Items))
			for _, r := range doc.Reports {
				want += fmt.Sprint(" report row*", len(r.Rows))
			}
			if got := typesOf(t, v, all); got != want {
				t.Errorf("%s, all %v: %s, not %s", name, all, got, want)
			}
		}
	}
}

// typesOf counts the types of a stream's lines: "plan item*2 report row*40".
func typesOf(t *testing.T, v *View, all bool) string {
	t.Helper()
	var b bytes.Buffer
	NewStream(&b).Plan(v, all)
	got, n := "", 0
	for line := range strings.Lines(b.String()) {
		var e struct{ Type string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Type {
		case "plan":
			got = "plan item*"
		case "report":
			got, n = got+fmt.Sprint(n)+" report row*", 0
		default:
			n++
		}
	}
	return got + fmt.Sprint(n)
}

// Amounts are text: a program that reads numbers as floats rounds none.
func TestNoAmountIsANumber(t *testing.T) {
	numbers := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, e := range v {
				walk(name, e)
			}
		case []any:
			for _, e := range v {
				walk(path, e)
			}
		case json.Number:
			numbers[path] = true
		}
	}
	walk("", anyOf(t, documentOf(t, New(planOfAll(), jsonMeta, true), true)))
	for name := range numbers {
		if strings.Contains(name, "amount") || name == "was" || name == "principal" || strings.HasSuffix(name, "id") {
			t.Errorf("%s is a number", name)
		}
	}
	if len(numbers) == 0 {
		t.Error("no number was found at all")
	}
}

func TestJSONReturnsTheWritersError(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("broken")
	r.CloseWithError(broken)
	v := New(viewtest.ManyRows(5_000), Meta{}, false)
	if err := JSON(w, v, true); !errors.Is(err, broken) {
		t.Errorf("document: %v", err)
	}
	s := NewStream(w)
	s.Plan(v, true)
	s.Send(Stopping{"no one listens"})
	if !errors.Is(s.Err(), broken) {
		t.Errorf("stream: %v", s.Err())
	}
}

func BenchmarkJSON(b *testing.B) {
	v := New(viewtest.ManyDrafts(1_000), Meta{}, false)
	for b.Loop() {
		if err := JSON(io.Discard, v, true); err != nil {
			b.Fatal(err)
		}
	}
}
