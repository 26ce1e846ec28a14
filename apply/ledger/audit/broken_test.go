package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

const markers = "{\n<<<<<<< HEAD\n  \"version\": 1\n=======\n  \"version\": 1\n>>>>>>> other\n}\n"

// Whoever loads a ledger that isn't as it was is told what happened, and what to
// do.
func TestLoadOfBroken(t *testing.T) {
	to := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	for _, tt := range []struct {
		part string
		edit func([]byte) []byte
		want string
	}{
		{"2026-11.1.intent", to(markers), "both were sent, so neither side may be thrown away; hint: kivaform ledger merge"},
		{"2026-11.1.accepted", to(markers), "both were sent"},
		{ledger.HeaderKey, to(markers), "two ledgers were begun apart"},
		{"2026-11.1.intent", to(""), "is broken: unexpected end of JSON input; hint: kivaform ledger verify finds everything that is broken or missing; restore it from git or a backup"},
		{"2026-11.1.intent", nil, "2026-11.1.intent.json: no such object; hint: kivaform ledger verify"},
	} {
		store := ledgertest.Filled(t)
		ledgertest.Change(t, store, tt.part, tt.edit)
		if _, err := ledger.New(store, ledgertest.Scope, ledger.Options{}).Load(t.Context()); err == nil || !strings.Contains(hint.Text(err), tt.want) {
			t.Errorf("%s: %v, want %q", tt.part, err, tt.want)
		}
		v, err := audit.Verify(t.Context(), store)
		if meaning, _, _ := strings.Cut(tt.want, ";"); err != nil || len(v.Findings) == 0 ||
			strings.Contains(tt.want, "both") && !strings.Contains(v.Findings[0].Meaning, "both were sent") ||
			strings.Contains(tt.want, "apart") && !strings.Contains(v.Findings[0].Meaning, meaning) {
			t.Errorf("verify %s: %+v, %v", tt.part, v, err)
		}
	}
}

