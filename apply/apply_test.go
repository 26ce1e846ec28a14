package apply_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

// fakeKiva counts what it is sent, and answers as a test says.
type fakeKiva struct {
	answer func(kind, id string) error // nil accepts; may be nil
	rows   []kiva.Problem

	mu       sync.Mutex
	received []string
	batches  []int
	most     atomic.Int32
	now      atomic.Int32
}

func (f *fakeKiva) take(kind string, ids ...string) error {
	f.most.Store(max(f.most.Load(), f.now.Add(1)))
	defer f.now.Add(-1)
	f.mu.Lock()
	for _, id := range ids {
		f.received = append(f.received, kind+" "+id)
	}
	f.batches = append(f.batches, len(ids))
	f.mu.Unlock()
	if f.answer == nil {
		return nil
	}
	return f.answer(kind, ids[0])
}

func (f *fakeKiva) CreateLoanDraft(_ context.Context, d kiva.LoanDraft) (kiva.DraftReceipt, error) {
	return kiva.DraftReceipt{Status: 200, Message: "saved " + d.Entreps[0].FirstName, UUID: "uuid-" + d.Entreps[0].LoanID}, f.take("draft", d.Entreps[0].LoanID)
}

func (f *fakeKiva) PostJournals(_ context.Context, journals []kiva.Journal) ([]kiva.JournalReceipt, error) {
	var ids []string
	for _, j := range journals {
		ids = append(ids, j.InternalLoanID+"/"+j.Subject)
	}
	return []kiva.JournalReceipt{{Status: 200, Message: "saved " + journals[0].Body, ArchiveID: "7", ConfirmURL: "https://pa2/confirm"}}, f.take("journal", ids...)
}

func (f *fakeKiva) PostRepayments(_ context.Context, rows []kiva.Repayment) ([]kiva.RepaymentReceipt, error) {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.LoanID)
	}
	return []kiva.RepaymentReceipt{{Status: 200, UploadID: "9", Problems: f.rows}}, f.take("repayment", ids...)
}

func (f *fakeKiva) sorted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(f.received))
}

// source lists every loan as paying back but drafts.
type source struct{ loans []kiva.Loan }

func (source) AtOnce() int { return 4 }

func (s source) LoanPage(_ context.Context, q kiva.LoanQuery) (kiva.LoanPage, error) {
	if q.Offset > 0 {
		return kiva.LoanPage{Total: len(s.loans)}, nil
	}
	return kiva.LoanPage{Total: len(s.loans), Loans: s.loans}, nil
}

// A world is a workspace, a ledger and a Kiva.
type world struct {
	set    *spec.Set
	store  *ledgertest.Memory
	kiva   *fakeKiva
	source source
}

func newWorld(drafts, journals, rows int) *world {
	w := &world{store: new(ledgertest.Memory), kiva: new(fakeKiva)}
	w.set = &spec.Set{Environment: "staging", Settings: spec.Settings{PartnerID: "145", JournalStatuses: []string{"payingBack"}}}
	w.set.Today, _ = spec.ParseDate("2026-11-20")
	for i := range drafts {
		w.set.Drafts = append(w.set.Drafts, &spec.LoanDraft{
			Pos:     spec.Pos{File: "loans.yaml", Line: int32(10 * (i + 1))},
			Entreps: []spec.Entrep{{LoanID: fmt.Sprintf("D%d", i), FirstName: "Unmistakable", Amount: money.FromInt(100)}}})
	}
	for i := range journals {
		id := fmt.Sprintf("J%d", i)
		w.set.Journals = append(w.set.Journals, &spec.Journal{Pos: spec.Pos{File: "journals.yaml", Line: int32(i + 1)}, LoanID: id, Key: "k", Subject: "s", Body: "Unmistakable body"})
		w.source.loans = append(w.source.loans, kiva.Loan{KivaID: id, InternalLoanID: id, Status: kiva.PayingBack})
	}
	if rows > 0 {
		r := &spec.RepaymentReport{Period: "2026-11", File: "r.csv"}
		for i := range rows {
			id := fmt.Sprintf("R%d", i)
			r.Rows = append(r.Rows, spec.Repayment{LoanID: id, Amount: money.FromInt(5), Line: int32(i + 2)})
			w.source.loans = append(w.source.loans, kiva.Loan{KivaID: id, InternalLoanID: id, Status: kiva.PayingBack})
		}
		w.set.Reports = append(w.set.Reports, r)
	}
	return w
}

