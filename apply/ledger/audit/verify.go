// Package audit looks at a ledger as a whole: it verifies that every object is
// there and as it was written, copies a ledger from one store to another, and
// exports its attempts as lines.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/kiva/hint"
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
	meansCounts  = "what it is about still counts as sent, and isn't sent again; until it is restored, from git or a backup, nobody can tell what it held"
	meansPlan    = "that saved plan is refused until it is restored, from git or a backup; nothing else depends on it"
	meansSides   = "most likely it was sent twice, from two copies of the ledger of which a merge in git kept one side: look for a second one in PA2, and bring in what the other copy knows (kivaform ledger merge)"
	meansCopy    = "it may be what another copy of the ledger recorded under the same name, put here by a program that synchronises folders: what it tells of may have been sent, so plan and apply refuse. Don't delete it: move it, under the object's own name, into a copy of the ledger, and bring that in (kivaform ledger merge)"
	meansBack    = "the ledger went back: a later run saw it. What it tells of may have been sent, and nothing is sent until it is there: restore it from git or a backup, or bring in a copy that has it (kivaform ledger merge)"
	meansMarkers = "both were sent, from two copies of the ledger, so neither side may be thrown away; kivaform ledger merge brings both together, and its --help says how"
)

// Verify reads every object of a store, of all partners and environments, and
// says which are broken, foreign or missing. The error is only for a store that
// can't be read.
func Verify(ctx context.Context, store ledger.Store) (*Verification, error) {
	v := &verifier{store: store, attempts: make(map[string]*seen), told: make(map[string]bool), marks: make(map[string][]*ledger.Mark)}
	v.out.Findings = []Finding{}
	var keys []string
	for key, err := range store.List(ctx, "") {
		if err != nil {
			return nil, fmt.Errorf("ledger: list: %w", err)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if !slices.Contains(keys, ledger.HeaderKey) && len(keys) > 0 {
		// It may be any folder: only what is a ledger's without doubt is told.
		if keys = slices.DeleteFunc(keys, isForeign); len(keys) == 0 {
			return nil, fmt.Errorf("ledger: %w", ledger.ErrNoLedger)
		}
	}
	v.out.Objects = len(keys)
	keys = slices.DeleteFunc(keys, v.stray)
	if err := ledger.Preload(ctx, store, keys); err != nil {
		return nil, fmt.Errorf("ledger: read: %w", err)
	}
	for o, err := range ledger.ReadAhead(ctx, keys, v.get) {
		if err != nil {
			return nil, err
		}
		v.object(o)
	}
	v.judge(keys)
	slices.SortStableFunc(v.out.Findings, func(a, b Finding) int { return strings.Compare(a.Key, b.Key) })
	return &v.out, nil
}

type verifier struct {
	store    ledger.Store
	out      Verification
	attempts map[string]*seen // by the beginning of their keys
	merged   map[string]bool  // by the key that they had in the other copy, with the fingerprint
	order    []*seen
	told     map[string]bool           // keys with a finding
	marks    map[string][]*ledger.Mark // by scope's prefix
}

// seen is what was found of one attempt.
type seen struct {
	key       ledger.ParsedKey
	prefix    string // "staging/145/"
	attempt   ledger.Attempt
	intent    bool // it is there and whole
	outcomes  []ledger.ParsedKey
	decisions []int                // the numbers of the attempt's resolutions, in order
	counts    ledger.ListedAttempt // what planning takes from the keys
}

func (v *verifier) found(key, meaning, format string, args ...any) {
	v.out.Findings = append(v.out.Findings, Finding{key, fmt.Sprintf(format, args...), meaning})
	v.told[key] = true
}

// isForeign reports whether a key isn't one of an attempt.
func isForeign(key string) bool {
	_, ok := ledger.ParseKey(key)
	return !ok || !ledger.ValidKey(key)
}

// stray reports whether a file has a name that no object has.
func (v *verifier) stray(key string) bool {
	if ledger.ValidKey(key) {
		return false
	}
	v.ignored(key)
	return true
}

// ignored tells of what isn't an object. One that has the end of an object's
// name is perhaps a copy.
func (v *verifier) ignored(key string) {
	meaning := meansIgnored
	if ledger.MayBeObject(key) && strings.Count(key, "/") > 1 {
		meaning = meansCopy
	}
	v.found(key, meaning, "is not an object of a ledger")
}

// A stored object was read under its key; data is nil where it isn't there.
type stored struct {
	key  string
	data []byte
}

func (v *verifier) get(ctx context.Context, key string) (stored, error) {
	data, err := v.store.Get(ctx, key)
	switch {
	case errors.Is(err, ledger.ErrNotExist):
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
	k, ok := ledger.ParseKey(key)
	switch {
	case key == ledger.HeaderKey:
		v.check(key, data, new(ledger.Header), "ledger")
	case strings.HasPrefix(key, "kivaform-keys/"):
		v.check(key, data, new(ledger.Rekey), ledger.RekeyObject)
	case strings.HasPrefix(key, "kivaform-place/"):
		v.check(key, data, new(ledger.Place), ledger.PlaceObject)
	case isMark(key):
		if m := new(ledger.Mark); v.check(key, data, m, ledger.MarkObject) {
			v.marks[parts[0]+"/"+parts[1]+"/"] = append(v.marks[parts[0]+"/"+parts[1]+"/"], m)
		}
	case len(parts) == 4 && parts[2] == "plans":
		v.check(key, data, new(ledger.PlanUse), ledger.PlanUseKey)
	case !ok || len(parts) < 4:
		v.ignored(key)
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
	err := json.Unmarshal(data, &is)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	switch {
	case err != nil && ledger.HasMarkers(data) && key == ledger.HeaderKey:
		v.found(key, ledger.ErrApart.Error()+": "+hint.Of(ledger.ErrApart), "has git's conflict markers")
	case err != nil && ledger.HasMarkers(data):
		v.found(key, meansMarkers, "has git's conflict markers")
	case err != nil:
		v.found(key, meansRestore, "is broken: %s", hint.Text(err))
	case is.Object != object:
		v.found(key, meansForeign, "holds %q, not %q", is.Object, object)
	case is.Version != ledger.Version:
		v.found(key, "a newer kivaform wrote it; use that one", "has version %d", is.Version)
	default:
		return true
	}
	return false
}

func (v *verifier) attempt(key string, k ledger.ParsedKey, prefix string, data []byte) {
	s := v.attempts[k.Attempt]
	if s == nil {
		s = &seen{key: k, prefix: prefix}
		v.attempts[k.Attempt] = s
		v.order = append(v.order, s)
	}
	a := &s.attempt
	switch what := k.What; {
	case what == ledger.IntentKey:
		s.counts.Intent = true
		s.intent = v.check(key, data, &a.Intent, ledger.IntentKey)
		in := a.Intent
		if s.intent && (prefix+ledger.StreamKey(in.Stream) != k.Stream || in.Attempt != k.Number || ledger.Element(in.Environment)+"/"+ledger.Element(in.PartnerID)+"/" != prefix) {
			v.found(key, meansForeign, "holds attempt %d on %s of %s/%s", in.Attempt, in.Stream, in.Environment, in.PartnerID)
		}
	case isResolution(what):
		r := new(ledger.Resolution)
		if v.check(key, data, r, ledger.ResolutionKey) {
			v.belongs(key, k, prefix, r.Stream, r.Attempt)
			s.addResolution(what, *r)
		}
	case what == ledger.DoneKey:
		v.check(key, data, new(ledger.Done), ledger.DoneKey)
	case slices.Contains(plan.Outcomes, plan.Outcome(what)):
		r := new(ledger.Result)
		if v.check(key, data, r, "outcome") {
			if string(r.Outcome) != what {
				v.found(key, meansForeign, "says %s", r.Outcome)
			}
			v.belongs(key, k, prefix, r.Stream, r.Attempt)
		}
		if s.outcomes = append(s.outcomes, k); s.counts.Add(k) {
			a.Result = r
		}
	default:
		v.ignored(key)
	}
}

func isResolution(what string) bool {
	_, is := ledger.ResolutionNumber(what)
	return is
}

// addResolution adds a decision at its place: a store lists the tenth before the
// second.
func (s *seen) addResolution(what string, r ledger.Resolution) {
	n, _ := ledger.ResolutionNumber(what)
	at, _ := slices.BinarySearch(s.decisions, n)
	s.decisions = slices.Insert(s.decisions, at, n)
	s.attempt.Resolutions = slices.Insert(s.attempt.Resolutions, at, r)
}

// judgeDecisions looks at a person's last word on an attempt.
func (v *verifier) judgeDecisions(s *seen, intent string) {
	for i, n := range s.decisions {
		if n != i+1 {
			v.found(intent, meansRestore, "has decision %d and lacks decision %d", n, i+1)
			return
		}
	}
	a := &s.attempt
	for e := range a.Entries() {
		if d := a.DecisionOn(e.Address); d != nil && d.Decision == plan.OutcomeAbsent && e.Outcome == plan.OutcomeAccepted {
			v.found(intent, meansLook, "was declared absent by a person, and accepted by Kiva")
			return
		}
	}
}

func (v *verifier) belongs(key string, k ledger.ParsedKey, prefix string, stream ledger.Address, number int) {
	if prefix+ledger.StreamKey(stream) != k.Stream || number != k.Number {
		v.found(key, meansForeign, "is about attempt %d on %s", number, stream)
	}
}

// judge looks at what all objects say together.
func (v *verifier) judge(keys []string) {
	if !slices.Contains(keys, ledger.HeaderKey) && len(v.order) > 0 {
		v.found(ledger.HeaderKey, "without the key that it holds, everything that was sent looks changed; restore it from git or a backup", "is missing")
	}
	slices.SortFunc(v.order, func(a, b *seen) int {
		if c := strings.Compare(a.key.Stream, b.key.Stream); c != 0 {
			return c
		}
		return a.key.Number - b.key.Number
	})
	v.noteMerged()
	stream, last := "", 0
	for _, s := range v.order {
		if s.key.Stream != stream {
			stream, last = s.key.Stream, 0
		}
		v.missing(stream, last+1, s.key.Number)
		last = s.key.Number
		v.judgeAttempt(s)
	}
	v.findDoubles()
	v.findLosses(keys)
	v.weigh()
}

// mostMissing bounds the findings of one gap: the number in a key may be anything.
const mostMissing = 100

// missing tells of the attempts from one number up to another.
func (v *verifier) missing(stream string, from, to int) {
	for n := from; n < to; n++ {
		if n-from == mostMissing && to-n > 1 {
			v.found(ledger.AttemptKey(stream, n, ledger.IntentKey), meansRestore, "is missing, and so are those up to attempt %d", to-1)
			return
		}
		v.found(ledger.AttemptKey(stream, n, ledger.IntentKey), meansRestore, "is missing")
	}
}

// noteMerged notes which attempts came from another copy of the ledger.
func (v *verifier) noteMerged() {
	v.merged = make(map[string]bool)
	for _, s := range v.order {
		if from := s.attempt.Intent.MergedFrom; from != 0 {
			v.merged[ledger.AttemptKey(s.key.Stream, from, s.attempt.Fingerprint())] = true
		}
	}
}

// weigh looks at what broken objects of drafts mean whose keys say all that
// planning must know, and others that planning doesn't open.
func (v *verifier) weigh() {
	for i := range v.out.Findings {
		f := &v.out.Findings[i]
		if f.Meaning != meansRestore {
			continue
		}
		if parts := strings.SplitN(f.Key, "/", 4); len(parts) == 4 && parts[2] == "plans" {
			f.Meaning = meansPlan
			continue
		}
		k, _ := ledger.ParseKey(f.Key)
		if s := v.attempts[k.Attempt]; s != nil && (s.counts.SaysEnough() || k.What == ledger.DoneKey) {
			f.Meaning = meansCounts
		}
	}
}

func (v *verifier) judgeAttempt(s *seen) {
	intent := ledger.AttemptKey(s.key.Stream, s.key.Number, ledger.IntentKey)
	if !s.intent {
		if !v.told[intent] {
			v.found(intent, meansRestore, "is missing, and its outcome is there")
		}
		return
	}
	v.out.Attempts++
	a := &s.attempt
	if a.IsOpen() {
		v.out.Unknown++
	}
	v.judgeOutcomes(s)
	v.judgeDecisions(s, intent)
}

// findDoubles finds what was sent twice.
func (v *verifier) findDoubles() {
	sent := make(map[string][]*ledger.Attempt) // by stream
	for _, s := range v.order {
		if s.intent && s.attempt.Outcome().AtKiva() {
			sent[s.key.Stream] = append(sent[s.key.Stream], &s.attempt)
		}
	}
	for stream, attempts := range sent {
		for _, d := range history.Doubles(attempts) {
			v.found(ledger.AttemptKey(stream, d.Attempt, ledger.IntentKey), meansLook, "sent %s, which attempt %d had sent", d.Item, d.Before)
		}
	}
}

// judgeOutcomes finds outcomes that belong to something else, or are too many.
// What git put beside an attempt, and what was merged since, is explained.
func (v *verifier) judgeOutcomes(s *seen) {
	key := func(k ledger.ParsedKey) string {
		return ledger.AttemptKey(s.key.Stream, s.key.Number, k.Side())
	}
	want := s.attempt.Fingerprint()
	var fitting []ledger.ParsedKey
	for _, k := range s.outcomes {
		switch {
		case k.Fingerprint == "" || k.Fingerprint == want:
			fitting = append(fitting, k)
		case !v.merged[ledger.AttemptKey(s.key.Stream, s.key.Number, k.Fingerprint)]:
			v.found(key(k), meansSides, "has the fingerprint %s, and the intent %s", k.Fingerprint, want)
		}
	}
	if len(fitting) > 1 {
		v.found(key(fitting[1]), meansSides, "is a second outcome of one attempt, beside %s", key(fitting[0]))
	}
}
