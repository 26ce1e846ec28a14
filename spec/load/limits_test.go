package load

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// An endingContext ends when it has been asked a number of times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestLoadUntilTheContextEnds ends the context at each look at it: what is
// returned is all, or an error.
func TestLoadUntilTheContextEnds(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // the context counts
	dir := unpack(t, map[string]string{
		"kiva.yaml": benchSettings, "a.yaml": benchDraft(1) + "---\n" + benchDraft(2), "b/c.yaml": benchDraft(3) + "---\na: [\n",
		"r.yaml": "kind: RepaymentReport\nperiod: 2026-11\ncsv: r.csv\n", "r.csv": "L-1,C-1,5\nL-2,C-2,6\n",
	})
	whole, err := Workspace(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		set, err := Workspace(&endingContext{t.Context(), n}, dir, Options{})
		if err == nil {
			if n < 10 || len(set.Drafts) != len(whole.Drafts) || len(set.Faults) != len(whole.Faults) || len(set.Reports[0].Rows) != 2 {
				t.Errorf("after %d looks: %d drafts, faults %v", n, len(set.Drafts), set.Faults)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d looks: %v", n, err)
		}
	}
	t.Error("it never ended")
}

// TestTooMuch gives files that were made to take all time or memory.
func TestTooMuch(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	report := "kind: RepaymentReport\nperiod: 2026-11\ncsv: r.csv\n"
	for name, tt := range map[string]struct {
		files  map[string]string
		faults int // at most
		want   string
	}{
		"unknown keys":   {map[string]string{"a.yaml": "kind: LoanDraft\n" + many(20_000, "k%d: 1\n")}, 1010, "more faults in this document"},
		"documents":      {map[string]string{"a.yaml": many(3000, "---\nkind: %d\n")}, 1010, "the rest of the file wasn't read"},
		"values":         {map[string]string{"a.yaml": "kind: Journal\nx: [" + strings.Repeat("a,", yamldoc.MaxDocumentMarks) + "]\n"}, 10, "more than a million values"},
		"merged pairs":   {map[string]string{"a.yaml": "kind: Journal\n<<: {" + many(20_000, "k%d: 1,") + "}\n"}, 10, "<< brings in too much"},
		"nested values":  {map[string]string{"a.yaml": "kind: Journal\nx: " + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "\n"}, 10, "nested more than 100 deep"},
		"nested merges":  {map[string]string{"a.yaml": "kind: Journal\n<<: " + strings.Repeat("{<<: ", 500) + "{a: 1}" + strings.Repeat("}", 500) + "\n"}, 10, "nested more than 100 deep"},
		"borrowers":      {map[string]string{"a.yaml": "kind: LoanDraft\nentreps: [" + strings.Repeat("{},", 5000) + "]\n"}, 1010, "at most 1000 are read"},
		"directives":     {map[string]string{"a.yaml": many(2000, "%%TAG !a%d! tag:x\n") + "---\na\n"}, 10, "as directives do"},
		"one id":         {map[string]string{"a.yaml": strings.Repeat("---\nkind: Journal\nkey: a\ninternal_loan_id: L-1\ninternal_client_id: C-1\nsubject: s\nbody: b\n", 3000)}, 1010, "and 1999 more are declared twice"},
		"columns":        {map[string]string{"a.yaml": report, "r.csv": "loan_id,amount" + many(50_000, ",c%d") + "\nL-1,5" + strings.Repeat(",", 50_000) + "\n"}, 10, "and 49980 more"},
		"a hidden table": {map[string]string{"a.yaml": strings.Replace(report, "r.csv", ".env", 1), ".env": "PASSWORD=secret\n"}, 10, "leads to a hidden file"},
		"patterns":       {map[string]string{"kiva.yaml": "version: 1\nignore:\n" + many(2000, "- a%d\n")}, 10, "more than 1000 patterns"},
		"a long pattern": {map[string]string{"kiva.yaml": "version: 1\nignore: [" + strings.Repeat("a", 1000) + "]\n"}, 10, "more than 500 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.files["kiva.yaml"] == "" {
				tt.files["kiva.yaml"] = benchSettings
			}
			set, err := Workspace(t.Context(), unpack(t, tt.files), Options{})
			if err != nil {
				t.Fatal(err)
			}
			said := func(f *spec.Fault) bool { return strings.Contains(f.Error(), tt.want) }
			if len(set.Faults) > tt.faults || !slices.ContainsFunc(set.Faults, said) {
				t.Errorf("%d faults, none with %q; the last is %.300v", len(set.Faults), tt.want, set.Faults[len(set.Faults)-1])
			}
			for _, f := range set.Faults {
				if len(f.Error()) > 1000 || strings.Contains(f.Error(), "secret") {
					t.Errorf("a message of %d bytes: %.200s", len(f.Error()), f)
				}
			}
		})
	}
}