// apply plans and applies once, as a new program would.
func (w *world) apply(t *testing.T, ctx context.Context, change func(*apply.Options)) *apply.Account {
	t.Helper()
	l := ledger.New(w.store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
	state, err := plan.Observe(t.Context(), w.set, l, w.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := apply.Options{Kiva: w.kiva, Ledger: l, Run: "run", JournalBatch: 2, RepaymentBatch: 3}
	if change != nil {
		change(&o)
	}
	account, err := apply.Run(ctx, plan.Compute(w.set, state, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	unanswered := 0
	for _, attempt := range account.Unanswered {
		unanswered += len(attempt.Undecided())
	}
	if n := account.Count(apply.Unknown); n != unanswered {
		t.Errorf("%d items are unknown, and the unanswered requests have %d", n, unanswered)
	}
	return account
}

func TestEverythingIsSentOnce(t *testing.T) {
	w := newWorld(5, 3, 7)
	account := w.apply(t, t.Context(), nil)
	if got := account.String(); got != "sent 15" || len(account.Failures) != 0 {
		t.Errorf("%s %+v", got, account.Failures)
	}
	first := w.kiva.sorted()
	if got := slices.Compact(slices.Clone(first)); len(got) != 15 || len(first) != 15 {
		t.Errorf("received %q", first)
	}
	slices.Sort(w.kiva.batches)
	if diff := cmp.Diff([]int{1, 1, 1, 1, 1, 1, 1, 2, 3, 3}, w.kiva.batches); diff != "" {
		t.Error(diff)
	}
	if got := w.apply(t, t.Context(), nil).String(); got != "sent nothing" || len(w.kiva.sorted()) != 15 {
		t.Errorf("again: %s, received %d", got, len(w.kiva.sorted()))
	}
}

func failure(o kiva.Outcome, status int) error {
	return &kiva.Error{Op: "POST", Outcome: o, Status: status, Message: "no thanks, Unmistakable"}
}

// One item that fails doesn't stop the others, and stands beside its line.
func TestARejectionIsOneItemsOwn(t *testing.T) {
	w := newWorld(4, 0, 0)
	w.kiva.answer = func(_, id string) error {
		if id == "D2" {
			return failure(kiva.Rejected, 400)
		}
		return nil
	}
	account := w.apply(t, t.Context(), nil)
	if account.String() != "sent 3, rejected 1" || account.Stop != "" {
		t.Errorf("%s, stopped by %q", account, account.Stop)
	}
	if f := account.Failures; len(f) != 1 || f[0].Pos.String() != "loans.yaml:30" || f[0].Address != "loan_draft/D2" {
		t.Errorf("%+v", f)
	}
	w.kiva.answer = nil
	if got := w.apply(t, t.Context(), nil).String(); got != "sent nothing" {
		t.Errorf("unchanged: %s", got)
	}
	w.set.Drafts[2].LoanUse = "to buy two goats"
	if got := w.apply(t, t.Context(), nil).String(); got != "sent 1" {
		t.Errorf("mended: %s", got)
	}
}

// An unknown outcome starts nothing more, and its item is never sent again.
func TestAnUnknownStopsAndStays(t *testing.T) {
	w := newWorld(6, 0, 0)
	w.kiva.answer = func(_, id string) error {
		if id == "D1" {
			return failure(kiva.Unknown, 502)
		}
		return nil
	}
	account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 1 })
	if account.String() != "sent 1, unknown 1, not attempted 4" || account.Stop != apply.StopUnknown {
		t.Errorf("%s, stopped by %q", account, account.Stop)
	}
	w.kiva.answer = nil
	if got := w.apply(t, t.Context(), nil).String(); got != "sent 4" {
		t.Errorf("next: %s", got)
	}
	if n := len(w.kiva.sorted()); n != 6 {
		t.Errorf("received %d, want 6", n)
	}
	w.store = new(ledgertest.Memory)
	w.kiva = &fakeKiva{answer: func(_, id string) error {
		if id == "D1" {
			return failure(kiva.Unknown, 0)
		}
		return nil
	}}
	account = w.apply(t, t.Context(), func(o *apply.Options) { o.ContinueOnUnknown = true })
	if account.String() != "sent 5, unknown 1" || account.Stop != "" {
		t.Errorf("going on: %s, stopped by %q", account, account.Stop)
	}
}

// An unknown batch freezes its own rows and no others.
func TestAnUnknownBatchFreezesItsRows(t *testing.T) {
	w := newWorld(0, 0, 7)
	w.kiva.answer = func(_, id string) error {
		if id == "R3" {
			return failure(kiva.Unknown, 0)
		}
		return nil
	}
	w.apply(t, t.Context(), func(o *apply.Options) { o.ContinueOnUnknown = true })
	w.kiva.answer = nil
	w.set.Reports[0].Rows = append(w.set.Reports[0].Rows[:1:1], w.set.Reports[0].Rows[3:]...) // cut otherwise
	w.apply(t, t.Context(), func(o *apply.Options) { o.RepaymentBatch = 2 })
	if got := w.kiva.sorted(); len(got) != 7 {
		t.Errorf("received %q", got)
	}
}

// A token that lost its rights, or a Kiva that can't be reached, doesn't burn
// through the whole list.
func TestPointlessRunsStop(t *testing.T) {
	for want, err := range map[apply.Stop]error{
		apply.StopUnauthorised: failure(kiva.Rejected, http.StatusForbidden),
		apply.StopUnreachable:  failure(kiva.NotSent, 0),
		apply.StopBusy:         &kiva.Error{Outcome: kiva.Throttled, Status: 429, RetryAfter: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(50, 0, 0)
			w.kiva.answer = func(string, string) error { return err }
			account := w.apply(t, t.Context(), nil)
			if account.Stop != want || account.Count(apply.NotAttempted) < 40 || account.Count(apply.Unknown) > 0 {
				t.Errorf("%s, stopped by %q, want %q", account, account.Stop, want)
			}
			w.kiva.answer = nil
			if got := w.apply(t, t.Context(), nil).String(); got != "sent 50" {
				t.Errorf("when it works again: %s", got)
			}
		})
	}
}

// Kiva may ask to wait: the same attempt waits as told, and says so.
func TestWaitsAsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 0, 0)
		asks := 0
		w.kiva.answer = func(string, string) error {
			if asks++; asks < 3 {
				return &kiva.Error{Outcome: kiva.Throttled, Status: 429, RetryAfter: 40 * time.Second}
			}
			return nil
		}
		var waits []time.Duration
		start := time.Now()
		account := w.apply(t, t.Context(), func(o *apply.Options) {
			o.Notify = func(e apply.Event) {
				if e.Kind == apply.Pausing {
					waits = append(waits, e.Wait)
				}
			}
		})
		if account.String() != "sent 1" || len(waits) != 2 || time.Since(start) < 80*time.Second {
			t.Errorf("%s after %s, waits %v", account, time.Since(start), waits)
		}
		n := 0
		for range w.store.List(t.Context(), "staging/") {
			n++
		}
		if n != 3 {
			t.Errorf("%d objects, want one attempt's intent and outcome, and the mark of the run", n)
		}
	})
}

