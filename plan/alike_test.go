package plan_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/plan/identity"
	"kivaform/spec"
	"kivaform/spec/field"
)

// knownLedger knows of things besides those that were remembered.
type knownLedger struct {
	fakeLedger
	known []plan.Known
}

func (l *knownLedger) Known(context.Context) iter.Seq2[plan.Known, error] {
	return func(yield func(plan.Known, error) bool) {
		for _, k := range l.known {
			if !yield(k, nil) {
				return
			}
		}
	}
}

// sent returns what a ledger knows of something that was sent: as this version
// records it, or as earlier ones did.
func (l *knownLedger) sent(r spec.Resource, earlier bool) {
	k := plan.Known{Thing: identity.ThingOf(r.Address()), Outcome: plan.OutcomeAccepted}
	if !earlier {
		c := l.Digester().Contents(r)
		k.Contents = identity.ParseContents(c.Short())
		l.known = append(l.known, k)
		return
	}
	k.Recorded = &plan.Recorded{Values: make(map[string]string), Digests: make(map[string]string)}
	for _, f := range field.Values(r) {
		if f.Personal {
			k.Recorded.Digests[f.Path] = "#" + f.Value
		} else {
			k.Recorded.Values[f.Path] = f.Value
		}
	}
	l.known = append(l.known, k)
}

func (l *knownLedger) Load(context.Context) (plan.Past, error) { return l, nil }

func story(id, client, text, photo string, amount int64) *spec.LoanDraft {
	day, _ := spec.ParseDate("2026-12-01")
	return &spec.LoanDraft{Currency: "KES", Description: text, DisburseTime: day, Image: &spec.Image{Digest: photo},
		Entreps: []spec.Entrep{{LoanID: id, ClientID: client, Amount: money.FromInt(amount)}}}
}

func TestContentsUnderAnotherID(t *testing.T) {
	was := story("L-1", "C1", "She keeps two cows.", "p1", 100)
	for _, tt := range []struct {
		name string
		now  *spec.LoanDraft
		same string // "" where it is sent
	}{
		{"renamed", story("M-9", "C1", "She keeps two cows.", "p1", 100), "client, terms, story, photo"},
		{"the client's id typed otherwise", story("M-9", "c-1", "She keeps two cows.", "p9", 200), "client, story"},
		{"the same amount and date", story("M-9", "C1", "Another.", "p9", 100), "client, terms"},
		{"the same photo", story("M-9", "C1", "Another.", "p1", 200), "client, photo"},
		{"another client", story("M-9", "C9", "She keeps two cows.", "p1", 100), "terms, story, photo"},
		{"the next loan of the client", story("M-9", "C1", "Another.", "p9", 200), ""},
		{"another client's story alone", story("M-9", "C9", "She keeps two cows.", "p9", 100), ""},
	} {
		for _, earlier := range []bool{false, true} {
			l := new(knownLedger)
			l.sent(was, earlier)
			state, err := plan.Observe(t.Context(), set(tt.now), l, new(fakeKiva), nil)
			if err != nil {
				t.Fatal(err)
			}
			p := plan.Compute(set(tt.now), state, nil)
			got := p.Drafts[0]
			if shared := tt.name == "another client's story alone" && !earlier; shared != (len(p.Notes) == 1) {
				t.Errorf("%s, earlier %v: notes %v", tt.name, earlier, p.Notes)
			}
			switch {
			case tt.same == "" && got.Action != plan.Submit:
				t.Errorf("%s, earlier %v: %c %s", tt.name, earlier, got.Action, why(got.Reason))
			case tt.same == "" || earlier && got.Action == plan.Alike: // of the latter, only some parts can be compared
			case got.Action != plan.Alike || got.Reason.Args["same"] != tt.same || got.Reason.Args["other"] != "loan_draft/L-1":
				t.Errorf("%s, earlier %v: %c %v", tt.name, earlier, got.Action, got.Reason)
			}
		}
	}
}

func TestJournalUnderAnotherKey(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		l := new(knownLedger)
		l.sent(journal("L-1", "visit"), earlier)
		l.sent(journal("L-2", "other"), earlier)
		k := new(fakeKiva).add("payingBack", "L-1", "L-3")
		want := set(journal("L-1", "renamed"), journal("L-3", "visit"))
		state, err := plan.Observe(t.Context(), want, l, k, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := plan.Compute(want, state, nil)
		if got := p.Journals[0]; got.Action != plan.Alike || got.Reason.Args["other"] != "journal/L-1/visit" {
			t.Errorf("earlier %v: renamed: %c %v", earlier, got.Action, got.Reason)
		}
		if got := p.Journals[1]; got.Action != plan.Submit {
			t.Errorf("earlier %v: the same text to another loan: %c %v", earlier, got.Action, got.Reason)
		}
	}
}

