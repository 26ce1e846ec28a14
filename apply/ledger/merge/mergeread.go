package merge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/plan"
)

// byStream gathers the keys of attempts by their streams.
func byStream(keys map[string]bool) map[string][]ledger.ParsedKey {
	streams := make(map[string][]ledger.ParsedKey)
	for key := range keys {
		k, ok := ledger.ParseKey(key)
		isOurs := k.What == ledger.IntentKey || k.What == ledger.ResolutionKey || k.What == ledger.DoneKey || slices.Contains(plan.Outcomes, plan.Outcome(k.What))
		if ok && isOurs && !isPlanUse(key) && strings.Count(key, "/") > 2 {
			streams[k.Stream] = append(streams[k.Stream], k)
		}
	}
	return streams
}

// whole returns the key that was parsed.
func whole(k ledger.ParsedKey) string { return ledger.AttemptKey(k.Stream, k.Number, k.Side()) }

// A held attempt is all that one copy of a ledger holds of an attempt.
type held struct {
	ledger.Attempt
	stream string
	number int
	sides  map[string][]byte // what is stored beside the intent, by what its key has after the number
	intent []byte
	counts ledger.ListedAttempt
	strays []ledger.ParsedKey // outcomes that belong to another copy's attempt of this number
}

// origin is the intent as it was where it was begun: what an attempt is known by
// in every copy.
func (h *held) origin() (string, error) {
	in := h.Intent
	in.Attempt, in.MergedFrom = h.originNumber(), 0
	data, err := ledger.Encode(in)
	return string(data), err
}

// originNumber is the number that the attempt had where it was begun.
func (h *held) originNumber() int {
	if h.Intent.MergedFrom != 0 {
		return h.Intent.MergedFrom
	}
	return h.Intent.Attempt
}

// fitting returns the outcome that belongs to the intent, "" where none does.
func (h *held) fitting() string {
	for side := range h.sides {
		if sideOf(side) == outcomeSide {
			return side
		}
	}
	return ""
}

// contents reads objects, many side by side.
func contents(ctx context.Context, store ledger.Store, keys []string) (map[string][]byte, error) {
	if err := ledger.Preload(ctx, store, keys); err != nil {
		return nil, fmt.Errorf("ledger: read: %w", err)
	}
	all := make(map[string][]byte, len(keys))
	for o, err := range ledger.ReadAhead(ctx, keys, func(ctx context.Context, key string) (object, error) {
		data, err := store.Get(ctx, key)
		if err != nil {
			return object{}, ledger.Unread(key, err)
		}
		return object{key, data}, nil
	}) {
		if err != nil {
			return nil, err
		}
		all[o.key] = o.data
	}
	return all, nil
}

// readStreams reads all that a store holds of some streams, each in the order of
// its numbers.
func readStreams(ctx context.Context, store ledger.Store, streams []string, keys map[string][]ledger.ParsedKey) (map[string][]*held, error) {
	var list []string
	for _, stream := range streams {
		for _, k := range keys[stream] {
			list = append(list, whole(k))
		}
	}
	data, err := contents(ctx, store, list)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]*held)
	for _, stream := range streams {
		if all[stream], err = hold(stream, keys[stream], data); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// hold reads the attempts of a stream. None may be missing.
func hold(stream string, keys []ledger.ParsedKey, data map[string][]byte) ([]*held, error) {
	byNumber := make(map[int]*held)
	for _, k := range keys {
		h := byNumber[k.Number]
		if h == nil {
			h = &held{stream: stream, number: k.Number, sides: make(map[string][]byte)}
			byNumber[k.Number] = h
		}
		if k.What == ledger.IntentKey {
			h.intent = data[whole(k)]
		} else {
			h.sides[k.Side()] = data[whole(k)]
		}
	}
	var list []*held
	for i, number := range slices.Sorted(maps.Keys(byNumber)) {
		h := byNumber[number]
		if number != i+1 || h.intent == nil {
			return nil, ledger.Unread(ledger.AttemptKey(stream, i+1, ledger.IntentKey), ledger.ErrNotExist)
		}
		if err := h.read(); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

// read understands the objects of an attempt, and puts outcomes aside that
// belong to another one.
func (h *held) read() error {
	key := ledger.AttemptKey(h.stream, h.number, ledger.IntentKey)
	if err := understand(key, h.intent, &h.Intent, ledger.IntentKey, &h.Intent.Object, &h.Intent.Version); err != nil {
		return err
	}
	in := h.Intent
	if (ledger.Scope{Environment: in.Environment, PartnerID: in.PartnerID}).StreamKey(in.Stream) != h.stream || in.Attempt != h.number {
		return fmt.Errorf("ledger: %s holds attempt %d on %s, which belongs elsewhere", key, in.Attempt, in.Stream)
	}
	for _, side := range slices.SortedFunc(maps.Keys(h.sides), compareSides) {
		key, data := ledger.AttemptKey(h.stream, h.number, side), h.sides[side]
		switch sideOf(side) {
		case resolutionSide:
			var r ledger.Resolution
			if err := understand(key, data, &r, ledger.ResolutionKey, &r.Object, &r.Version); err != nil {
				return err
			}
			h.Resolutions = append(h.Resolutions, r)
		case outcomeSide:
			if err := h.readOutcome(key, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareSides orders the decisions on an attempt by their numbers.
func compareSides(a, b string) int {
	first, _ := ledger.ResolutionNumber(a)
	second, _ := ledger.ResolutionNumber(b)
	return cmp.Or(cmp.Compare(first, second), cmp.Compare(a, b))
}

func (h *held) readOutcome(key string, data []byte) error {
	k, _ := ledger.ParseKey(key)
	if k.Fingerprint != "" && k.Fingerprint != h.Fingerprint() {
		h.strays = append(h.strays, k)
		delete(h.sides, k.Side())
		return nil
	}
	r := new(ledger.Result)
	if err := understand(key, data, r, "outcome", &r.Object, &r.Version); err != nil {
		return err
	}
	if h.counts.Add(k) {
		h.Result = r
	}
	return nil
}

// renumbered returns a side of an attempt as it is under another number.
func renumbered(key, side string, data []byte, number int) ([]byte, error) {
	switch sideOf(side) {
	case resolutionSide:
		var r ledger.Resolution
		err := understand(key, data, &r, ledger.ResolutionKey, &r.Object, &r.Version)
		if r.Attempt = number; err != nil {
			return nil, err
		}
		return ledger.Encode(r)
	case doneSide:
		var d ledger.Done
		err := understand(key, data, &d, ledger.DoneKey, &d.Object, &d.Version)
		if d.Attempt = number; err != nil {
			return nil, err
		}
		return ledger.Encode(d)
	}
	var r ledger.Result
	err := understand(key, data, &r, "outcome", &r.Object, &r.Version)
	if r.Attempt = number; err != nil {
		return nil, err
	}
	return ledger.Encode(r)
}
