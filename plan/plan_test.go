package plan_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/plan/identity"
	"kivaform/plan/message"
	"kivaform/spec"
	"kivaform/spec/field"
)

// fakeLedger is a ledger in memory. Its digests are the values themselves.
type fakeLedger struct {
	last      map[spec.Address]*plan.Attempt
	rows      map[string]map[string]*plan.RowAttempt
	recorded  map[spec.Address]plan.Recorded
	period    string
	finalised string
	open      []plan.OpenRequest
}

func (f *fakeLedger) Load(context.Context) (plan.Past, error)        { return f, nil }
func (f *fakeLedger) Last(a spec.Address) *plan.Attempt              { return f.last[a] }
func (f *fakeLedger) Rows(period string) map[string]*plan.RowAttempt { return f.rows[period] }
func (f *fakeLedger) Unknown() []plan.OpenRequest                    { return f.open }
func (f *fakeLedger) Finalised(period string) bool                   { return f.finalised == period }
func (f *fakeLedger) Periods() []string {
	if f.period == "" {
		return nil
	}
	return []string{f.period}
}
func (f *fakeLedger) field(field spec.Field) string      { return "#" + field.Value }
func (f *fakeLedger) fingerprint(r spec.Resource) string { return fmt.Sprint(field.Values(r)) }
func (f *fakeLedger) MatchesField(digest string, _ spec.Address, field spec.Field) bool {
	return digest == f.field(field)
}
func (f *fakeLedger) MatchesItem(fingerprint string, _ spec.Address, r spec.Resource) bool {
	return fingerprint == f.fingerprint(r)
}
func (f *fakeLedger) Recorded(_ context.Context, a spec.Address, last *plan.Attempt) (plan.Recorded, error) {
	return f.recorded[a], nil
}

// Digester is one of a key for tests.
func (f *fakeLedger) Digester() plan.Digester { return plan.NewDigester([]byte("a key for tests")) }

// Known tells of what was remembered.
func (f *fakeLedger) Known(context.Context) iter.Seq2[plan.Known, error] {
	return func(yield func(plan.Known, error) bool) {
		for a, last := range f.last {
			if !last.Outcome.MayRepeat() && !yield(plan.Known{Thing: identity.ThingOf(a), Outcome: last.Outcome}, nil) {
				return
			}
		}
	}
}

// remember records a resource as it stands.
func (f *fakeLedger) remember(r spec.Resource, o plan.Outcome) {
	if f.last == nil {
		f.last = make(map[spec.Address]*plan.Attempt)
		f.recorded = make(map[spec.Address]plan.Recorded)
	}
	a := r.Address()
	f.last[a] = &plan.Attempt{Number: 1, Outcome: o, Fingerprint: f.fingerprint(r), At: time.Unix(1_800_000_000, 0), Run: "run-1", Message: "as Kiva said"}
	recorded := plan.Recorded{Values: make(map[string]string), Digests: make(map[string]string)}
	for _, field := range field.Values(r) {
		if field.Personal {
			recorded.Digests[field.Path] = f.field(field)
		} else {
			recorded.Values[field.Path] = field.Value
		}
	}
	f.recorded[a] = recorded
}

// fakeKiva lists loans, and remembers what it was asked.
type fakeKiva struct {
	loans   []kiva.Loan
	noTotal bool
	total   int // that it counts, where it isn't the number of its loans
	fails   error

	mu    sync.Mutex
	asked []string
}

func (*fakeKiva) AtOnce() int { return 4 }

func (f *fakeKiva) LoanPage(_ context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprintf("%s %s %d", q.Query, q.Status, q.Offset))
	found := slices.DeleteFunc(slices.Clone(f.loans), func(l kiva.Loan) bool {
		return q.Status != "" && l.Status != q.Status || !strings.Contains(l.InternalLoanID+l.Name, q.Query)
	})
	page := kiva.LoanPage{Total: len(found)}
	if f.noTotal {
		page.Total = -1
	}
	if f.total > 0 {
		page.Total = f.total
	}
	if q.Offset < len(found) {
		page.Loans = found[q.Offset:min(q.Offset+q.Limit, len(found))]
	}
	return page, f.fails
}

