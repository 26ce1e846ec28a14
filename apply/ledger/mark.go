package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A ledger may go back without a broken object: restored from an older backup or
// dump, on an older branch, with files lost. So at its end each run stores a mark
// that names the attempts and the marks which no earlier mark names. All marks
// together name everything that was there when the last run ended, and objects are
// never removed: whatever a mark names and a later list lacks was lost.
//
//   - A mark's key holds the run, so runs of two machines or branches never share
//     one, and a merge of git's keeps both sides' marks, whichever side's objects it
//     keeps.
//   - A mark names a draft's attempts by their last number, and a batch by its number
//     and run: merging renumbers attempts and removes none. So neither concurrent
//     runs nor merged copies are taken for a loss.
//   - The marks that no mark names, usually one, stand for all that came before. A saved
//     plan, an intent and the machine's own cache folder hold them (see [Extent]).
//   - Planning takes the marks' names from the list that it makes anyway; marks are
//     read only when something is to be sent.
//
// A run that was killed leaves no mark; the next one names what it had begun.

// marksFolder is the part of a key that marks have after their scope.
const marksFolder = "marks/"

// MarkObject is the kind of a mark.
const MarkObject = "mark"

// A Mark says how far a ledger was when a run ended.
type Mark struct {
	Version  int       `json:"version"`
	Object   string    `json:"object"` // "mark"
	Run      string    `json:"run"`
	At       time.Time `json:"at"`
	API      string    `json:"api_url,omitempty"`
	Ledger   string    `json:"ledger"`            // its id
	Attempts int       `json:"attempts"`          // of the scope
	Entries  []string  `json:"entries,omitempty"` // attempts and marks that no earlier mark names
	// A person accepted that these are lost, in a ledger that went back, and that
	// this ledger takes the place of others, by their identities.
	Lost         []string `json:"lost,omitempty"`
	LostAttempts int      `json:"lost_attempts,omitempty"` // how many there were more, where no entry names them
	Replaces     []string `json:"replaces,omitempty"`
	Reason       string   `json:"reason,omitempty"`
}

// markName returns the name of a mark: its run, and a digest of the API's address.
func markName(run, api string) string { return Element(run) + "." + apiDigest(api) }

func apiDigest(api string) string {
	sum := sha256.Sum256([]byte(api))
	return hex.EncodeToString(sum[:4])
}

// NormalAPI returns an API's address as a ledger holds it: in one spelling, without
// a password.
func NormalAPI(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	u.Scheme, u.Host, u.User = strings.ToLower(u.Scheme), strings.ToLower(u.Host), nil
	if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u.String()
}

// IsMark reports whether a key within a scope, or after one, is that of a mark, and
// returns its name.
func IsMark(key string) (name string, is bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[2]+"/" != marksFolder || !ValidKey(key) {
		return "", false
	}
	name, is = strings.CutSuffix(parts[3], Suffix)
	_, digest, found := cutLast(name)
	return name, is && found && len(digest) == 8 && isDigest(digest)
}

func (l *Ledger) markKey(name string) string { return l.scope.prefix() + marksFolder + name + Suffix }

// EntryOf names an attempt in a mark: a draft's by its stream and number, a batch's
// also by its run, as copies that went apart give one number twice.
func EntryOf(a *Attempt) string {
	number := a.Intent.Attempt
	if a.Intent.Stream.Kind() == DraftKind {
		return draftEntry(StreamKey(a.Intent.Stream), number)
	}
	if a.Intent.MergedFrom != 0 {
		number = a.Intent.MergedFrom
	}
	return StreamKey(a.Intent.Stream) + "." + strconv.Itoa(number) + " " + a.Intent.Run
}

func draftEntry(stream string, number int) string { return stream + "." + strconv.Itoa(number) }

// Has reports whether the ledger has what an entry of a mark names.
func (l *Ledger) Has(entry string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if name, is := strings.CutPrefix(entry, marksFolder); is {
		return l.marks[name]
	}
	if strings.Contains(entry, " ") {
		return l.batches[entry]
	}
	stream, digits, _ := cutLast(entry)
	number, err := strconv.Atoi(digits)
	s := l.streams[l.scope.prefix()+stream]
	return err == nil && s != nil && s.last >= number
}

// entries returns what a mark would name, in order.
func (l *Ledger) entries() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	prefix := l.scope.prefix()
	all := make([]string, 0, len(l.streams)+len(l.batches)+len(l.marks))
	for key, s := range l.streams {
		if name := strings.TrimPrefix(key, prefix); s.last > 0 && strings.HasPrefix(name, DraftKind+"/") {
			all = append(all, draftEntry(name, s.last))
		}
	}
	for entry := range l.batches {
		all = append(all, entry)
	}
	for name := range l.marks {
		all = append(all, marksFolder+name)
	}
	slices.Sort(all)
	return all
}

