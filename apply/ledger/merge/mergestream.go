package merge

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/kiva/hint"
	"kivaform/plan"
)

// compareStreams compares what both copies hold of some streams.
func (m *merger) compareStreams(ctx context.Context, from ledger.Store, streams []string, theirs, ours map[string][]ledger.ParsedKey) error {
	there, err := readStreams(ctx, from, streams, theirs)
	if err != nil {
		return fmt.Errorf("the other copy: %w", err)
	}
	here, err := readStreams(ctx, m.to, streams, ours)
	if err != nil {
		return err
	}
	for _, stream := range streams {
		if err := m.stream(there[stream], here[stream]); err != nil {
			return err
		}
	}
	return nil
}

// A meeting is one stream of two copies of a ledger.
type meeting struct {
	here    []*held
	origins map[*held]string
	met     map[*held]bool // of here: those that the other copy has
	intents []object
}

// stream finds, for each attempt of the other copy, the one here that it is, or
// gives it a number. Numbers are kept as long as the copies agree.
func (m *merger) stream(there, here []*held) error {
	s := &meeting{here: here, origins: make(map[*held]string), met: make(map[*held]bool)}
	for _, h := range slices.Concat(there, here) {
		var err error
		if s.origins[h], err = h.origin(); err != nil {
			return err
		}
	}
	for _, t := range there {
		if err := t.sound(there, here); err != nil {
			return err
		}
		h, err := s.find(t)
		if err != nil {
			return err
		}
		if h.number != t.number {
			m.moved = append(m.moved, Moved{ledger.Scope{Environment: t.Intent.Environment, PartnerID: t.Intent.PartnerID}, t.Intent.Stream, t.number, h.number})
		}
		if err := m.addSides(t, h); err != nil {
			return err
		}
	}
	if len(s.intents) > 0 {
		m.intents = append(m.intents, s.intents)
		m.attempts += len(s.intents)
	}
	m.findTwice(s.here)
	return nil
}

// sound refuses an attempt of the other copy with outcomes that aren't its own,
// unless nothing would be lost with them.
func (t *held) sound(there, here []*held) error {
	outcomes := 0
	for side := range t.sides {
		if sideOf(side) == outcomeSide {
			outcomes++
		}
	}
	if outcomes > 1 {
		return hint.With(fmt.Errorf("ledger: the other copy: attempt %d on %s has two outcomes", t.number, t.Intent.Stream),
			"take that copy as it was before a merge in git left them, or ask kivaform ledger verify there")
	}
	for _, k := range t.strays {
		has := func(h *held) bool {
			return h.originNumber() == t.number && h.Fingerprint() == k.Fingerprint
		}
		if !slices.ContainsFunc(there, has) && !slices.ContainsFunc(here, has) {
			return hint.With(fmt.Errorf("ledger: the other copy: %s tells how something ended that neither copy has begun", whole(k)),
				"take that copy as it was before a merge in git left it, or ask kivaform ledger verify there")
		}
	}
	return nil
}

// find returns the attempt here that one of the other copy is; a new one where
// there is none.
func (s *meeting) find(t *held) (*held, error) {
	var found *held
	for _, h := range s.here {
		if s.origins[h] == s.origins[t] && !s.met[h] && !contradict(h, t) && (found == nil || h.number == t.number) {
			found = h
		}
	}
	if found == nil {
		var err error
		if found, err = s.take(t); err != nil {
			return nil, err
		}
	}
	s.met[found] = true
	return found, nil
}

// contradict reports whether two copies tell of one attempt what can't stand
// side by side: then each has an attempt of its own, so that none is lost. What a
// copy knows to be at Kiva doesn't become doubtful by the other's word.
func contradict(h, t *held) bool {
	for i := range min(len(h.Resolutions), len(t.Resolutions)) {
		if here, there := &h.Resolutions[i], &t.Resolutions[i]; here.Decision != there.Decision || !slices.Equal(here.Items, there.Items) {
			return true
		}
	}
	if side := t.fitting(); side != "" && h.fitting() != "" && h.sides[side] == nil {
		return true
	}
	return h.Outcome().AtKiva() && h.with(t).Outcome().MayRepeat()
}

// with returns what is known of an attempt by both copies.
func (h *held) with(t *held) *ledger.Attempt {
	both := h.Attempt
	if both.Result == nil {
		both.Result = t.Result
	}
	if len(both.Resolutions) < len(t.Resolutions) {
		both.Resolutions = t.Resolutions
	}
	return &both
}

// take gives an attempt of the other copy the next number. Where that is the one
// it has, the other copy knew of all that is here, and its bytes stay; but an
// approval is always marked, as it would let something be sent before what was
// sent after it is stored, and so is what reopened a report.
func (s *meeting) take(t *held) (*held, error) {
	number := len(s.here) + 1
	data := t.intent
	taken := &held{stream: t.stream, number: number, sides: make(map[string][]byte)}
	taken.Intent = t.Intent
	if number != t.number || t.Intent.Recorded == plan.OutcomeApproved || t.Intent.Recorded == plan.OutcomeReopened {
		taken.Intent.Attempt, taken.Intent.MergedFrom = number, t.originNumber()
		var err error
		if data, err = ledger.Encode(taken.Intent); err != nil {
			return nil, err
		}
	}
	s.here = append(s.here, taken)
	s.intents = append(s.intents, object{ledger.AttemptKey(t.stream, number, ledger.IntentKey), data})
	return taken, nil
}

// addSides finds what the other copy has beside an intent, and this one hasn't.
func (m *merger) addSides(t, h *held) error {
	for _, side := range slices.SortedFunc(maps.Keys(t.sides), compareSides) {
		if h.sides[side] != nil {
			continue
		}
		data := t.sides[side]
		if h.number != t.number {
			var err error
			if data, err = renumbered(ledger.AttemptKey(t.stream, t.number, side), side, data, h.number); err != nil {
				return err
			}
		}
		i := sideOf(side)
		m.sides[i] = append(m.sides[i], object{ledger.AttemptKey(h.stream, h.number, side), bytes.Clone(data)})
	}
	h.Attempt = *h.with(t)
	return nil
}

// findTwice finds what was sent by both copies.
func (m *merger) findTwice(attempts []*held) {
	if !slices.ContainsFunc(attempts, func(h *held) bool { return h.Intent.MergedFrom != 0 }) {
		return
	}
	var sent []*ledger.Attempt // or maybe sent
	for _, h := range attempts {
		if o := h.Outcome(); o.AtKiva() || o == plan.OutcomeUnknown {
			sent = append(sent, &h.Attempt)
		}
	}
	m.twice = append(m.twice, history.Doubles(sent)...)
}
