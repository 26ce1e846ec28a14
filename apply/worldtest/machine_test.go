package worldtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/seen"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
)

// A machine runs commands, one at a time, on its clone of the files. It may be
// stopped, or paused, at any step: before and after each write to its ledger and
// each request to Kiva.
type machine struct {
	w     *world
	name  string
	files *files
	store *store
	skew  time.Duration // of its clock's day
	runs  int

	mu      sync.Mutex
	power   int // steps until it is cut; below zero there is no end
	pause   int // steps until it pauses; zero for never
	current []spec.Address
	closes  []func() error
	saw     map[*thing]bool // things that its ledger knew of at any time

	paused, resume, done chan struct{} // of the command that runs
	asleep               bool
}

func (m *machine) run() string { return fmt.Sprintf("%s run %d", m.name, m.runs) }

func (m *machine) dead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.power == 0
}

// step is one step of the machine. It pauses only where that can be long: a
// request that has begun isn't held up.
func (m *machine) step(mayPause bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.power == 0 {
		return errPower
	}
	if m.power > 0 {
		m.power--
	}
	if m.pause > 0 && mayPause {
		if m.pause--; m.pause == 0 {
			m.mu.Unlock()
			m.paused <- struct{}{}
			<-m.resume
			m.mu.Lock()
		}
	}
	return nil
}

// begun notes the items of the intent that was just stored.
func (m *machine) begun(addresses []spec.Address) {
	if len(addresses) == 0 {
		return
	}
	m.current, m.w.lastSender = addresses, m
	for _, a := range addresses {
		if things := m.files.at(a); things != nil {
			m.w.means[a] = things
			for _, t := range things {
				t.tried = true
			}
		}
	}
}

// sends notes under which address things leave: item i of the intent.
func (m *machine) sends(i int, things ...*thing) {
	for _, t := range things {
		t.sentAs[m.current[i]] = true
	}
}

// start runs a command until it ends or pauses.
func (m *machine) start(command func()) {
	m.w.count.commands++
	m.runs++
	m.paused, m.resume, m.done = make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(m.done)
		command()
	}()
	select {
	case <-m.done:
		m.power, m.pause = -1, 0
	case <-m.paused:
		m.asleep = true
		m.w.tell("%s: pauses", m.name)
	}
}

// wake lets a paused command end.
func (m *machine) wake() {
	if !m.asleep {
		return
	}
	m.w.tell("%s: wakes", m.name)
	close(m.resume)
	<-m.done
	m.asleep, m.power, m.pause = false, -1, 0
}

func (w *world) wakeAll() {
	for _, m := range w.machines {
		m.wake()
	}
}

// Token gives the token that Kiva takes at present.
func (m *machine) Token(context.Context) (string, error) {
	return fmt.Sprint("t", m.w.kiva.tokens), nil
}

// Renew gives another one.
func (m *machine) Renew(ctx context.Context, refused string) (string, error) {
	if t, _ := m.Token(ctx); t != refused {
		return t, nil
	}
	return "", kiva.ErrNoNewToken
}

func (m *machine) client() *kiva.Client {
	c, err := kiva.New(kiva.Options{
		BaseURL: kivaURL, PartnerID: scope.PartnerID, Tokens: m, Connections: 1,
		Watch: func(http.RoundTripper) http.RoundTripper { return m.w.mutation.transport(m) },
	})
	if err != nil {
		panic(err)
	}
	return c
}

var ledgerKey = []byte("a key that isn't kept in the ledger")

const kivaURL = "https://kiva.example"

// ledger opens the ledger as a command does: this machine's own records are held
// against it, where ledgers may go back.
func (m *machine) ledger() *ledger.Ledger {
	o := ledger.Options{Key: ledgerKey, API: kivaURL}
	if m.w.has[goesBack] && !m.w.mutation.lacks(wordSeen) {
		file := seen.In(filepath.Join(m.w.folder, m.name), scope.PartnerID, kivaURL, "the ledger")
		m.closes = append(m.closes, file.Close)
		o.Witness = ledger.Witness{Compare: file.Compare, Saw: file.Saw, Begun: file.Begun}
	}
	return ledger.New(&link{m.store, m}, scope, o)
}