func (f *fakeKiva) add(status kiva.Status, ids ...string) *fakeKiva {
	for _, id := range ids {
		f.loans = append(f.loans, kiva.Loan{KivaID: fmt.Sprint(len(f.loans) + 1), InternalLoanID: id, Status: status, Currency: "KES"})
	}
	return f
}

func draft(id string, amount int64) *spec.LoanDraft {
	return &spec.LoanDraft{Currency: "KES", LoanUse: "to buy a cow", Entreps: []spec.Entrep{{LoanID: id, FirstName: "Mary", Amount: money.FromInt(amount)}}}
}

func journal(loan, key string) *spec.Journal {
	return &spec.Journal{LoanID: loan, Key: key, Subject: "S", Body: "B"}
}

func report(period string, rows ...spec.Repayment) *spec.RepaymentReport {
	return &spec.RepaymentReport{Period: period, File: "r.csv", Rows: rows}
}

func row(id string, amount int64) spec.Repayment {
	return spec.Repayment{LoanID: id, Amount: money.FromInt(amount)}
}

func set(resources ...any) *spec.Set {
	s := &spec.Set{Environment: "staging", Settings: spec.Settings{
		PartnerID: "145", JournalStatuses: []string{"payingBack"}, RepaymentAmounts: spec.CumulativePrincipal}}
	s.Today, _ = spec.ParseDate("2026-11-20")
	for _, r := range resources {
		switch r := r.(type) {
		case *spec.LoanDraft:
			s.Drafts = append(s.Drafts, r)
		case *spec.Journal:
			s.Journals = append(s.Journals, r)
		case *spec.RepaymentReport:
			s.Reports = append(s.Reports, r)
		}
	}
	return s
}

func compute(t testing.TB, want *spec.Set, l *fakeLedger, k *fakeKiva) *plan.Plan {
	t.Helper()
	state, err := plan.Observe(t.Context(), want, l, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Compute(want, state, nil)
}

// why words a reason as people read it.
func why(r plan.Reason) string { return message.English().Reason(r) }

func TestDrafts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		outcome plan.Outcome // of the last attempt; "" for none
		edited  bool
		listed  kiva.Status // "" where Kiva doesn't list it
		want    plan.Action
		why     string
	}{
		{name: "new", want: plan.Submit},
		{name: "at Kiva, not in the ledger", listed: kiva.FundRaising, want: plan.Adopt, why: "Kiva lists it already, as 1 (fundRaising)"},
		{name: "sent", outcome: plan.OutcomeAccepted, want: plan.Unchanged},
		{name: "sent and published", outcome: plan.OutcomeAccepted, listed: kiva.PayingBack, want: plan.Unchanged},
		{name: "adopted", outcome: plan.OutcomeAdopted, listed: kiva.PayingBack, want: plan.Unchanged},
		{name: "found by a person", outcome: plan.OutcomeExists, want: plan.Unchanged},
		{name: "edited", outcome: plan.OutcomeAccepted, edited: true, want: plan.Edited, why: `correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`},
		{name: "rejected", outcome: plan.OutcomeRejected, want: plan.Submit, why: "as Kiva said"},
		{name: "rejected, then posted by hand", outcome: plan.OutcomeRejected, listed: kiva.Reviewed, want: plan.Adopt},
		{name: "not sent", outcome: plan.OutcomeNotSent, want: plan.Submit, why: "not sent"},
		{name: "found absent by a person", outcome: plan.OutcomeAbsent, want: plan.Submit},
		{name: "unknown", outcome: plan.OutcomeUnknown, want: plan.Unknown, why: "by run run-1, and no answer is known"},
		{name: "unknown and edited", outcome: plan.OutcomeUnknown, edited: true, want: plan.Unknown},
		{name: "unknown and listed", outcome: plan.OutcomeUnknown, listed: kiva.Reviewed, want: plan.Unknown, why: "it arrived"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, k := new(fakeLedger), new(fakeKiva)
			if tt.outcome != "" {
				l.remember(draft("L-1", 100), tt.outcome)
			}
			if tt.listed != "" {
				k.add(tt.listed, "L-1")
			}
			d := draft("L-1", 100)
			if tt.edited {
				d = draft("L-1", 120)
			}
			item := compute(t, set(d), l, k).Drafts[0]
			if item.Action != tt.want || !strings.Contains(why(item.Reason), tt.why) {
				t.Errorf("%c %q, want %c %q", item.Action, why(item.Reason), tt.want, tt.why)
			}
		})
	}
}