// beside adds an outcome of another copy's attempt to the draft's, as a merge in
// git does: the two have different names.
func beside(t *testing.T, store *ledgertest.Memory, outcome plan.Outcome) {
	t.Helper()
	other := new(ledgertest.Memory)
	ledgertest.Send(t, other, "other", outcome, ledgertest.DraftIntent("00ff", 0))
	for key, data := range ledgertest.Contents(t, other) {
		if strings.Contains(key, string(outcome)) {
			if err := store.Create(t.Context(), key, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Of two outcomes of one attempt, the one counts that says that something was
// sent, in whichever order they are listed.
func TestTwoOutcomes(t *testing.T) {
	for _, tt := range []struct{ mine, theirs, want plan.Outcome }{
		{plan.OutcomeAccepted, plan.OutcomeRejected, plan.OutcomeAccepted},
		{plan.OutcomeRejected, plan.OutcomeAccepted, plan.OutcomeAccepted},
		{plan.OutcomeUnknown, plan.OutcomeRejected, plan.OutcomeUnknown},
		{plan.OutcomeNotSent, plan.OutcomeUnknown, plan.OutcomeUnknown},
		{plan.OutcomeAccepted, plan.OutcomeAccepted, plan.OutcomeAccepted},
	} {
		store := new(ledgertest.Memory)
		ledgertest.Send(t, store, "one", tt.mine, ledgertest.DraftIntent("0011", 0))
		beside(t, store, tt.theirs)
		if got := ledgertest.Past(t, store).Last(ledgertest.Draft); got == nil || got.Outcome != tt.want || got.Fingerprint != "0011" {
			t.Errorf("%s beside %s: %+v, want %s", tt.mine, tt.theirs, got, tt.want)
		}
		ledgertest.Change(t, store, "L-1.1.intent", func([]byte) []byte { return []byte(markers) })
		if _, err := ledger.New(store, ledgertest.Scope, ledger.Options{}).Load(t.Context()); err == nil || !strings.Contains(err.Error(), "both were sent") {
			t.Errorf("with markers in the intent: %v", err)
		}
	}
}

// What git put beside an attempt is a fault until the other copy is merged; then
// it is only said what was sent twice.
func TestVerifyAfterGitMerge(t *testing.T) {
	base := new(ledgertest.Memory)
	ledgertest.Open(t, base)
	one, other := ledgertest.Copied(t, base), ledgertest.Copied(t, base)
	ledgertest.Send(t, one, "one", plan.OutcomeAccepted, ledgertest.DraftIntent("0011", 0))
	ledgertest.Send(t, other, "other", plan.OutcomeAccepted, ledgertest.DraftIntent("00ff", 0))
	beside(t, one, plan.OutcomeAccepted)
	find := func() []audit.Finding {
		t.Helper()
		v, err := audit.Verify(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		return v.Findings
	}
	got := find()
	if len(got) != 1 || !strings.Contains(got[0].Key, "accepted-00ff") || !strings.Contains(got[0].Meaning, "look for a second one in PA2") {
		t.Errorf("%+v", got)
	}
	if _, err := merge.Copies(t.Context(), other, one); err != nil {
		t.Fatal(err)
	}
	if got := find(); len(got) != 1 || !strings.Contains(got[0].Problem, "sent loan_draft/L-1, which attempt 1 had sent") {
		t.Errorf("merged: %+v", got)
	}
}

// What a finding means is what planning does.
func TestVerifyMeans(t *testing.T) {
	empty := func([]byte) []byte { return []byte{} }
	for _, tt := range []struct{ part, meaning string }{
		{"L-1.2.intent", "still counts as sent"},
		{"L-1.2.accepted", "still counts as sent"},
		{"L-1.1.intent", "nothing is sent until"},
		{"L-1.1.rejected", "nothing is sent until"},
		{"2026-11.1.intent", "nothing is sent until"},
		{"2026-11.1.accepted", "nothing is sent until"},
		{"2026-11.1.done", "still counts as sent"},
		{"plans/p.json", "that saved plan is refused"},
		{ledger.HeaderKey, "nothing is sent until"},
	} {
		store := ledgertest.Filled(t)
		l := ledgertest.Open(t, store)
		for a, err := range l.Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Intent.Stream != ledgertest.Draft && a.Result != nil {
				if err := l.MarkDone(t.Context(), a, "r", a.Intent.At); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := l.UsePlan(t.Context(), "p", "r", l.Last(ledgertest.Draft).At); err != nil {
			t.Fatal(err)
		}
		ledgertest.Change(t, store, tt.part, empty)
		v, err := audit.Verify(t.Context(), store)
		if err != nil || len(v.Findings) != 1 || !strings.Contains(v.Findings[0].Meaning, tt.meaning) {
			t.Errorf("%s: %+v, %v, want %q", tt.part, v, err, tt.meaning)
			continue
		}
		// And so it is: what counts as sent can't be begun again, and others can.
		l = ledger.New(store, ledgertest.Scope, ledger.Options{})
		p, err := l.Load(t.Context())
		if strings.Contains(tt.meaning, "nothing is sent") {
			if err == nil {
				t.Errorf("%s: the ledger can be used", tt.part)
			}
			continue
		}
		if err != nil || p.Last(ledgertest.Draft) == nil || !p.Last(ledgertest.Draft).Outcome.AtKiva() {
			t.Errorf("%s: %v, %+v", tt.part, err, p.Last(ledgertest.Draft))
		}
	}
}

// A file that isn't the ledger's is told, and everything else is verified.
func TestVerifyStrays(t *testing.T) {
	root := t.TempDir()
	store := dirstore.New(root)
	if _, err := audit.Copy(t.Context(), ledgertest.Filled(t), store); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		".DS_Store": "x", "README.md": "x",
		"staging/145/repayments/.DS_Store":                                    "x",
		"staging/145/repayments/2026-11.2.intent (conflicted copy).json":      "{}",
		"staging/145/repayments/2026-11.2.intent.sync-conflict-20261120.json": "{}",
		"staging/145/repayments/2026-11.1.intent.json":                        "",
	} {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v, err := audit.Verify(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	means := make(map[string]string)
	for _, f := range v.Findings {
		means[f.Key] = f.Meaning
	}
	for key, want := range map[string]string{
		".DS_Store": "is ignored", "README.md": "is ignored", "staging/145/repayments/.DS_Store": "is ignored",
		"staging/145/repayments/2026-11.2.intent (conflicted copy).json":      "Don't delete it",
		"staging/145/repayments/2026-11.2.intent.sync-conflict-20261120.json": "Don't delete it",
		"staging/145/repayments/2026-11.1.intent.json":                        "nothing is sent until",
	} {
		if !strings.Contains(means[key], want) {
			t.Errorf("%s: %q, want %q", key, means[key], want)
		}
	}
	if len(v.Findings) != 6 || v.Attempts != 3 {
		t.Errorf("%+v", v)
	}
}