// Attempted returns how many attempts of the scope the ledger has.
func (l *Ledger) Attempted() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n := 0
	for _, s := range l.streams {
		n += s.last
	}
	return n
}

// A coverage is what the marks of a scope say together.
type coverage struct {
	named    map[string]bool // entries
	lost     map[string]bool // entries that a person gave up
	fewer    int             // attempts that a person gave up
	replaced map[string]bool // identities of ledgers
}

// readMarks reads the marks that were listed.
func (l *Ledger) readMarks(ctx context.Context) (*coverage, error) {
	if l.coverage != nil {
		return l.coverage, nil
	}
	c := &coverage{named: make(map[string]bool), lost: make(map[string]bool), replaced: make(map[string]bool)}
	var keys []string
	for name := range l.marks {
		keys = append(keys, l.markKey(name))
	}
	slices.Sort(keys)
	if err := Preload(ctx, l.store, keys); err != nil {
		return nil, fmt.Errorf("ledger: read: %w", err)
	}
	for m, err := range ReadAhead(ctx, keys, l.readMark) {
		if err != nil {
			return nil, err
		}
		c.add(m)
	}
	l.coverage = c
	return c, nil
}

func (l *Ledger) readMark(ctx context.Context, key string) (*Mark, error) {
	data, err := l.store.Get(ctx, key)
	if err != nil {
		return nil, Unread(key, err)
	}
	m := new(Mark)
	return m, Decode(key, data, m, MarkObject, &m.Object)
}

func (c *coverage) add(m *Mark) {
	for _, entry := range m.Entries {
		c.named[entry] = true
	}
	for _, entry := range m.Lost {
		c.lost[entry] = true
		c.fewer += attemptsIn(entry)
	}
	for _, identity := range m.Replaces {
		c.replaced[identity] = true
	}
	c.fewer += m.LostAttempts
}

// attemptsIn returns how many attempts are gone at most where an entry is lost.
func attemptsIn(entry string) int {
	if strings.HasPrefix(entry, marksFolder) {
		return 0
	}
	if strings.Contains(entry, " ") {
		return 1
	}
	_, digits, _ := cutLast(entry)
	number, _ := strconv.Atoi(digits)
	return number
}

// Mark stores how far the ledger is now, at the end of a run. It stores nothing if
// a mark says it already.
func (l *Ledger) Mark(ctx context.Context, run string) error {
	if err := l.Check(ctx); err != nil {
		return err
	}
	m := Mark{Run: run}
	m.Entries = l.unnamed()
	if len(m.Entries) < 2 && !slices.ContainsFunc(m.Entries, func(e string) bool { return !strings.HasPrefix(e, marksFolder) }) {
		return nil
	}
	return l.storeMark(ctx, m)
}

// unnamed returns the entries that no mark names.
func (l *Ledger) unnamed() []string {
	return slices.DeleteFunc(l.entries(), func(entry string) bool { return l.coverage.named[entry] })
}

func (l *Ledger) storeMark(ctx context.Context, m Mark) error {
	m.Version, m.Object, m.At = Version, MarkObject, time.Now().UTC().Truncate(time.Second)
	m.API, m.Ledger, m.Attempts = l.api, l.id, l.Attempted()
	data, err := Encode(m)
	if err != nil {
		return err
	}
	name := markName(m.Run, l.api)
	if err := l.store.Create(ctx, l.markKey(name), data); err != nil && !errors.Is(err, ErrExists) {
		return fmt.Errorf("ledger: create %s: %w", l.markKey(name), err)
	}
	l.mu.Lock()
	l.marks[name] = true
	l.mu.Unlock()
	l.coverage.add(&m)
	return l.grew()
}

// Extent returns how far the ledger is: what a saved plan and this machine
// remember of it. It is meaningful once the ledger was checked.
func (l *Ledger) Extent() Extent {
	e := Extent{Ledger: l.id, Attempts: l.Attempted()}
	if l.coverage != nil {
		e.Entries = l.unnamed()
	}
	if len(e.Entries) > mostEntries { // of a ledger without marks, of an earlier version
		e.Entries = nil
	}
	return e
}

const mostEntries = 5_000

// An Acceptance is a person's word on a ledger that went back or took the place
// of another one.
type Acceptance struct {
	Run, Reason  string
	Lost         []string // entries
	LostAttempts int
	Replaces     []string // identities
	Moved        bool     // the ledger had moved away, and is in use here again
}

// Accept records a person's word, by which the ledger is used on as it is.
func (l *Ledger) Accept(ctx context.Context, a Acceptance) error {
	if _, err := l.readMarks(ctx); err != nil {
		return err
	}
	l.checked = true
	if a.Moved {
		if err := SetPlace(ctx, l.store, "", a.Reason); err != nil {
			return err
		}
	}
	return l.storeMark(ctx, Mark{
		Run: a.Run, Reason: a.Reason, Entries: l.unnamed(), Lost: a.Lost, LostAttempts: a.LostAttempts, Replaces: a.Replaces,
	})
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