func TestChangesNameOldAndNew(t *testing.T) {
	l := new(fakeLedger)
	l.remember(draft("L-1", 100), plan.OutcomeAccepted)
	d := draft("L-1", 120)
	d.LoanUse = "to buy two cows"
	d.Location = "Nakuru: Kenya"
	d.Entreps[0].FirstName = ""
	got := compute(t, set(d), l, new(fakeKiva)).Drafts[0].Changes
	want := []plan.Change{
		{Path: "entreps[0].amount", Kind: spec.Money, Old: "100", New: "120", Was: true, Is: true},
		{Path: "loanuse", Personal: true, New: "to buy two cows", Was: true, Is: true},
		{Path: "location", New: "Nakuru: Kenya", Is: true},
		{Path: "entreps[0].first_name", Personal: true, Was: true},
	}
	byPath := func(list []plan.Change) map[string]plan.Change {
		m := make(map[string]plan.Change)
		for _, c := range list {
			m[c.Path] = c
		}
		return m
	}
	if diff := cmp.Diff(byPath(want), byPath(got)); diff != "" {
		t.Error(diff)
	}
}

func TestJournals(t *testing.T) {
	const here, sent = "in the files", "in the ledger"
	for _, tt := range []struct {
		draft   string // of the journal's loan
		outcome plan.Outcome
		status  kiva.Status
		want    plan.Action
		why     string
	}{
		{status: kiva.PayingBack, want: plan.Submit},
		{want: plan.Waiting, why: "doesn't list its loan, and no draft is known"},
		{draft: here, want: plan.Waiting, why: "the draft must be published first"},
		{draft: sent, want: plan.Waiting, why: "the draft must be published first"},
		{status: kiva.FundRaising, want: plan.Waiting, why: "its loan is fundRaising"},
		{status: kiva.FundRaising, outcome: plan.OutcomeRejected, want: plan.Waiting},
		{status: kiva.PayingBack, outcome: plan.OutcomeRejected, want: plan.Submit},
		{status: kiva.Ended, outcome: plan.OutcomeAccepted, want: plan.Unchanged},
		{status: kiva.PayingBack, outcome: plan.OutcomeUnknown, want: plan.Unknown},
	} {
		l, k := new(fakeLedger), new(fakeKiva)
		if tt.outcome != "" {
			l.remember(journal("L-1", "visit"), tt.outcome)
		}
		if tt.status != "" {
			k.add(tt.status, "L-1")
		}
		want := set(journal("L-1", "visit"))
		switch tt.draft {
		case here:
			want = set(draft("L-1", 100), journal("L-1", "visit"))
		case sent:
			l.remember(draft("L-1", 100), plan.OutcomeAccepted)
		}
		item := compute(t, want, l, k).Journals[0]
		if item.Action != tt.want || !strings.Contains(why(item.Reason), tt.why) {
			t.Errorf("%+v: %c %q", tt, item.Action, why(item.Reason))
		}
	}
}

