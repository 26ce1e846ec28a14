package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kivaform/plan/view"
)

func TestFileNames(t *testing.T) {
	long := strings.Repeat("9", 200)
	ids := []string{
		"L-0801", "l-0801", "L_0801", "L/0801", "L 0801", "..", ".hidden", "../../etc/passwd", "№ 7", "ऋण", "CON", long, long + "1", "a\x00b",
	}
	seen := make(map[string]string)
	for _, id := range ids {
		name := fileName(id)
		if before, twice := seen[strings.ToLower(name)]; twice {
			t.Errorf("%q and %q are both %s on some file systems", before, id, name)
		}
		seen[strings.ToLower(name)] = id
		if !filepath.IsLocal(name) || filepath.Base(name) != name || strings.HasPrefix(name, ".") || len(name) > 120 || filepath.Ext(name) != ".yaml" {
			t.Errorf("%q becomes %q", id, name)
		}
	}
	if fileName("L-0801") != "L-0801.yaml" {
		t.Error("a plain id doesn't stay as it is")
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7d": 7 * 24 * time.Hour, "36h": 36 * time.Hour, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute,
		"": 0, "d": 0, "7": 0, "-1d": 0, "0d": 0, "7days": 0, "1d-2h": 22 * time.Hour, "99999999999d": 0, "soon": 0,
	} {
		got, err := parseAge(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %s %v, not %s", text, got, err, want)
		}
	}
}

func TestOverdue(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(days int) *time.Time { then := now.AddDate(0, 0, -days); return &then }
	tasks := []view.Task{{Address: "young", Since: at(6)}, {Address: "just", Since: at(7)}, {Address: "old", Since: at(8)}, {Address: "unknown"}}
	late := overdue(tasks, 7*24*time.Hour, now)
	if len(late) != 1 || late[0].Address != "old" {
		t.Errorf("%+v", late)
	}
}

func TestPairs(t *testing.T) {
	got, err := pairs("--map", []string{"Loan No=loan_id", "a=b=amount"})
	if err != nil || got["Loan No"] != "loan_id" || got["a=b"] != "amount" {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range [][]string{{"loan_id"}, {"=loan_id"}, {"a=b", "a=c"}} {
		if _, err := pairs("--map", bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// What a checklist quotes can't become Markdown of its own.
func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{"a`b": "`` a`b ``", "L-1": "`L-1`", "``": "``` `` ```"} {
		if got := codeSpan(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
	if got := plainMarkdown("<b>*x*</b>\n[a](b)"); got != `\<b\>\*x\*\</b\> \[a\](b)` {
		t.Error(got)
	}
}

// The questions of init take what is offered where the answer is empty, and ask
// nothing that a flag said.
func TestQuestions(t *testing.T) {
	var out bytes.Buffer
	a := &app{streams: streams{in: strings.NewReader("\n145\n"), err: &out}}
	f := initFlags{CSVFormat: "two-column", Amounts: "cumulative-principal"}
	a.ask(t.Context(), &f, func(flag string) bool { return flag == "csv-format" })
	if f.Environment != "sandbox" || f.PartnerID != "145" || f.CSVFormat != "two-column" || f.Amounts != "cumulative-principal" {
		t.Errorf("%+v", f)
	}
	if n := strings.Count(out.String(), "]: "); n != 3 {
		t.Errorf("%d questions:\n%s", n, &out)
	}
	if err := f.check(); err != nil {
		t.Error(err)
	}
}

func TestCreateOverwritesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a", "b.yaml")
	if err := create(file, "one"); err != nil {
		t.Fatal(err)
	}
	if err := create(file, "two"); err == nil {
		t.Error("written twice")
	}
	if data, _ := os.ReadFile(file); string(data) != "one" {
		t.Errorf("%s", data)
	}
}