func TestAnInterruptLetsFinishWhatIsUnderWay(t *testing.T) {
	w := newWorld(20, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	w.kiva.answer = func(_, id string) error {
		cancel()
		time.Sleep(10 * time.Millisecond)
		return nil
	}
	account := w.apply(t, ctx, func(o *apply.Options) { o.Parallelism = 3 })
	if account.Stop != apply.StopInterrupted || account.Count(apply.Unknown) > 0 || account.Count(apply.Sent) > 3 || account.Count(apply.Sent) == 0 {
		t.Errorf("%s, stopped by %q", account, account.Stop)
	}
	if got := w.apply(t, t.Context(), nil); got.Count(apply.Sent)+account.Count(apply.Sent) != 20 {
		t.Errorf("%s, then %s", account, got)
	}
}

// What would stay unknown if the program ended is known all the time: each attempt
// from its intent to its outcome, and what ended as unknown.
func TestInFlight(t *testing.T) {
	w := newWorld(3, 0, 0)
	inFlight := new(apply.InFlight)
	var during []string
	w.kiva.answer = func(_, id string) error {
		during = append(during, fmt.Sprint(inFlight.Addresses()))
		if id == "D1" {
			return &kiva.Error{Outcome: kiva.Unknown, Status: 502}
		}
		return nil
	}
	w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism, o.ContinueOnUnknown, o.InFlight = 1, true, inFlight })
	want := []string{"[loan_draft/D0]", "[loan_draft/D1]", "[loan_draft/D1 loan_draft/D2]"}
	if !slices.Equal(during, want) {
		t.Errorf("during the run %q, want %q", during, want)
	}
	if left := fmt.Sprint(inFlight.Addresses()); left != "[loan_draft/D1]" {
		t.Errorf("in the end %s", left)
	}
}

func TestADeadlineLetsFinishWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(20, 0, 0)
		w.kiva.answer = func(string, string) error { time.Sleep(400 * time.Millisecond); return nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		account := w.apply(t, ctx, func(o *apply.Options) { o.Parallelism = 2 })
		if account.Stop != apply.StopDeadline || account.Count(apply.Sent) != 6 || account.Count(apply.NotAttempted) != 14 {
			t.Errorf("%s, stopped by %q; want what was begun within a second, 2 at a time", account, account.Stop)
		}
		if got := w.apply(t, t.Context(), nil); got.Count(apply.Sent) != 14 {
			t.Errorf("then %s", got)
		}
	})
}

func TestALedgerThatCannotBeWrittenSendsNothing(t *testing.T) {
	full := errors.New("no space left on device")
	w := newWorld(5, 2, 4)
	armed := false
	w.store.BeforeCreate = func(key string) error {
		if armed || strings.Contains(key, "intent") {
			return full
		}
		return nil
	}
	account := w.apply(t, t.Context(), nil)
	if len(w.kiva.sorted()) != 0 || account.Stop != apply.StopLedger || account.Count(apply.NotAttempted) != 11 {
		t.Errorf("%s, received %q", account, w.kiva.sorted())
	}
}

// Where an outcome can't be stored, the answer is told, the item stays unknown
// and sending stops.
func TestAnOutcomeThatCannotBeStored(t *testing.T) {
	w := newWorld(5, 0, 0)
	w.store.BeforeCreate = func(key string) error {
		if strings.Contains(key, "accepted") {
			return errors.New("disk gone")
		}
		return nil
	}
	account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 1 })
	if account.String() != "unknown 1, not attempted 4" || account.Stop != apply.StopLedger {
		t.Errorf("%s, stopped by %q", account, account.Stop)
	}
	if m := account.Failures[0].Message; !strings.Contains(m, "uuid-D0") {
		t.Errorf("Kiva's answer is lost: %q", m)
	}
	w.store.BeforeCreate = nil
	w.apply(t, t.Context(), nil)
	if got := w.kiva.sorted(); len(got) != 5 {
		t.Errorf("received %q", got)
	}
}

// The address by which journals are published isn't told with what else Kiva
// answered.
func TestAnOutcomeThatCannotBeStoredPublishesNothing(t *testing.T) {
	w := newWorld(0, 2, 0)
	w.store.BeforeCreate = func(key string) error {
		if strings.Contains(key, "accepted") {
			return errors.New("disk gone")
		}
		return nil
	}
	for _, f := range w.apply(t, t.Context(), nil).Failures {
		if !strings.Contains(f.Message, "accepted 7, but") || strings.Contains(f.Message, "pa2/confirm") {
			t.Errorf("%q", f.Message)
		}
	}
}

func TestRowsStandBesideTheirLines(t *testing.T) {
	w := newWorld(0, 0, 3)
	w.kiva.rows = []kiva.Problem{
		{LoanID: "R1", Code: "unknown_loan", Details: "no such loan", Severity: kiva.SeverityError},
		{LoanID: "R2", Details: "a large amount", Severity: kiva.SeverityWarning},
		{LoanID: "elsewhere", Details: "what is this", Severity: kiva.SeverityError},
	}
	account := w.apply(t, t.Context(), nil)
	if account.String() != "rejected 1, unknown 2" || account.Stop != apply.StopUnknown {
		t.Errorf("%s, stopped by %q", account, account.Stop)
	}
	f := account.Failures
	if len(f) != 2 || f[1].Pos.Short() != "r.csv:3" || f[1].Message != "unknown_loan: no such loan" || !strings.HasPrefix(f[0].Message, "elsewhere: what is this; it doesn't name one row of this upload") {
		t.Errorf("%+v", f)
	}
	if len(account.Warnings) != 1 || account.Warnings[0].Address != "repayment/2026-11/R2" {
		t.Errorf("%+v", account.Warnings)
	}
}

