package apply_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"kivaform/apply"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/sandbox"
	"kivaform/plan"
	"kivaform/spec"
)

// A machine runs the program once: it has a new ledger over the same store, a
// new token, new connections, and power for so many steps.
type machine struct {
	*trial
	power    *power
	answer   time.Duration // how long it waits for Kiva; 30 s if zero
	writesTo string        // where it writes, if not to the sandbox
	options  apply.Options // what differs from the trial's own

	mu    sync.Mutex
	calls []call
}

// A call is a request that left a machine.
type call struct {
	endpoint string
	items    []plan.Address
	outcome  kiva.Outcome
}

// run plans and applies, and notes what left whose outcome was unknown when it
// began.
func (m *machine) run(ctx context.Context) (*apply.Account, error) {
	m.tally.runs.Add(1)
	unknown, err := m.unknown(ctx)
	if err != nil {
		return nil, err
	}
	account, err := m.apply(ctx)
	for _, c := range m.calls {
		for _, a := range c.items {
			if unknown[a] {
				m.blindly = append(m.blindly, a)
			}
		}
	}
	return account, err
}

// rejectedItems are what a plan doesn't send because Kiva rejected it as it is.
func rejectedItems(p *plan.Plan) plan.Resend {
	resend := make(plan.Resend)
	for item := range p.Items() {
		if item.Action == plan.Rejected {
			resend[item.Address()] = true
		}
	}
	for _, r := range p.Reports {
		for i, row := range r.Rows {
			if row.Action == plan.Rejected {
				resend[r.RowAddress(i)] = true
			}
		}
	}
	return resend
}

func (m *machine) apply(ctx context.Context) (*apply.Account, error) {
	client, err := m.client(m.web.URL)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	writer := client
	if m.writesTo != "" {
		if writer, err = m.client(m.writesTo); err != nil {
			return nil, err
		}
	}
	l := m.ledger()
	state, err := plan.Observe(ctx, m.set, l, client, nil)
	if err != nil {
		return nil, &readError{err}
	}
	// A person has what Kiva rejected sent all the same: the fault is over.
	resend := rejectedItems(plan.Compute(m.set, state, nil))
	if state, err = plan.Observe(ctx, m.set, l, client, resend); err != nil {
		return nil, &readError{err}
	}
	m.store.BeforeCreate = func(string) error { return m.power.step() }
	m.store.AfterCreate = m.store.BeforeCreate
	defer func() { m.store.BeforeCreate, m.store.AfterCreate = nil, nil }()
	o := m.options
	o.Kiva, o.Ledger, o.Run = &wire{m, writer}, l, "trial"
	o.JournalBatch, o.RepaymentBatch = journalBatch, rowBatch
	o.Notify = func(e apply.Event) {
		if e.Kind == apply.Pausing {
			m.trial.waits++
		}
	}
	return apply.Run(ctx, plan.Compute(m.set, state, resend), o)
}

// A readError says that a run ended before it sent anything.
type readError struct{ err error }

func (e *readError) Error() string { return "plan: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

func (m *machine) client(api string) (*kiva.Client, error) {
	wait := m.answer
	if wait == 0 {
		wait = 30 * time.Second
	}
	tokens, err := auth.New(auth.Config{
		TokenURL: m.web.URL + "/oauth/token", Audience: m.web.URL, ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, Timeout: wait,
	})
	if err != nil {
		return nil, err
	}
	return kiva.New(kiva.Options{BaseURL: api, PartnerID: trialScope.PartnerID, Tokens: tokens, AnswerTimeout: wait})
}

// A power serves so many steps and is then cut for good: from then on nothing
// that the machine does reaches the ledger or Kiva, so the world is as the
// machine left it at that step. What was on its way already arrives.
type power struct {
	mu    sync.Mutex
	left  int // steps that are served; below zero there is no end
	taken int
}

var errPower = errors.New("the power is cut")

func (p *power) step() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return errPower
	}
	p.left--
	p.taken++
	return nil
}

// endless is power that is never cut.
func endless() *power { return &power{left: -1} }

// A wire is a machine's way to Kiva: a step before and after each request.
type wire struct {
	machine *machine
	kiva    apply.Kiva
}

func (w *wire) CreateLoanDraft(ctx context.Context, d kiva.LoanDraft) (kiva.DraftReceipt, error) {
	return through(w.machine, "loan_draft", []plan.Address{spec.DraftAddress(d.Entreps[0].LoanID)}, func() (kiva.DraftReceipt, error) {
		return w.kiva.CreateLoanDraft(ctx, d)
	})
}

func (w *wire) PostJournals(ctx context.Context, journals []kiva.Journal) ([]kiva.JournalReceipt, error) {
	var items []plan.Address
	for _, j := range journals {
		items = append(items, spec.JournalAddress(j.InternalLoanID, j.Subject))
	}
	return through(w.machine, "journals", items, func() ([]kiva.JournalReceipt, error) { return w.kiva.PostJournals(ctx, journals) })
}

func (w *wire) PostRepayments(ctx context.Context, rows []kiva.Repayment) ([]kiva.RepaymentReceipt, error) {
	var items []plan.Address
	for _, r := range rows {
		items = append(items, plan.RowAddress(trialPeriod, r.LoanID))
	}
	return through(w.machine, "repayments", items, func() ([]kiva.RepaymentReceipt, error) { return w.kiva.PostRepayments(ctx, rows) })
}

func through[T any](m *machine, endpoint string, items []plan.Address, send func() (T, error)) (receipt T, err error) {
	if err := m.power.step(); err != nil {
		return receipt, err
	}
	m.tally.requests.Add(1)
	m.trial.mu.Lock()
	for _, a := range items {
		m.sends[a]++
	}
	m.trial.mu.Unlock()
	got, sendErr := send()
	m.mu.Lock()
	m.calls = append(m.calls, call{endpoint, items, kiva.OutcomeOf(sendErr)})
	m.mu.Unlock()
	if err := m.power.step(); err != nil {
		return receipt, err
	}
	return got, sendErr
}
