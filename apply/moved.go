package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// A Move says that New is the same thing as Old, which Kiva has.
type Move struct{ Old, New plan.Address }

// A MoveError says why a move can't be recorded.
type MoveError struct {
	Move int // of those that were given
	Err  error
}

func (e *MoveError) Error() string { return e.Err.Error() }
func (e *MoveError) Unwrap() error { return e.Err }

const (
	movesAtOnce = 64  // intents that are stored side by side
	movedRows   = 250 // rows or journals in one intent
)

// RecordMoves records that items of a plan are the same as others that Kiva has, so
// that they count as sent. It returns how many it recorded; those that were recorded
// before are left out. Either all can be recorded or none is: then the errors are
// joined, each a *[MoveError].
func RecordMoves(ctx context.Context, p *plan.Plan, moves []Move, reason string, o Options) (recorded int, err error) {
	if err := o.Ledger.Prepare(ctx); err != nil {
		return 0, err
	}
	m := newMover(p, o.Ledger)
	var errs []error
	for i, move := range moves {
		if err := m.add(ctx, move); err != nil {
			errs = append(errs, &MoveError{i, err})
		}
	}
	if len(errs) > 0 {
		return 0, errors.Join(errs...)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(movesAtOnce)
	for _, in := range m.intents() {
		in.Reason = reason
		recorded += len(in.Items) + len(in.Rows)
		g.Go(func() error { return o.keep(ctx, in) })
	}
	return recorded, g.Wait()
}

// A mover checks moves and collects their records.
type mover struct {
	ledger  *ledger.Ledger
	items   map[plan.Address]plan.Item
	rows    map[plan.Address]reportRow
	taken   map[plan.Address]bool
	records map[plan.Address][]ledger.Item // by stream, in order
	moved   map[plan.Address][]ledger.Row
	streams []plan.Address
}

// A reportRow is one row of a report.
type reportRow struct {
	report plan.Report
	i      int
}

func newMover(p *plan.Plan, l *ledger.Ledger) *mover {
	m := &mover{
		ledger: l, items: make(map[plan.Address]plan.Item), rows: make(map[plan.Address]reportRow), taken: make(map[plan.Address]bool),
		records: make(map[plan.Address][]ledger.Item), moved: make(map[plan.Address][]ledger.Row),
	}
	for item := range p.Items() {
		m.items[item.Address()] = item
	}
	for _, r := range p.Reports {
		for i := range r.Rows {
			m.rows[r.RowAddress(i)] = reportRow{r, i}
		}
	}
	return m
}

// add checks a move and keeps its record.
func (m *mover) add(ctx context.Context, move Move) error {
	switch {
	case move.Old == move.New:
		return fmt.Errorf("%s is given as the old and as the new one", move.Old)
	case move.Old.Kind() != move.New.Kind():
		return fmt.Errorf("%s and %s are of two kinds", move.Old, move.New)
	case m.taken[move.Old] || m.taken[move.New]:
		return fmt.Errorf("%s or %s is in another line, too", move.Old, move.New)
	}
	m.taken[move.Old], m.taken[move.New] = true, true
	if row, ok := m.rows[move.New]; ok {
		return m.addRow(move, row)
	}
	item, ok := m.items[move.New]
	if !ok {
		return hint.With(fmt.Errorf("%s is not in the files", move.New), "write the document under its new id first; kivaform moved takes the old one, then the new one")
	}
	return m.addItem(ctx, move, &item)
}

// addItem checks the move of a draft or a journal.
func (m *mover) addItem(ctx context.Context, move Move, item *plan.Item) error {
	if last := item.Last; last != nil && last.Outcome == plan.OutcomeMoved {
		was, err := m.ledger.Recorded(ctx, move.New, last)
		if err != nil {
			return err
		}
		if was.MovedFrom == move.Old {
			return nil // recorded before
		}
	}
	if err := checkNotSent(move.New, item.Action, item.Last != nil && item.Last.Outcome.AtKiva()); err != nil {
		return err
	}
	old := m.ledger.Last(move.Old)
	record := recordOf(m.ledger, item)
	record.MovedFrom = move.Old
	switch {
	case old == nil && item.Action == plan.Alike && item.Reason.Args["other"] == string(move.Old) && item.Reason.Code == plan.ReasonAlikeListed:
		// Kiva lists it, and nobody sent it from here: it is as if it were adopted.
	case old == nil:
		return neverSent(move.Old)
	case old.Outcome == plan.OutcomeUnknown:
		return unknownMove(move.Old)
	case !m.ledger.History().State(move.Old).WasAtKiva():
		return neverSent(move.Old)
	default:
		was, err := m.ledger.Recorded(ctx, move.Old, old)
		if err != nil {
			return err
		}
		m.takeRecorded(&record, move.Old, old.Fingerprint, was, item.Resource)
	}
	m.keepItem(streamOf(move.New), record)
	return nil
}

// takeRecorded makes the record of a moved item what Kiva has, so that the plan
// shows as edited what differs. Ids differ by what a person said. Of a personal field
// that differs the ledger holds a digest under the old address, which no value
// matches under the new one.
func (m *mover) takeRecorded(record *ledger.Item, old plan.Address, fingerprint string, was plan.Recorded, r spec.Resource) {
	if fingerprint == plan.NoFingerprint {
		record.Fingerprint = plan.NoFingerprint
		return
	}
	for _, c := range plan.Changes(m.ledger, old, was, r) {
		if isID(c.Path) {
			continue
		}
		record.Fingerprint = fingerprint // of the old address: no document has it under the new one
		delete(record.Values, c.Path)
		delete(record.Digests, c.Path)
		switch {
		case c.Was && c.Personal:
			if record.Digests == nil {
				record.Digests = make(map[string]string)
			}
			record.Digests[c.Path] = "moved"
		case c.Was:
			record.Values[c.Path] = c.Old
		}
	}
}

// isID reports whether a field is an id, which a renumbering changes.
func isID(path string) bool {
	return strings.HasSuffix(path, "loan_id") || strings.HasSuffix(path, "client_id")
}

// addRow checks the move of a row.
func (m *mover) addRow(move Move, to reportRow) error {
	row, want := to.report.Rows[to.i], to.report.Report.Rows[to.i]
	if row.Last != nil && row.Last.Outcome == plan.OutcomeMoved {
		return nil // recorded before
	}
	if err := checkNotSent(move.New, row.Action, row.Last != nil && row.Last.WasReported); err != nil {
		return err
	}
	parts := move.Old.Parts()
	if len(parts) != 3 {
		return fmt.Errorf("%s is no row", move.Old)
	}
	old := m.ledger.Rows(parts[1])[parts[2]]
	switch {
	case old == nil:
		return neverSent(move.Old)
	case old.Outcome == plan.OutcomeUnknown:
		return unknownMove(move.Old)
	case !old.WasReported:
		return neverSent(move.Old)
	}
	record := rowRecord(to.report, to.i)
	record.Amount, record.ClientID, record.MovedFrom = old.Reported, want.ClientID, move.Old
	stream := to.report.Address()
	if len(m.moved[stream]) == 0 {
		m.streams = append(m.streams, stream)
	}
	m.moved[stream] = append(m.moved[stream], record)
	return nil
}

func (m *mover) keepItem(stream plan.Address, record ledger.Item) {
	if len(m.records[stream]) == 0 {
		m.streams = append(m.streams, stream)
	}
	m.records[stream] = append(m.records[stream], record)
}

// intents returns what is recorded: one for each draft, and batches of journals and
// rows.
func (m *mover) intents() []ledger.Intent {
	var all []ledger.Intent
	for _, stream := range m.streams {
		for items := range slices.Chunk(m.records[stream], movedRows) {
			in := ledger.Intent{Stream: stream, Recorded: plan.OutcomeMoved, Items: items}
			if len(items) == 1 {
				in.MovedFrom = items[0].MovedFrom
			}
			all = append(all, in)
		}
		for rows := range slices.Chunk(m.moved[stream], movedRows) {
			in := ledger.Intent{Stream: stream, Recorded: plan.OutcomeMoved, Rows: rows}
			if len(rows) == 1 {
				in.MovedFrom = rows[0].MovedFrom
			}
			all = append(all, in)
		}
	}
	return all
}

func checkNotSent(address plan.Address, action plan.Action, sent bool) error {
	switch {
	case action == plan.Unknown:
		return unknownMove(address)
	case sent, action == plan.Adopt:
		return fmt.Errorf("%s is at Kiva itself: it can't be the same as another one", address)
	}
	return nil
}

func neverSent(address plan.Address) error {
	return hint.With(fmt.Errorf("%s was never sent", address), "kivaform ledger show %s tells what is known; for something that was typed in PA2: kivaform adopt ADDRESS --reason \"...\"", address)
}

func unknownMove(address plan.Address) error {
	return hint.With(fmt.Errorf("it isn't known whether %s was sent", address), "look in PA2 and decide first: kivaform resolve %s --exists, or --absent", address)
}

// AdoptByHand records an item of a plan that a person has typed in PA2, so that it
// is never sent. It returns an error that wraps [ErrNothingToAcknowledge] where the
// item isn't in the plan, or is known to be at Kiva or may be.
func AdoptByHand(ctx context.Context, p *plan.Plan, address plan.Address, reason string, o Options) error {
	if err := o.Ledger.Prepare(ctx); err != nil {
		return err
	}
	m := newMover(p, o.Ledger)
	in := ledger.Intent{Recorded: plan.OutcomeAdopted, Reason: reason}
	action := plan.Unchanged
	if item, ok := m.items[address]; ok {
		action = item.Action
		in.Stream, in.Items = streamOf(address), []ledger.Item{recordOf(o.Ledger, &item)}
	} else if row, ok := m.rows[address]; ok {
		action = row.report.Rows[row.i].Action
		in.Stream, in.Rows = row.report.Address(), []ledger.Row{rowRecord(row.report, row.i)}
	} else {
		return fmt.Errorf("%s is not in the files: %w", address, ErrNothingToAcknowledge)
	}
	if action == plan.Unchanged || action == plan.Edited || action == plan.Unknown {
		return fmt.Errorf("%s is %s: %w", address, action, ErrNothingToAcknowledge)
	}
	return o.keep(ctx, in)
}