func TestRows(t *testing.T) {
	past := func(o plan.Outcome, amount int64) *plan.RowAttempt {
		r := &plan.RowAttempt{Attempt: &plan.Attempt{Number: 1, Outcome: o, Run: "run-1"}, Outcome: o, Amount: money.FromInt(amount)}
		if o.AtKiva() {
			r.Reported, r.WasReported = r.Amount, true
		}
		return r
	}
	for _, tt := range []struct {
		name   string
		last   *plan.RowAttempt
		status kiva.Status
		mode   spec.AmountMode
		want   plan.Action
	}{
		{"new", nil, kiva.PayingBack, spec.CumulativePrincipal, plan.Submit},
		{"new, defaulted", nil, kiva.Defaulted, spec.CumulativePrincipal, plan.Submit},
		{"not listed", nil, "", spec.CumulativePrincipal, plan.Waiting},
		{"ended", nil, kiva.Ended, spec.CumulativePrincipal, plan.Waiting},
		{"same", past(plan.OutcomeAccepted, 100), kiva.PayingBack, spec.CumulativePrincipal, plan.Unchanged},
		{"same, ended since", past(plan.OutcomeAccepted, 100), kiva.Ended, spec.CumulativePrincipal, plan.Unchanged},
		{"changed, cumulative", past(plan.OutcomeAccepted, 90), kiva.PayingBack, spec.CumulativePrincipal, plan.ReportAgain},
		{"changed, outstanding", past(plan.OutcomeAccepted, 110), kiva.PayingBack, spec.OutstandingPrincipal, plan.ReportAgain},
		{"changed, this period", past(plan.OutcomeAccepted, 90), kiva.PayingBack, spec.PaidThisPeriod, plan.Edited},
		{"changed, ended since", past(plan.OutcomeAccepted, 90), kiva.Ended, spec.CumulativePrincipal, plan.Waiting},
		{"rejected, same amount", past(plan.OutcomeRejected, 100), kiva.PayingBack, spec.PaidThisPeriod, plan.Submit},
		{"unknown, same amount", past(plan.OutcomeUnknown, 100), kiva.PayingBack, spec.CumulativePrincipal, plan.Unknown},
		{"unknown, other amount", past(plan.OutcomeUnknown, 90), kiva.PayingBack, spec.CumulativePrincipal, plan.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, k := new(fakeLedger), new(fakeKiva)
			if tt.last != nil {
				l.rows = map[string]map[string]*plan.RowAttempt{"2026-11": {"L-1": tt.last}}
				l.period = "2026-11"
			}
			if tt.status != "" {
				k.add(tt.status, "L-1")
			}
			want := set(report("2026-11", row("L-1", 100)))
			want.Settings.RepaymentAmounts = tt.mode
			r := compute(t, want, l, k).Reports[0].Rows[0]
			if told := strings.Contains(why(r.Reason), "then say so: kivaform ack ADDRESS "); r.Action != tt.want || told != (r.Action == plan.Edited) {
				t.Errorf("%c %q, want %c", r.Action, why(r.Reason), tt.want)
			}
		})
	}
}

// An upload names no period, so only one period may be on its way.
func TestOnlyTheLatestPeriodIsSent(t *testing.T) {
	k := new(fakeKiva).add(kiva.PayingBack, "L-1")
	actions := func(l *fakeLedger, periods ...string) string {
		var reports []any
		for _, p := range periods {
			reports = append(reports, report(p, row("L-1", 100)))
		}
		var b strings.Builder
		for _, r := range compute(t, set(reports...), l, k).Reports {
			b.WriteRune(rune(r.Rows[0].Action))
		}
		return b.String()
	}
	if got := actions(new(fakeLedger), "2026-10", "2026-11", "2026-12"); got != "…+…" {
		t.Errorf("three periods in November: %q", got)
	}
	if got := actions(&fakeLedger{period: "2026-11"}, "2026-10"); got != "…" {
		t.Errorf("October after November was sent: %q", got)
	}
	changed := &fakeLedger{period: "2026-11", rows: map[string]map[string]*plan.RowAttempt{"2026-10": {"L-1": {
		Attempt: &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted}, Outcome: plan.OutcomeAccepted, Amount: money.FromInt(50), Reported: money.FromInt(50), WasReported: true}}}}
	if got := actions(changed, "2026-10"); got != "≠" {
		t.Errorf("October changed after November was sent: %q", got)
	}
}