// A borrower of a group that was sent isn't sent alone, nor in another group.
func TestMembersOfAKnownGroup(t *testing.T) {
	group := func(id string, members ...string) *spec.LoanDraft {
		d := &spec.LoanDraft{InternalLoanID: id, GroupName: "G"}
		for _, m := range members {
			d.Entreps = append(d.Entreps, spec.Entrep{LoanID: m, Amount: money.FromInt(1)})
		}
		return d
	}
	l := new(knownLedger)
	l.sent(group("G-1", "L-1", "L-2", "L-3"), false)
	want := set(draft("l 2", 7), group("G-2", "L-3", "L-4"), draft("L-5", 7))
	state, err := plan.Observe(t.Context(), want, l, new(fakeKiva), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []rune
	for _, item := range plan.Compute(want, state, nil).Drafts {
		got = append(got, rune(item.Action))
	}
	if string(got) != "≈≈+" {
		t.Errorf("%q", string(got))
	}
}

// While it isn't known whether Kiva has something that no file has any more, another
// loan of its client waits, and another journal of its loan.
func TestUndecidedWithoutAFile(t *testing.T) {
	for _, gone := range []bool{true, false} {
		l := new(knownLedger)
		was, note := story("L-1", "C1", "She keeps two cows.", "p1", 100), journal("L-8", "visit")
		l.sent(was, false)
		l.sent(note, false)
		for i := range l.known {
			l.known[i].Outcome = plan.OutcomeUnknown
		}
		other := journal("L-8", "again")
		other.Body = "Another text."
		drafts, journals := []*spec.LoanDraft{story("M-9", "C1", "Another.", "p9", 200), story("M-10", "C2", "Another.", "p8", 300)}, []*spec.Journal{other}
		if !gone {
			drafts, journals = append(drafts, was), append(journals, note)
		}
		want := set()
		want.Drafts, want.Journals = drafts, journals
		state, err := plan.Observe(t.Context(), want, l, new(fakeKiva).add("payingBack", "L-8"), nil)
		if err != nil {
			t.Fatal(err)
		}
		p := plan.Compute(want, state, nil)
		held, wantHeld := [3]bool{p.Drafts[0].Action == plan.Alike, p.Drafts[1].Action == plan.Alike, p.Journals[0].Action == plan.Alike}, [3]bool{gone, false, gone}
		if held != wantHeld {
			t.Errorf("gone %v: held %v; %v, %v", gone, held, p.Drafts[0].Reason, p.Journals[0].Reason)
		}
	}
}

// A report is held whose rows were reported for another period.
func TestReportOfAnotherPeriod(t *testing.T) {
	day, _ := spec.ParseDate("2026-11-30")
	for _, tt := range []struct {
		name    string
		mode    spec.AmountMode
		outcome plan.Outcome
		same    int // of four rows
		days    int // since the other report
		want    plan.Action
	}{
		{"half of them", spec.CumulativePrincipal, plan.OutcomeAccepted, 2, 3, plan.Alike},
		{"a quarter", spec.CumulativePrincipal, plan.OutcomeAccepted, 1, 3, plan.Submit},
		{"a month ago", spec.CumulativePrincipal, plan.OutcomeAccepted, 3, 30, plan.Submit},
		{"without an answer", spec.CumulativePrincipal, plan.OutcomeUnknown, 2, 30, plan.Alike},
		{"equal instalments", spec.PaidThisPeriod, plan.OutcomeAccepted, 3, 3, plan.Submit},
		{"all instalments", spec.PaidThisPeriod, plan.OutcomeAccepted, 4, 3, plan.Submit}, // a duplicate, which a run refuses
		{"instalments without an answer", spec.PaidThisPeriod, plan.OutcomeUnknown, 2, 3, plan.Alike},
	} {
		past := make(map[string]*plan.RowAttempt)
		want := report("2026-11")
		k := new(fakeKiva)
		for i, id := range []string{"L-1", "L-2", "L-3", "L-4"} {
			r := row(id, int64(10*i+10))
			want.Rows = append(want.Rows, r)
			k.add(kiva.PayingBack, id)
			if i >= tt.same {
				r = row(id, 1)
			}
			past[id] = &plan.RowAttempt{Attempt: &plan.Attempt{At: time.Date(2026, 11, 30-tt.days, 0, 0, 0, 0, time.UTC)}, Outcome: tt.outcome, Amount: r.Amount}
		}
		l := &fakeLedger{period: "2026-10", rows: map[string]map[string]*plan.RowAttempt{"2026-10": past}}
		files := set(want)
		files.Today, files.Settings.RepaymentAmounts = day, tt.mode
		state, err := plan.Observe(t.Context(), files, l, k, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := plan.Compute(files, state, nil).Reports[0]
		if duplicate := tt.name == "all instalments"; duplicate != (got.Duplicate != nil) {
			t.Errorf("%s: duplicate %v", tt.name, got.Duplicate)
		}
		for _, got := range got.Rows {
			if got.Action != tt.want {
				t.Errorf("%s: %c %v, not %c", tt.name, got.Action, got.Reason, tt.want)
			}
		}
	}
}
