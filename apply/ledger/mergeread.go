package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/plan"
)

// byStream gathers the keys of attempts by their streams.
func byStream(keys map[string]bool) map[string][]parsedKey {
	streams := make(map[string][]parsedKey)
	for key := range keys {
		k, ok := parseKey(key)
		isOurs := k.what == intentKey || k.what == resolutionKey || k.what == doneKey || slices.Contains(plan.Outcomes, plan.Outcome(k.what))
		if ok && isOurs && !isPlanUse(key) && strings.Count(key, "/") > 2 {
			streams[k.stream] = append(streams[k.stream], k)
		}
	}
	return streams
}

// whole returns the key that was parsed.
func (k parsedKey) whole() string { return attemptKey(k.stream, k.number, k.side()) }

// side returns what the key has after the number.
func (k parsedKey) side() string {
	if k.fingerprint == "" {
		return k.what
	}
	return outcomeWhat(plan.Outcome(k.what), k.fingerprint)
}

// A held attempt is all that one copy of a ledger holds of an attempt.
type held struct {
	Attempt
	stream string
	number int
	sides  map[string][]byte // what is stored beside the intent, by what its key has after the number
	intent []byte
	counts listed
	strays []parsedKey // outcomes that belong to another copy's attempt of this number
}

// origin is the intent as it was where it was begun: what an attempt is known by
// in every copy.
func (h *held) origin() (string, error) {
	in := h.Intent
	in.Attempt, in.MergedFrom = h.originNumber(), 0
	data, err := encode(in)
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
func contents(ctx context.Context, store Store, keys []string) (map[string][]byte, error) {
	if err := preload(ctx, store, keys); err != nil {
		return nil, fmt.Errorf("ledger: read: %w", err)
	}
	all := make(map[string][]byte, len(keys))
	for o, err := range ahead(ctx, keys, func(ctx context.Context, key string) (object, error) {
		data, err := store.Get(ctx, key)
		if err != nil {
			return object{}, unread(key, err)
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
func readStreams(ctx context.Context, store Store, streams []string, keys map[string][]parsedKey) (map[string][]*held, error) {
	var list []string
	for _, stream := range streams {
		for _, k := range keys[stream] {
			list = append(list, k.whole())
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
func hold(stream string, keys []parsedKey, data map[string][]byte) ([]*held, error) {
	byNumber := make(map[int]*held)
	for _, k := range keys {
		h := byNumber[k.number]
		if h == nil {
			h = &held{stream: stream, number: k.number, sides: make(map[string][]byte)}
			byNumber[k.number] = h
		}
		if k.what == intentKey {
			h.intent = data[k.whole()]
		} else {
			h.sides[k.side()] = data[k.whole()]
		}
	}
	var list []*held
	for i, number := range slices.Sorted(maps.Keys(byNumber)) {
		h := byNumber[number]
		if number != i+1 || h.intent == nil {
			return nil, unread(attemptKey(stream, i+1, intentKey), ErrNotExist)
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
	key := attemptKey(h.stream, h.number, intentKey)
	if err := understand(key, h.intent, &h.Intent, intentKey, &h.Intent.Object, &h.Intent.Version); err != nil {
		return err
	}
	in := h.Intent
	if (Scope{in.Environment, in.PartnerID}).streamKey(in.Stream) != h.stream || in.Attempt != h.number {
		return fmt.Errorf("ledger: %s holds attempt %d on %s, which belongs elsewhere", key, in.Attempt, in.Stream)
	}
	for _, side := range slices.Sorted(maps.Keys(h.sides)) {
		key, data := attemptKey(h.stream, h.number, side), h.sides[side]
		switch sideOf(side) {
		case resolutionSide:
			h.Resolution = new(Resolution)
			if err := understand(key, data, h.Resolution, resolutionKey, &h.Resolution.Object, &h.Resolution.Version); err != nil {
				return err
			}
		case outcomeSide:
			if err := h.readOutcome(key, data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *held) readOutcome(key string, data []byte) error {
	k, _ := parseKey(key)
	if k.fingerprint != "" && k.fingerprint != h.Fingerprint() {
		h.strays = append(h.strays, k)
		delete(h.sides, k.side())
		return nil
	}
	r := new(Result)
	if err := understand(key, data, r, "outcome", &r.Object, &r.Version); err != nil {
		return err
	}
	if h.counts.add(k) {
		h.Result = r
	}
	return nil
}

// renumbered returns a side of an attempt as it is under another number.
func renumbered(key, side string, data []byte, number int) ([]byte, error) {
	switch sideOf(side) {
	case resolutionSide:
		var r Resolution
		err := understand(key, data, &r, resolutionKey, &r.Object, &r.Version)
		if r.Attempt = number; err != nil {
			return nil, err
		}
		return encode(r)
	case doneSide:
		var d Done
		err := understand(key, data, &d, doneKey, &d.Object, &d.Version)
		if d.Attempt = number; err != nil {
			return nil, err
		}
		return encode(d)
	}
	var r Result
	err := understand(key, data, &r, "outcome", &r.Object, &r.Version)
	if r.Attempt = number; err != nil {
		return nil, err
	}
	return encode(r)
}
