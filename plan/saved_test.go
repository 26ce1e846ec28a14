package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// A moment is what a plan is made of.
type moment struct {
	want   *spec.Set
	ledger *fakeLedger
	kiva   *fakeKiva
}

func newMoment() *moment {
	return &moment{
		want:   set(draft("L-1", 100), draft("L-2", 200), journal("L-8", "visit"), journal("L-9", "visit"), report("2026-11", row("L-8", 5), row("L-9", 6))),
		ledger: new(fakeLedger),
		kiva:   new(fakeKiva).add(kiva.PayingBack, "L-8").add(kiva.FundRaising, "L-9"),
	}
}

func (m *moment) plan(t testing.TB) *plan.Plan { return compute(t, m.want, m.ledger, m.kiva) }

func marks(p *plan.Plan) string {
	var b strings.Builder
	for item := range p.Items() {
		b.WriteRune(rune(item.Action))
	}
	for _, r := range p.Reports {
		for _, row := range r.Rows {
			b.WriteRune(rune(row.Action))
		}
	}
	return b.String()
}

// A saved plan does what was seen, whatever else came to be possible; it is
// refused when any of that moved on.
func TestRestrict(t *testing.T) {
	for _, tt := range []struct {
		name  string
		then  func(*moment)
		marks string // after the restriction
		stale string // part of the reason
	}{
		{"nothing happened", func(*moment) {}, "+++…+…", ""},
		{"a loan began to pay back", func(m *moment) { m.kiva.loans[1].Status = kiva.PayingBack }, "+++…+…", ""},
		{"a draft was changed", func(m *moment) { m.want.Drafts[0].LoanUse = "to buy a goat" }, "", "loan_draft/L-1"},
		{"a waiting journal was changed", func(m *moment) { m.want.Journals[1].Body = "new" }, "+++…+…", ""},
		{"a waiting journal was changed and is possible", func(m *moment) {
			m.want.Journals[1].Body = "new"
			m.kiva.loans[1].Status = kiva.PayingBack
		}, "", "journal/L-9/visit"},
		{"a row was changed", func(m *moment) { m.want.Reports[0].Rows[0].Amount = money.FromInt(7) }, "", "repayment/2026-11/L-8"},
		{"a row's client was changed", func(m *moment) { m.want.Reports[0].Rows[0].ClientID = "7" }, "", "repayment/2026-11/L-8"},
		{"a row was changed and is impossible", func(m *moment) {
			m.want.Reports[0].Rows[0].Amount = money.FromInt(7)
			m.kiva.loans[0].Status = kiva.Ended
		}, "", "was changed"},
		{"a draft was added", func(m *moment) { m.want.Drafts = append(m.want.Drafts, draft("L-3", 1)) }, "", "loan_draft/L-3 () is not in the plan"},
		{"a row was added", func(m *moment) {
			m.want.Reports[0].Rows = append(m.want.Reports[0].Rows, row("L-7", 1))
			m.kiva.add(kiva.PayingBack, "L-7")
		}, "", "repayment/2026-11/L-7"},
		{"a draft was removed", func(m *moment) { m.want.Drafts = m.want.Drafts[1:] }, "", "loan_draft/L-1 () is no longer in the files"},
		{"a row was removed", func(m *moment) { m.want.Reports[0].Rows = m.want.Reports[0].Rows[1:] }, "", "no longer in the files"},
		{"a draft was sent", func(m *moment) { m.ledger.remember(draft("L-1", 100), plan.OutcomeAccepted) }, "", "loan_draft/L-1 was attempted since, and is unchanged"},
		{"a draft was attempted", func(m *moment) { m.ledger.remember(draft("L-1", 100), plan.OutcomeRejected) }, "", "loan_draft/L-1 was attempted since"},
		{"a draft is at Kiva", func(m *moment) { m.kiva.add(kiva.Reviewed, "L-1") }, "", "was to submit, and is adopt"},
		{"a loan stopped paying back", func(m *moment) { m.kiva.loans[0].Status = kiva.Ended }, "", "was to submit, and is waiting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMoment()
			data, err := m.plan(t).Save(time.Now(), time.Hour, "v", "c").Encode()
			if err != nil {
				t.Fatal(err)
			}
			saved, err := plan.ReadSaved(data)
			if err != nil {
				t.Fatal(err)
			}
			tt.then(m)
			p := m.plan(t)
			err = saved.Restrict(p)
			var stale *plan.StaleError
			switch {
			case tt.stale == "" && (err != nil || marks(p) != tt.marks):
				t.Errorf("%q, %v", marks(p), err)
			case tt.stale != "" && (!errors.As(err, &stale) || !strings.Contains(err.Error(), tt.stale)):
				t.Errorf("%v, want %q", err, tt.stale)
			}
		})
	}
}