// Nothing is asked of Kiva when everything was sent, and little when little is
// open.
func TestReadsNoMoreThanItMust(t *testing.T) {
	many := new(fakeKiva)
	for i := range 1000 {
		many.add(kiva.PayingBack, fmt.Sprintf("L-%04d", i))
	}
	sent := new(fakeLedger)
	var all []any
	for i := range 50 {
		d := draft(fmt.Sprintf("L-%04d", i), 100)
		sent.remember(d, plan.OutcomeAccepted)
		all = append(all, d)
	}
	for _, tt := range []struct {
		name string
		want *spec.Set
		asks int
	}{
		{"all sent", set(all...), 0},
		{"one new among them: the whole list, as a search proves no absence", set(append(all, draft("NEW", 1))...), 4},
		{"one journal", set(append(all, journal("L-0007", "visit"))...), 1},
		{"fifty new: four pages of 300", set(func() (list []any) {
			for i := range 50 {
				list = append(list, draft(fmt.Sprintf("N-%d", i), 1))
			}
			return list
		}()...), 4},
	} {
		many.asked = nil
		compute(t, tt.want, sent, many)
		if len(many.asked) != tt.asks {
			t.Errorf("%s: asked %d times, want %d: %q", tt.name, len(many.asked), tt.asks, many.asked)
		}
	}
}

func TestListWithoutTotal(t *testing.T) {
	k := new(fakeKiva)
	k.noTotal = true
	var want []any
	for i := range 700 {
		id := fmt.Sprintf("L-%04d", i)
		k.add(kiva.PayingBack, id)
		want = append(want, draft(id, 1))
	}
	for _, item := range compute(t, set(want...), new(fakeLedger), k).Drafts {
		if item.Action != plan.Adopt {
			t.Fatalf("%s: %c", item.Address(), item.Action)
		}
	}
}

func TestLoanListedTwice(t *testing.T) {
	k := new(fakeKiva).add(kiva.Deleted, "L-1").add(kiva.PayingBack, "L-1").add(kiva.Expired, "L-1")
	p := compute(t, set(draft("L-1", 1)), new(fakeLedger), k)
	if p.Drafts[0].Loan.Status != kiva.PayingBack || len(p.Notes) != 1 || !strings.Contains(why(p.Notes[0]), "L-1") {
		t.Errorf("%+v %q", p.Drafts[0].Loan, p.Notes)
	}
}

func TestKivaOutOfReach(t *testing.T) {
	k := &fakeKiva{fails: context.DeadlineExceeded}
	if _, err := plan.Observe(t.Context(), set(draft("L-1", 1)), new(fakeLedger), k, nil); err == nil {
		t.Error("a plan was made without knowing what Kiva has")
	}
}

func TestTotals(t *testing.T) {
	u := draft("L-2", 7)
	u.Currency = "UGX"
	k := new(fakeKiva).add(kiva.PayingBack, "L-9")
	p := compute(t, set(draft("L-1", 100), draft("L-3", 50), u, report("2026-11", row("L-9", 5), row("L-8", 6))), new(fakeLedger), k)
	if diff := cmp.Diff(plan.Totals{"KES": money.FromInt(150), "UGX": money.FromInt(7)}, p.DraftTotals()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(plan.Totals{"KES": money.FromInt(5)}, p.Reports[0].Totals()); diff != "" {
		t.Error(diff)
	}
	if c := p.Count(); c[plan.Submit] != 4 || c[plan.Waiting] != 1 {
		t.Errorf("%v", c)
	}
}

// Principal repaid can't become less, nor principal owed more, unless a person
// says so; what was paid in one period may be anything.
func TestAmountsThatGoTheWrongWay(t *testing.T) {
	reported := func(o plan.Outcome, amount, reported int64) *plan.RowAttempt {
		r := &plan.RowAttempt{Attempt: &plan.Attempt{Number: 1, Outcome: o}, Outcome: o, Amount: money.FromInt(amount), Reported: money.FromInt(reported), WasReported: true}
		if o == plan.OutcomeApproved {
			r.Approval = &r.Amount
		}
		return r
	}
	for _, tt := range []struct {
		name   string
		mode   spec.AmountMode
		period string // in which it was reported
		last   *plan.RowAttempt
		now    int64
		fault  string
	}{
		{"more repaid", spec.CumulativePrincipal, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 110, ""},
		{"as much repaid", spec.CumulativePrincipal, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 100, ""},
		{"less repaid than last month", spec.CumulativePrincipal, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 90, "90 after 100 reported for 2026-10"},
		{"less repaid than before in the month", spec.CumulativePrincipal, "2026-11", reported(plan.OutcomeAccepted, 100, 100), 90, "90 after 100 reported for 2026-11"},
		{"less, and approved", spec.CumulativePrincipal, "2026-11", reported(plan.OutcomeApproved, 90, 100), 90, ""},
		{"less, and another amount approved", spec.CumulativePrincipal, "2026-11", reported(plan.OutcomeApproved, 95, 100), 90, "90 after 100"},
		{"less owed", spec.OutstandingPrincipal, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 90, ""},
		{"more owed", spec.OutstandingPrincipal, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 110, "principal owed can't become more"},
		{"less paid in this period", spec.PaidThisPeriod, "2026-10", reported(plan.OutcomeAccepted, 100, 100), 5, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &fakeLedger{period: tt.period, rows: map[string]map[string]*plan.RowAttempt{tt.period: {"L-1": tt.last}}}
			want := set(report("2026-11", row("L-1", tt.now)))
			want.Settings.RepaymentAmounts = tt.mode
			p := compute(t, want, l, new(fakeKiva).add(kiva.PayingBack, "L-1"))
			switch {
			case tt.fault == "" && len(p.Faults) > 0:
				t.Errorf("a fault: %v", p.Faults[0])
			case tt.fault != "" && (len(p.Faults) != 1 || !strings.Contains(p.Faults[0].Error(), tt.fault)):
				t.Errorf("faults %v, want %q", p.Faults, tt.fault)
			}
			for _, f := range p.Faults {
				checkTranslated(t, f)
			}
		})
	}
}

