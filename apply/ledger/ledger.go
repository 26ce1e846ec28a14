package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kivaform/apply/ledger/history"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/identity"
)

// A Ledger records intents and outcomes of one partner in one environment. It
// is a [plan.History]. It is safe for use by several goroutines; several
// programs may use one store at once.
type Ledger struct {
	store Store
	scope Scope
	given []byte // the digests' key, where it isn't kept in the store

	loadOnce sync.Mutex
	loaded   bool
	digester plan.Digester    // meaningful once keyed
	keyed    bool             // the store has a header
	unopened []*ListedAttempt // of a small ledger: attempts of which loading read the keys alone

	whole   bool // every attempt is read, also where its keys say enough to plan
	mu      sync.RWMutex
	streams map[string]*stream
	history *history.History // of drafts by their streams' keys
	batches map[string]bool  // entries of marks
	marks   map[string]bool  // by name

	api       string // the address that is sent to, "" where nothing is
	id        string // of the ledger; "" while there is none
	firstAPI  string // of the header, or of an attempt
	extents   []Extent
	checkOnce sync.Mutex
	checked   bool
	unchecked bool // see Options
	coverage  *coverage
	rekeyed   int    // how often the ledger's key was changed
	saw       Extent // when the ledger was checked
	witness   Witness
}

// A Witness knows from elsewhere how far a ledger was.
type Witness struct {
	// Compare is told of a ledger that was read, and refuses one that it knew to
	// be further.
	Compare func(context.Context, *Ledger) error
	// Saw is told of a ledger that grew.
	Saw func(*Ledger) error
	// Begun is told of each attempt that is begun, by its entry in marks.
	Begun func(entry string)
}

// A stream is the attempts that are counted together: those of one draft, of
// one report's batches, or of all journals' batches.
type stream struct {
	begin sync.Mutex // held while an attempt's number is taken
	key   string
	last  int
}

// Options change how a ledger works.
type Options struct {
	// Key is the key of the digests, where it shall not be kept in the store:
	// at least 16 bytes.
	Key []byte
	// Whole says to read every attempt when the ledger is loaded, and what to hold
	// of it beside the state of each item; nil reads no more than planning needs.
	Whole *history.Options
	// API is the address that is sent to; without one, nothing is known of it.
	API string
	// Witness knows how far the ledger was; it may be zero.
	Witness Witness
	// Unchecked takes the ledger as it is, for a person who accepts that it went
	// back or takes another one's place.
	Unchecked bool
}

// New returns the ledger of a scope in a store. It reads and writes nothing.
func New(store Store, scope Scope, options Options) *Ledger {
	l := &Ledger{store: store, scope: scope, given: options.Key, whole: options.Whole != nil, streams: make(map[string]*stream), batches: make(map[string]bool), api: options.API, witness: options.Witness, unchecked: options.Unchecked}
	var hold history.Options
	if l.whole {
		hold = *options.Whole
	}
	hold.Key = l.itemKey
	l.history = history.New(hold)
	return l
}

// ErrKey says that the ledger's digests were made with another key.
var ErrKey = hint.With(errors.New("the ledger was begun with another key: set KIVAFORM_LEDGER_KEY to that one, or unset it where the ledger holds its own"),
	"where that key was lost or must change: kivaform ledger rekey")

// ErrHeadless says that a ledger has attempts and lacks its first object: it
// was copied in part, or lost something.
var ErrHeadless = hint.With(errors.New("the ledger has no "+HeaderKey+", so it isn't whole"), "finish the copy (kivaform ledger copy), or restore it from git or a backup")

// HeaderKey is the key of a ledger's first object.
const HeaderKey = "kivaform-ledger" + Suffix

// A Header is the first object of a ledger.
type Header struct {
	Version int       `json:"version"`
	Object  string    `json:"object"` // "ledger"
	Created time.Time `json:"created"`
	Key     []byte    `json:"key,omitempty"`   // of the digests
	Check   string    `json:"check,omitempty"` // a digest by the key that is kept elsewhere
	// ID is the ledger's own, and the others are of the environment that began it;
	// ledgers of earlier versions don't have them.
	ID          string `json:"id,omitempty"`
	API         string `json:"api_url,omitempty"`
	Environment string `json:"environment,omitempty"`
}