// The digest names what a plan would do: the same on every machine, and another
// one as soon as anything else would be sent.
func TestDigest(t *testing.T) {
	first := newMoment().plan(t).Digest()
	if again := newMoment().plan(t).Digest(); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	seen := map[string]string{first: "nothing"}
	for name, then := range map[string]func(*moment){
		"a text":       func(m *moment) { m.want.Drafts[0].LoanUse = "to buy a goat" },
		"an amount":    func(m *moment) { m.want.Reports[0].Rows[0].Amount = money.FromInt(7) },
		"one less":     func(m *moment) { m.want.Drafts = m.want.Drafts[1:] },
		"a partner":    func(m *moment) { m.want.Settings.PartnerID = "14" },
		"environment":  func(m *moment) { m.want.Environment = "production" },
		"attempted":    func(m *moment) { m.ledger.remember(draft("L-1", 100), plan.OutcomeRejected) },
		"now possible": func(m *moment) { m.kiva.loans[1].Status = kiva.PayingBack },
	} {
		m := newMoment()
		then(m)
		d := m.plan(t).Digest()
		if other, twice := seen[d]; twice {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[d] = name
	}
	moved := newMoment()
	moved.want.Drafts[0].Pos = spec.Pos{File: "elsewhere.yaml", Line: 7}
	if d := moved.plan(t).Digest(); d != first {
		t.Error("moving a file changes the digest")
	}
}

func TestSavedPlansHoldNoPersonalData(t *testing.T) {
	m := newMoment()
	m.want.Drafts[0].Entreps[0].FirstName = "Unmistakable"
	m.want.Drafts[0].LoanUse = "Unmistakable use"
	m.want.Journals[0].Body = "Unmistakable body"
	p := m.plan(t)
	data, err := p.Save(time.Now(), time.Hour, "v", "c").Encode()
	if err != nil || strings.Contains(string(data), "Unmistakable") {
		t.Errorf("%s %v", data, err)
	}
	if a, b := p.Save(time.Now(), time.Hour, "", ""), p.Save(time.Now(), time.Hour, "", ""); a.ID == b.ID || a.Items[0].Fingerprint == b.Items[0].Fingerprint {
		t.Error("two saved plans have one key")
	}
}

func TestReadSavedRefuses(t *testing.T) {
	data, err := newMoment().plan(t).Save(time.Now(), time.Hour, "v", "c").Encode()
	if err != nil {
		t.Fatal(err)
	}
	saved, err := plan.ReadSaved(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := saved.Encode()
	if diff := cmp.Diff(string(data), string(again)); err != nil || diff != "" {
		t.Errorf("it doesn't read as it was written: %v %s", err, diff)
	}
	for _, bad := range []string{"", "{}", "null", "hello", `{"format_version":1}`, strings.Replace(string(data), `"format_version": 1`, `"format_version": 2`, 1), string(data[:len(data)/2])} {
		if _, err := plan.ReadSaved([]byte(bad)); err == nil {
			t.Errorf("read %.40q", bad)
		}
	}
}

func ExampleStaleError() {
	stale := &plan.StaleError{Reasons: []string{"loan_draft/L-1 (loans/a.yaml:3) was changed"}}
	fmt.Println(stale)
	fmt.Println("hint:", stale.Hint())
	// Output:
	// the plan is stale:
	//   loan_draft/L-1 (loans/a.yaml:3) was changed
	// hint: plan again, and have it reviewed again
}

func TestSavedSettings(t *testing.T) {
	p := newMoment().plan(t)
	p.Addresses = []plan.Destination{{Key: "ledger", Value: "git:kivaform-ledger"}}
	p.Settings = []plan.Setting{{Key: "photos.max_pixels", Value: "1600"}}
	s := p.Save(time.Now(), time.Hour, "", "")
	if err := s.CheckAddresses(p.Addresses, p.Settings); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		addresses []plan.Destination
		settings  []plan.Setting
		want      string
	}{
		{[]plan.Destination{{Key: "ledger", Value: "git:old"}}, p.Settings, `ledger was "git:kivaform-ledger", and is "git:old" by now`},
		{p.Addresses, []plan.Setting{{Key: "photos.max_pixels", Value: "1"}}, `photos.max_pixels was "1600", and is "1" by now`},
		{p.Addresses, nil, `photos.max_pixels was "1600", and is not set by now`},
	} {
		if err := s.CheckAddresses(tt.addresses, tt.settings); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, not %s", err, tt.want)
		}
	}
}