// checkTranslated holds that a fault gives all that its sentence in another
// language fills in.
func checkTranslated(t *testing.T, f *spec.Fault) {
	t.Helper()
	spanish, err := message.ForCode("es")
	if err != nil {
		t.Fatal(err)
	}
	text, hint := spanish.Fault(f)
	if text == f.Message || hint == f.Remedy || strings.Contains(text+hint, "- ") || !strings.Contains(hint, string(f.Address)) {
		t.Errorf("%s; %s", text, hint)
	}
}

// A row that was corrected back to what Kiva has needs no upload.
func TestARejectedCorrectionTakenBack(t *testing.T) {
	l := &fakeLedger{period: "2026-11", rows: map[string]map[string]*plan.RowAttempt{"2026-11": {"L-1": {
		Attempt: &plan.Attempt{Number: 2, Outcome: plan.OutcomeRejected}, Outcome: plan.OutcomeRejected, Amount: money.FromInt(120), Reported: money.FromInt(100), WasReported: true}}}}
	k := new(fakeKiva).add(kiva.PayingBack, "L-1")
	if got := compute(t, set(report("2026-11", row("L-1", 100))), l, k).Reports[0].Rows[0].Action; got != plan.Unchanged {
		t.Errorf("%c", got)
	}
	if got := compute(t, set(report("2026-11", row("L-1", 130))), l, k).Reports[0].Rows[0].Action; got != plan.ReportAgain {
		t.Errorf("%c", got)
	}
}

// A person may have a draft sent again that PA2 no longer has, but not one of
// which nobody knows, nor one that Kiva lists alive.
func TestResend(t *testing.T) {
	for _, tt := range []struct {
		outcome plan.Outcome
		listed  kiva.Status
		want    plan.Action
	}{
		{plan.OutcomeAccepted, "", plan.Submit},
		{plan.OutcomeAdopted, kiva.Deleted, plan.Submit},
		{plan.OutcomeAccepted, kiva.FundRaising, plan.Adopt},
		{plan.OutcomeUnknown, "", plan.Unknown},
	} {
		l, k := new(fakeLedger), new(fakeKiva)
		d := draft("L-1", 100)
		l.remember(d, tt.outcome)
		if tt.listed != "" {
			k.add(tt.listed, "L-1")
		}
		want := set(d)
		resend := plan.Resend{d.Address(): true}
		state, err := plan.Observe(t.Context(), want, l, k, resend)
		if err != nil {
			t.Fatal(err)
		}
		item := plan.Compute(want, state, resend).Drafts[0]
		if item.Action != tt.want || item.Again != (tt.outcome != plan.OutcomeUnknown) {
			t.Errorf("%+v: %c %v %q", tt, item.Action, item.Again, why(item.Reason))
		}
	}
}