// identity returns the ledger's id; of a ledger without one, what no other has.
func (h *Header) identity() string {
	if h.ID != "" {
		return h.ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %x %s", h.Created.UTC(), h.Key, h.Check))
	return hex.EncodeToString(sum[:6])
}

// compare has the witness compare the ledger with what it knows.
func (l *Ledger) compare(ctx context.Context) error {
	if l.witness.Compare == nil {
		return nil
	}
	return l.witness.Compare(ctx, l)
}

// grew tells the witness that the ledger grew.
func (l *Ledger) grew() error {
	if l.witness.Saw == nil {
		return nil
	}
	return l.witness.Saw(l)
}

const checkAddress Address = "check"

// readHeader takes the digests' key from the store, if the store has one.
func (l *Ledger) readHeader(ctx context.Context) error {
	data, err := l.store.Get(ctx, HeaderKey)
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ledger: read %s: %w", HeaderKey, err)
	}
	var h Header
	if err := Decode(HeaderKey, data, &h, "ledger", &h.Object); err != nil {
		return err
	}
	key := h.Key
	if len(key) == 0 {
		key = l.given
	}
	d := plan.NewDigester(key)
	if len(key) == 0 || (len(h.Key) > 0 && len(l.given) > 0) || (h.Check != "" && h.Check != checkOf(d)) {
		if d, err = l.rekeyedDigester(ctx); err != nil {
			return err
		}
	}
	l.digester, l.keyed, l.id = d, true, h.identity()
	if h.Environment == l.scope.Environment {
		l.firstAPI = h.API
	}
	return nil
}

// Prepare makes sure that the ledger can be written: it creates the first
// object of an empty one, and refuses one that went back.
func (l *Ledger) Prepare(ctx context.Context) error {
	if _, err := l.Load(ctx); err != nil {
		return err
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	return l.Check(ctx)
}

// begin creates the first object of an empty ledger.
func (l *Ledger) begin(ctx context.Context) error {
	if l.keyed {
		return nil
	}
	h := Header{
		Version: Version, Object: "ledger", Created: time.Now().UTC().Truncate(time.Second),
		ID: newID(), API: l.api, Environment: l.scope.Environment,
	}
	if len(l.given) > 0 {
		h.Check = checkOf(plan.NewDigester(l.given))
	} else {
		h.Key = make([]byte, 32)
		rand.Read(h.Key)
	}
	data, err := Encode(h)
	if err != nil {
		return err
	}
	if err := l.store.Create(ctx, HeaderKey, data); err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("ledger: create %s: %w", HeaderKey, err)
	}
	if err := l.readHeader(ctx); err != nil {
		return err
	}
	return l.grew()
}

func newID() string {
	var b [6]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// A TakenError says that an item was attempted by another run since the plan
// was made, so that this run must not send it.
type TakenError struct {
	Address Address
	Outcome plan.Outcome
	Run     string
	At      time.Time
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s was taken by run %s at %s (%s)", e.Address, e.Run, e.At.UTC().Format(time.DateTime), e.Outcome)
}

// Begin stores an intent, and from then on its items count as sent until
// [Ledger.Finish] says otherwise. It fills in the attempt's number. It returns
// a *[TakenError] where any of the items was attempted since the plan saw it;
// then nothing is stored.
func (l *Ledger) Begin(ctx context.Context, in Intent) (*Attempt, error) {
	if !l.keyed {
		return nil, errors.New("ledger: not prepared")
	}
	in.Version, in.Object = Version, IntentKey
	in.Environment, in.PartnerID = l.scope.Environment, l.scope.PartnerID
	in.At = in.At.UTC()
	in.API = l.api
	if l.checked {
		in.Saw = &l.saw
	}
	s := l.stream(l.scope.StreamKey(in.Stream))
	s.begin.Lock()
	defer s.begin.Unlock()
	for {
		if err := l.checkNotTaken(in); err != nil {
			return nil, err
		}
		in.Attempt = l.next(s)
		data, err := Encode(in)
		if err != nil {
			return nil, err
		}
		key := AttemptKey(s.key, in.Attempt, IntentKey)
		err = l.store.Create(ctx, key, data)
		if errors.Is(err, ErrExists) {
			// Another run has this attempt: learn what it took, and look again.
			if err := l.learn(ctx, s, in.Attempt); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ledger: create %s: %w", key, err)
		}
		attempt := &Attempt{Intent: in}
		if err := l.checkStillAbsent(ctx, s, in); err != nil {
			return nil, errors.Join(err, l.Finish(context.WithoutCancel(ctx), attempt, Result{
				Outcome: plan.OutcomeNotSent, At: time.Now(), Message: "a person decided otherwise at this moment",
			}))
		}
		l.index(s, attempt)
		if l.witness.Begun != nil {
			l.witness.Begun(EntryOf(attempt))
		}
		return attempt, nil
	}
}

// learn reads an attempt that another run has begun.
func (l *Ledger) learn(ctx context.Context, s *stream, number int) error {
	attempt, err := l.read(ctx, s.key, number, "")
	if err != nil {
		return err
	}
	if what := l.findResult(ctx, s.key, number); what != "" {
		if attempt, err = l.read(ctx, s.key, number, what); err != nil {
			return err
		}
	}
	if attempt.Resolutions, err = l.readResolutions(ctx, s.key, number, 0); err != nil {
		return err
	}
	l.index(s, attempt)
	return nil
}

// findResult looks for the outcome of an attempt, and returns the last element
// of its key.
func (l *Ledger) findResult(ctx context.Context, stream string, number int) string {
	var f ListedAttempt
	for key, err := range l.store.List(ctx, fmt.Sprintf("%s.%d.", stream, number)) {
		if err != nil {
			return "" // without it the attempt counts as unknown
		}
		if k, ok := ParseKey(key); ok && k.Stream == stream && k.Number == number && slices.Contains(plan.Outcomes, plan.Outcome(k.What)) {
			f.Add(k)
		}
	}
	return f.what()
}

// After returns the number of the attempt on an item that counts, 0 where none does:
// what the next attempt comes after.
func (l *Ledger) After(item Address) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if last := l.history.State(item).Last(); last != nil {
		return last.Number
	}
	return 0
}