// TestPendingFaultsEndNoFile holds that a file of loans that were sent is read to
// its end, also if each has a fault that doesn't count any more.
func TestPendingFaultsEndNoFile(t *testing.T) {
	var text strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&text, "---\nkind: Journal\nkey: k\ninternal_loan_id: \"L\\u200b-%d\"\ninternal_client_id: C-1\nsubject: s\nbody: b\n", i)
	}
	set, err := Workspace(t.Context(), unpack(t, map[string]string{"kiva.yaml": benchSettings, "a.yaml": text.String()}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Err(func(spec.Address) bool { return true }); len(set.Journals) != 1500 || err != nil && strings.Contains(err.Error(), code.TooMany.String()) {
		t.Errorf("%d journals, %.300v", len(set.Journals), err)
	}
}

// TestBudget holds that what is more than a workspace may hold is an error, and
// isn't held.
func TestBudget(t *testing.T) {
	dir := unpack(t, map[string]string{
		"kiva.yaml": benchSettings, "a.yaml": benchDraft(1), "b.yaml": benchDraft(2) + "x: 1\n",
		"r.yaml": "kind: RepaymentReport\nperiod: 2026-11\ncsv: r.csv\n", "r.csv": strings.Repeat("L-1,C-1,5\n", 100),
	})
	for name, spend := range map[string]func(*budget){
		"1 GiB":      func(b *budget) { b.bytes.Store(100) },
		"20 million": func(b *budget) { b.marks.Store(10) },
		"5 million":  func(b *budget) { b.rows.Store(10) },
		"500,000":    func(b *budget) { b.faults.Store(0) },
	} {
		l, err := newLoader(t.Context(), dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.root.Close()
		spend(l.budget)
		l.collectDocuments(l.readAll([]string{"a.yaml", "b.yaml", "r.yaml"}))
		set := l.finish()
		if err := set.Err(nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if len(set.Reports) > 0 && len(set.Reports[0].Rows) > 12 && name == "5 million" {
			t.Errorf("%d rows", len(set.Reports[0].Rows))
		}
	}
}

// TestRoomForLineEnds holds that a file of line ends alone makes no room for rows.
func TestRoomForLineEnds(t *testing.T) {
	data := []byte("L-1,5\n" + strings.Repeat("\n", 4<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows := newTable(t.Context(), "r.csv", "2026-11", data, spec.TwoColumn).readRows(newBudget())
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; len(rows) != 1 || took > 32<<20 {
		t.Errorf("%d rows in %d bytes", len(rows), took)
	}
}

// TestSuggestionsEnd holds that the work for suggestions is bounded, whatever the
// lists and the names are.
func TestSuggestionsEnd(t *testing.T) {
	var list strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&list, "- {activity_id: %d, activity: a%d}\n", i, i)
	}
	var text strings.Builder
	for i := range 900 {
		fmt.Fprintf(&text, "---\nkind: LoanDraft\nactivity: b%d\n", i)
	}
	dir := unpack(t, map[string]string{"kiva.yaml": benchSettings, "catalog.yaml": "activities:\n" + list.String(), filepath.Join("a.yaml"): text.String()})
	l, err := newLoader(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.root.Close()
	l.readAll([]string{"a.yaml"})
	if n := len(l.index.activities.near); n == 0 || n > maxCompared/30_000 {
		t.Errorf("the nearest of %d names were looked for", n)
	}
}