// closeRecords ends what commands have written of what they saw.
func (m *machine) closeRecords() {
	for _, end := range m.closes {
		_ = end() // the file holds all that was written
	}
	m.closes = nil
}

// A look is a plan with what it was made from.
type look struct {
	plan   *plan.Plan
	ledger *ledger.Ledger
	client *kiva.Client
}

// look plans, as every command does.
func (m *machine) look(resend plan.Resend) (*look, error) {
	l := &look{ledger: m.ledger(), client: m.client()}
	set := m.files.set(m.today(), m.w.mode())
	state, err := plan.Observe(context.Background(), set, l.ledger, m.w.mutation.source(l.client), resend)
	if err != nil {
		return nil, err
	}
	m.w.mutation.observed(state)
	l.plan = plan.Compute(set, state, resend)
	m.w.mutation.change(l.plan)
	m.w.checkRemembered(m)
	return l, nil
}

func (m *machine) today() spec.Date {
	day, err := spec.ParseDate(time.Now().Add(m.skew).UTC().Format(time.DateOnly))
	if err != nil {
		panic(err)
	}
	return day
}

func (w *world) mode() spec.AmountMode {
	switch {
	case w.has[modeUnset]:
		return ""
	case w.kiva.cumulative:
		return spec.CumulativePrincipal
	}
	return spec.PaidThisPeriod
}

var (
	errFaults    = errors.New("the plan has faults")
	errDuplicate = errors.New("a report has the rows of another period's upload")
	errResend    = errors.New("what was to be sent again can't be")
)

// send plans and applies, with the guards that the command has before it.
func (m *machine) send(resend plan.Resend) (*apply.Account, error) {
	l, err := m.look(resend)
	if err != nil {
		return nil, err
	}
	if err := guard(l, resend); err != nil {
		return nil, err
	}
	if err := l.ledger.Check(context.Background()); err != nil {
		return nil, err
	}
	return apply.Run(context.Background(), l.plan, m.options(l))
}

func guard(l *look, resend plan.Resend) error {
	if len(l.plan.Faults) > 0 {
		return fmt.Errorf("%w: %v", errFaults, l.plan.Faults[0])
	}
	for _, r := range l.plan.Reports {
		if r.Duplicate != nil {
			return errDuplicate
		}
	}
	for item := range l.plan.Items() {
		if resend[item.Address()] && item.Action != plan.Submit {
			return fmt.Errorf("%w: %s is %s", errResend, item.Address(), item.Action)
		}
	}
	return nil
}

func (m *machine) options(l *look) apply.Options {
	return apply.Options{
		Kiva: l.client, Ledger: l.ledger, Run: m.run(), Program: "worldtest",
		Parallelism: 1, JournalBatch: 2, RepaymentBatch: 2,
	}
}

// apply runs the command on a machine, which may stop or pause meanwhile.
func (w *world) apply(m *machine, resend plan.Resend) {
	if w.newest != nil && w.lastSender != nil {
		m = w.lastSender // who knows more than the ledger
	}
	if m.asleep {
		m.wake()
	}
	if m.files == nil || !w.has[oldClones] || w.rand.IntN(4) > 0 {
		m.files = w.head
	}
	if w.has[machinesStop] && w.rand.IntN(4) == 0 {
		m.power = 1 + w.rand.IntN(12)
	}
	if w.has[machinesPause] && w.rand.IntN(5) == 0 {
		m.pause = 1 + w.rand.IntN(8)
	}
	m.start(func() {
		account, err := m.send(resend)
		w.tell("%s: apply: %v, %v", m.name, account, err)
	})
}
