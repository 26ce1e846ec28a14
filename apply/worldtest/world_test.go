package worldtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"kivaform/apply/ledger"
	"kivaform/spec"
)

var scope = ledger.Scope{Environment: "pilot", PartnerID: "145"}

// A failureKind says which promise was broken.
type failureKind string

const (
	doubled   failureKind = "doubled"
	forgotten failureKind = "forgotten"
	stranded  failureKind = "stranded"
	misplaced failureKind = "misplaced" // a repayment landed in another month
	lost      failureKind = "lost"      // nothing to do, and it isn't at Kiva
)

// A failure is one broken promise.
type failure struct {
	kind failureKind
	text string
}

// figures count over a seed, and over all.
type figures struct{ seeds, steps, commands, sends, accepted, byWord, decisions int }

func (f *figures) add(o figures) {
	f.seeds += o.seeds
	f.steps += o.steps
	f.commands += o.commands
	f.sends += o.sends
	f.accepted += o.accepted
	f.byWord += o.byWord
	f.decisions += o.decisions
}

// A world is one seed's.
type world struct {
	seed     uint64
	rand     *rand.Rand
	has      map[habit]bool
	mutation *mutation // a defence that is taken out; nil for none
	calm     bool      // nothing fails any more

	things  []*thing
	known   map[string][]*thing // by what requests say of them
	means   map[spec.Address][]*thing
	serial  int64
	head    *files
	earlier []*files
	kiva    *pa2
	store   *store
	dumps   []*store
	newest  *store // what the ledger was before it went back; nil while it is whole
	folder  string // of the machines' own records

	lastSender *machine
	machines   []*machine
	occurred   map[string]int

	count    figures
	failures []failure
	story    []string
}

// An outlook says what may happen in a world.
type outlook struct {
	some     []habit   // of which each seed has some
	always   []habit   // that each seed has
	mutation *mutation // a defence that is taken out; nil for none
}

// newWorld makes the world of a seed.
func newWorld(seed uint64, o outlook) *world {
	w := &world{
		seed: seed, rand: rand.New(rand.NewPCG(seed, 0)), has: make(map[habit]bool), mutation: o.mutation,
		known: make(map[string][]*thing), means: make(map[spec.Address][]*thing), occurred: make(map[string]int),
		head: new(files), store: newStore("main"),
	}
	w.kiva = &pa2{w: w, month: "2026-10", cumulative: w.rand.IntN(3) > 0}
	for _, h := range o.some {
		w.has[h] = w.chance("habit", string(h)) < 60
	}
	for _, h := range o.always {
		w.has[h] = h != ""
	}
	for i := range 1 + w.rand.IntN(3) {
		w.machines = append(w.machines, &machine{w: w, name: fmt.Sprint("machine ", i+1), store: w.store, power: -1})
	}
	w.count.seeds = 1
	if w.has[goesBack] {
		var err error
		if w.folder, err = os.MkdirTemp("", "world"); err != nil {
			panic(err)
		}
	}
	return w
}

// hash is decided by the seed and the texts alone, so that the order in which
// things happen at once doesn't matter.
func (w *world) hash(texts ...string) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, w.seed, "\x00", strings.Join(texts, "\x00"))
	sum := h.Sum64()
	sum ^= sum >> 31
	sum *= 0x9e3779b97f4a7c15
	return sum ^ sum>>29
}

// chance is a number below 100, by the seed and the texts.
func (w *world) chance(texts ...string) int { return int(w.hash(texts...) % 100) }

// times counts how often something occurred before.
func (w *world) times(texts ...string) string {
	key := strings.Join(texts, "\x00")
	w.occurred[key]++
	return fmt.Sprint(w.occurred[key])
}

func (w *world) newThing(format string, args ...any) *thing {
	t := &thing{name: fmt.Sprintf(format, args...), sentAs: make(map[spec.Address]bool)}
	w.things = append(w.things, t)
	return t
}

func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, time.Now().UTC().Format("01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

func (w *world) fail(kind failureKind, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.failures = append(w.failures, failure{kind, text})
	w.tell("FAILURE %s: %s", kind, text)
}

// close removes what machines wrote.
func (w *world) close() {
	for _, m := range w.machines {
		m.closeRecords()
	}
	if w.folder != "" {
		_ = os.RemoveAll(w.folder)
	}
}

// live lets the world go on for a while, and then calms it down, so that a
// careful person can bring everything to its end.
func (w *world) live() {
	time.Sleep(time.Until(time.Date(2026, 10, 20, 8, 0, 0, 0, time.UTC)))
	for range 3 + w.rand.IntN(3) {
		w.newLoan()
	}
	if w.rand.IntN(3) > 0 { // a partner who has begun
		w.apply(w.machines[0], nil)
		w.kiva.publishAll()
	}
	for range 20 + w.rand.IntN(20) {
		w.count.steps++
		time.Sleep(time.Duration(20+w.rand.IntN(60*18)) * time.Minute)
		w.tick()
		if len(w.failures) > 0 {
			break
		}
	}
	w.end()
	for _, t := range w.things {
		w.count.accepted += t.accepted
	}
}

// tick is one thing that happens.
func (w *world) tick() {
	switch n := w.rand.IntN(100); {
	case n < 40:
		w.apply(w.anyMachine(), nil)
	case n < 70:
		w.edit()
	case n < 84:
		w.workInPA2()
	case n < 92:
		w.decide(w.anyMachine(), w.has[wrongWords])
	default:
		w.mishap()
	}
}

func (w *world) anyMachine() *machine { return w.machines[w.rand.IntN(len(w.machines))] }