// Kiva may write the id of a row that it refuses in its own way.
func TestARefusedRowIsFoundByItsID(t *testing.T) {
	const one, all = "sent 1, rejected 1", "unknown 2"
	for _, tt := range []struct{ own, other, kiva, want string }{
		{"R1", "R2", "R1", one},
		{"R1", "R2", " r1 ", one},
		{"00884", "R2", "884", one},
		{"R1", "R2", "", all},
		{"R1", "R2", "2", all},
	} {
		w := newWorld(0, 0, 2)
		rows := w.set.Reports[0].Rows
		for i, id := range []string{tt.own, tt.other} {
			rows[i].LoanID, w.source.loans[i].InternalLoanID = id, id
		}
		w.kiva.rows = []kiva.Problem{{LoanID: tt.kiva, Details: "no such loan", Severity: kiva.SeverityError}}
		account := w.apply(t, t.Context(), nil)
		if got := account.String(); got != tt.want || len(account.Failures) == 0 {
			t.Errorf("%+v: %s, %+v", tt, got, account.Failures)
		}
		w.kiva.rows = nil
		if got := w.apply(t, t.Context(), nil).String(); got != "sent nothing" {
			t.Errorf("%+v: again %s", tt, got)
		}
	}
}

func TestParallelism(t *testing.T) {
	w := newWorld(20, 0, 0)
	w.kiva.answer = func(string, string) error { time.Sleep(5 * time.Millisecond); return nil }
	w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 3 })
	if most := w.kiva.most.Load(); most != 3 {
		t.Errorf("%d requests at once, want 3", most)
	}
}

func TestAdoptingSendsNothing(t *testing.T) {
	w := newWorld(2, 0, 0)
	w.source.loans = []kiva.Loan{{KivaID: "99", InternalLoanID: "D0", Status: kiva.FundRaising}}
	if got := w.apply(t, t.Context(), nil).String(); got != "sent 1, adopted 1" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"draft D1"}, w.kiva.sorted()); diff != "" {
		t.Error(diff)
	}
	if got := w.apply(t, t.Context(), nil).String(); got != "sent nothing" {
		t.Errorf("again: %s", got)
	}
}

// No text that is personal reaches the ledger, not even by Kiva's messages.
func TestNothingPersonalIsRecorded(t *testing.T) {
	w := newWorld(3, 2, 0)
	w.kiva.answer = func(kind, id string) error {
		if id == "D1" {
			return failure(kiva.Rejected, 400)
		}
		return nil
	}
	account := w.apply(t, t.Context(), nil)
	for key := range w.store.List(t.Context(), "") {
		data, err := w.store.Get(t.Context(), key)
		if err != nil || strings.Contains(string(data), "Unmistakable") {
			t.Errorf("%s holds %s (%v)", key, data, err)
		}
	}
	for _, f := range account.Failures {
		if strings.Contains(f.Message, "Unmistakable") {
			t.Errorf("the account says %q", f.Message)
		}
	}
}

// Nor is it told by the error that stops a run.
func TestNothingPersonalIsInAStop(t *testing.T) {
	for _, failed := range []error{failure(kiva.Unknown, 502), failure(kiva.NotSent, 0), failure(kiva.Rejected, http.StatusForbidden)} {
		w := newWorld(1, 0, 0)
		w.kiva.answer = func(string, string) error { return failed }
		account := w.apply(t, t.Context(), func(o *apply.Options) { o.Parallelism = 1 })
		if account.StopErr == nil || !errors.Is(account.StopErr, failed) {
			t.Fatalf("%v: stopped by %v", failed, account.StopErr)
		}
		if said := account.StopErr.Error() + account.StopMessage; strings.Contains(said, "Unmistakable") {
			t.Errorf("%v: the stop says %q", failed, said)
		}
	}
}