// next returns the number of the next attempt on a stream.
func (l *Ledger) next(s *stream) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.last + 1
}

// checkNotTaken returns a *TakenError unless every item stands as the plan saw it
// and may be attempted.
func (l *Ledger) checkNotTaken(in Intent) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for e := range (&Attempt{Intent: in}).Entries() {
		last := l.history.State(e.Address).Last()
		switch {
		case last == nil && e.After == 0:
		case last == nil:
			return &TakenError{Address: e.Address}
		case last.Number != e.After, !last.Outcome.MayRepeat() && !(e.Again && last.Outcome.AtKiva()):
			return &TakenError{Address: e.Address, Outcome: last.Outcome, Run: last.Run, At: last.At}
		}
	}
	return nil
}

// Finish stores how an attempt ended. Where it fails, the attempt stays
// unknown.
func (l *Ledger) Finish(ctx context.Context, a *Attempt, r Result) error {
	r.Version, r.Object = Version, "outcome"
	r.Stream, r.Attempt = a.Intent.Stream, a.Intent.Attempt
	r.At = r.At.UTC()
	data, err := Encode(r)
	if err != nil {
		return err
	}
	s := l.stream(l.scope.StreamKey(a.Intent.Stream))
	key := AttemptKey(s.key, a.Intent.Attempt, OutcomeWhat(r.Outcome, a.Fingerprint(), identity.ShortText(a.Contents())))
	if err := l.store.Create(ctx, key, data); err != nil {
		return fmt.Errorf("ledger: create %s: %w", key, err)
	}
	if r.Outcome.MayRepeat() {
		// What a person has seen at Kiva while the run was still at it isn't sent
		// again, however the run ended.
		var err error
		if a.Resolutions, err = l.readResolutions(ctx, s.key, a.Intent.Attempt, 0); err != nil {
			return err
		}
	}
	a.Result = &r
	l.index(s, a)
	return nil
}

// MarkDone records that people have finished in PA2 what an attempt left to
// them. Saying so twice changes nothing.
func (l *Ledger) MarkDone(ctx context.Context, a *Attempt, run string, at time.Time) error {
	if err := l.Check(ctx); err != nil {
		return err
	}
	data, err := Encode(Done{Version: Version, Object: DoneKey, Stream: a.Intent.Stream, Attempt: a.Intent.Attempt, At: at.UTC(), Run: run})
	if err != nil {
		return err
	}
	key := AttemptKey(l.scope.StreamKey(a.Intent.Stream), a.Intent.Attempt, DoneKey)
	if err := l.store.Create(ctx, key, data); err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("ledger: create %s: %w", key, err)
	}
	a.Done = true
	return nil
}

// ErrPlanUsed says that a saved plan was applied before.
var ErrPlanUsed = errors.New("the plan was used before")

// A PlanUse says that a saved plan was applied.
type PlanUse struct {
	Version int       `json:"version"`
	Object  string    `json:"object"` // "plan-use"
	Plan    string    `json:"plan"`
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
}

// PlanUseKey is the kind of an object that says that a saved plan was used.
const PlanUseKey = "plan-use"

// UsePlan uses a saved plan up. It returns an error that wraps [ErrPlanUsed]
// where that was done before.
func (l *Ledger) UsePlan(ctx context.Context, id, run string, at time.Time) error {
	if err := l.Check(ctx); err != nil {
		return err
	}
	data, err := Encode(PlanUse{Version: Version, Object: PlanUseKey, Plan: id, At: at.UTC(), Run: run})
	if err != nil {
		return err
	}
	err = l.store.Create(ctx, l.planKey(id), data)
	if errors.Is(err, ErrExists) {
		return l.PlanUnused(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("ledger: create %s: %w", l.planKey(id), err)
	}
	return nil
}

// PlanUnused returns an error that wraps [ErrPlanUsed] where a saved plan was
// used.
func (l *Ledger) PlanUnused(ctx context.Context, id string) error {
	data, err := l.store.Get(ctx, l.planKey(id))
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ledger: read %s: %w", l.planKey(id), err)
	}
	var use PlanUse
	if err := Decode(l.planKey(id), data, &use, PlanUseKey, &use.Object); err != nil {
		return err
	}
	return fmt.Errorf("%w, by run %s on %s", ErrPlanUsed, use.Run, use.At.Format("2006-01-02 15:04 UTC"))
}

func (l *Ledger) planKey(id string) string { return l.scope.prefix() + "plans/" + Element(id) + Suffix }

func (l *Ledger) stream(key string) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.streams[key]
	if s == nil {
		s = &stream{key: key}
		l.streams[key] = s
	}
	return s
}
