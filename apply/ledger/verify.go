package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kivaform/plan"
)

// A Finding is something in a ledger that isn't as it was written.
type Finding struct {
	Key     string `json:"key"`
	Problem string `json:"problem"`
	Meaning string `json:"meaning"` // what follows, and what to do
}

// A Verification is what verifying found.
type Verification struct {
	Objects  int       `json:"objects"`
	Attempts int       `json:"attempts"`
	Unknown  int       `json:"unknown"` // attempts of which nobody knows how they ended; no fault of the ledger
	Findings []Finding `json:"findings"`
}

// What findings mean.
const (
	meansRestore = "something that was sent may be forgotten; nothing is sent until it is restored, from git or a backup"
	meansIgnored = "it isn't of a ledger, and is ignored; move it away"
	meansForeign = "it was copied, renamed or changed by hand; restore it from git or a backup"
	meansLook    = "look for a second one in PA2, and remove it there"
)

// Verify reads every object of a store, of all partners and environments, and
// says which are broken, foreign or missing. The error is only for a store that
// can't be read.
func Verify(ctx context.Context, store Store) (*Verification, error) {
	v := &verifier{store: store, attempts: make(map[string]*seen)}
	v.out.Findings = []Finding{}
	var keys []string
	for key, err := range store.List(ctx, "") {
		if err != nil {
			return nil, fmt.Errorf("ledger: list: %w", err)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	v.out.Objects = len(keys)
	if err := preload(ctx, store, keys); err != nil {
		return nil, fmt.Errorf("ledger: read: %w", err)
	}
	for o, err := range ahead(ctx, keys, v.get) {
		if err != nil {
			return nil, err
		}
		v.object(o)
	}
	v.judge(slices.Contains(keys, HeaderKey))
	slices.SortStableFunc(v.out.Findings, func(a, b Finding) int { return strings.Compare(a.Key, b.Key) })
	return &v.out, nil
}

type verifier struct {
	store    Store
	out      Verification
	attempts map[string]*seen // by the beginning of their keys
	order    []*seen
}

// seen is what was found of one attempt.
type seen struct {
	key      parsedKey
	prefix   string // "staging/145/"
	attempt  Attempt
	intent   bool
	outcomes []string // keys
}

func (v *verifier) found(key, meaning, format string, args ...any) {
	v.out.Findings = append(v.out.Findings, Finding{key, fmt.Sprintf(format, args...), meaning})
}

// A stored object was read under its key; data is nil where it isn't there.
type stored struct {
	key  string
	data []byte
}

func (v *verifier) get(ctx context.Context, key string) (stored, error) {
	data, err := v.store.Get(ctx, key)
	switch {
	case errors.Is(err, ErrNotExist):
		return stored{key: key}, nil
	case err != nil:
		return stored{}, fmt.Errorf("ledger: read %s: %w", key, err)
	}
	return stored{key, append([]byte{}, data...)}, nil
}

// object looks at one object. What it is follows from its key.
func (v *verifier) object(o stored) {
	key, data := o.key, o.data
	if data == nil {
		v.found(key, meansRestore, "is listed, and can't be read")
		return
	}
	parts := strings.SplitN(key, "/", 4)
	k, ok := parseKey(key)
	switch {
	case key == HeaderKey:
		v.check(key, data, new(header), "ledger")
	case len(parts) == 4 && parts[2] == "plans":
		v.check(key, data, new(PlanUse), planUseKey)
	case !ok || len(parts) < 4:
		v.found(key, meansIgnored, "is not an object of a ledger")
	default:
		v.attempt(key, k, parts[0]+"/"+parts[1]+"/", data)
	}
}

// check reads an object whose content matters to nobody else.
func (v *verifier) check(key string, data []byte, into any, object string) bool {
	var is struct {
		Version int    `json:"version"`
		Object  string `json:"object"`
	}
	err := errors.Join(json.Unmarshal(data, &is), json.Unmarshal(data, into))
	switch {
	case err != nil:
		v.found(key, meansRestore, "is broken: %v", err)
	case is.Object != object:
		v.found(key, meansForeign, "holds %q, not %q", is.Object, object)
	case is.Version != version:
		v.found(key, "a newer kivaform wrote it; use that one", "has version %d", is.Version)
	default:
		return true
	}
	return false
}

func (v *verifier) attempt(key string, k parsedKey, prefix string, data []byte) {
	s := v.attempts[k.attempt]
	if s == nil {
		s = &seen{key: k, prefix: prefix}
		v.attempts[k.attempt] = s
		v.order = append(v.order, s)
	}
	a := &s.attempt
	switch what := k.what; {
	case what == intentKey:
		s.intent = v.check(key, data, &a.Intent, intentKey)
		in := a.Intent
		if s.intent && (prefix+streamKey(in.Stream) != k.stream || in.Attempt != k.number || element(in.Environment)+"/"+element(in.PartnerID)+"/" != prefix) {
			v.found(key, meansForeign, "holds attempt %d on %s of %s/%s", in.Attempt, in.Stream, in.Environment, in.PartnerID)
		}
	case what == resolutionKey:
		a.Resolution = new(Resolution)
		if v.check(key, data, a.Resolution, resolutionKey) {
			v.belongs(key, k, prefix, a.Resolution.Stream, a.Resolution.Attempt)
		}
	case what == doneKey:
		v.check(key, data, new(Done), doneKey)
	case slices.Contains(plan.Outcomes, plan.Outcome(what)):
		s.outcomes = append(s.outcomes, key)
		a.Result = new(Result)
		if v.check(key, data, a.Result, "outcome") && string(a.Result.Outcome) != what {
			v.found(key, meansForeign, "says %s", a.Result.Outcome)
		}
		v.belongs(key, k, prefix, a.Result.Stream, a.Result.Attempt)
		s.key.fingerprint = k.fingerprint
	default:
		v.found(key, meansIgnored, "is not an object of a ledger")
	}
}

func (v *verifier) belongs(key string, k parsedKey, prefix string, stream Address, number int) {
	if prefix+streamKey(stream) != k.stream || number != k.number {
		v.found(key, meansForeign, "is about attempt %d on %s", number, stream)
	}
}

// judge looks at what all objects say together.
func (v *verifier) judge(hasHeader bool) {
	if !hasHeader && len(v.order) > 0 {
		v.found(HeaderKey, "without the key that it holds, everything that was sent looks changed; restore it from git or a backup", "is missing")
	}
	slices.SortFunc(v.order, func(a, b *seen) int {
		if c := strings.Compare(a.key.stream, b.key.stream); c != 0 {
			return c
		}
		return a.key.number - b.key.number
	})
	stream, last := "", 0
	accepted := make(map[string]int) // the attempt that Kiva accepted, by item
	for _, s := range v.order {
		if s.key.stream != stream {
			stream, last = s.key.stream, 0
			clear(accepted)
		}
		for n := last + 1; n < s.key.number; n++ {
			v.found(attemptKey(stream, n, intentKey), meansRestore, "is missing")
		}
		last = s.key.number
		v.judgeAttempt(s, accepted)
	}
}

func (v *verifier) judgeAttempt(s *seen, accepted map[string]int) {
	intent := attemptKey(s.key.stream, s.key.number, intentKey)
	if !s.intent {
		if !slices.ContainsFunc(v.out.Findings, func(f Finding) bool { return f.Key == intent }) {
			v.found(intent, meansRestore, "is missing, and its outcome is there")
		}
		return
	}
	v.out.Attempts++
	a := &s.attempt
	if a.Outcome() == plan.OutcomeUnknown {
		v.out.Unknown++
	}
	if len(s.outcomes) > 1 {
		v.found(s.outcomes[1], meansForeign, "is a second outcome of one attempt, beside %s", s.outcomes[0])
	}
	if want := a.fingerprint(); s.key.fingerprint != "" && s.key.fingerprint != want {
		v.found(s.outcomes[0], meansForeign, "has the fingerprint %s, and the intent %s", s.key.fingerprint, want)
	}
	if a.Resolution != nil && a.Resolution.Decision == plan.OutcomeAbsent && a.Result != nil && a.Result.Outcome == plan.OutcomeAccepted {
		v.found(intent, meansLook, "was declared absent by a person, and accepted by Kiva")
	}
	v.doubles(s, intent, accepted)
}

// doubles finds items that Kiva accepted twice without a person's word.
func (v *verifier) doubles(s *seen, intent string, accepted map[string]int) {
	a := &s.attempt
	if a.Intent.Recorded != "" || !a.Outcome().AtKiva() {
		return
	}
	check := func(item string, again bool) {
		if before, twice := accepted[item]; twice && !again {
			v.found(intent, meansLook, "sent %s, which attempt %d had sent", item, before)
		}
		accepted[item] = s.key.number
	}
	for _, item := range a.Intent.Items {
		check(string(item.Address), item.Again)
	}
	rejected := make(map[string]bool)
	if a.Result != nil {
		for _, p := range a.Result.Problems {
			rejected[p.LoanID] = p.Rejects() || rejected[p.LoanID]
		}
	}
	for _, row := range a.Intent.Rows {
		if !rejected[row.LoanID] {
			check(row.LoanID, row.Again)
		}
	}
}
