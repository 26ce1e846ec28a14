package plan

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/spec"
)

// FormatVersion is the version of saved plans that this package writes and
// reads.
const FormatVersion = 1

// A Saved is a plan that was kept for a later apply. It is pinned to the
// requests that it saw and to what the ledger knew of them. It holds no names,
// texts or photos: applying it reads the files again.
type Saved struct {
	FormatVersion int           `json:"format_version"`
	ID            string        `json:"id"`     // of this one plan; it can be used once
	Digest        string        `json:"digest"` // as Plan.Digest
	Program       string        `json:"program,omitempty"`
	Environment   string        `json:"environment"`
	PartnerID     string        `json:"partner_id"`
	Addresses     []Destination `json:"addresses"` // nil in plans that earlier versions saved
	Settings      []Setting     `json:"settings,omitempty"`
	AssumeListed  bool          `json:"assume_listed,omitempty"` // as in a Plan
	Commit        string        `json:"commit,omitempty"`        // of the workspace
	Ledger        *Extent       `json:"ledger,omitempty"`        // how far the ledger was; nil in plans that earlier versions saved
	Created       time.Time     `json:"created"`
	Expires       time.Time     `json:"expires"`
	Key           []byte        `json:"key"` // of the fingerprints; made for this plan alone
	Items         []SavedItem   `json:"items"`
	Reports       []SavedReport `json:"reports,omitempty"`
	Unchanged     int           `json:"unchanged"`         // items that are left out here
	Reasons       []Reason      `json:"reasons,omitempty"` // notes for a person
	Notes         []string      `json:"notes,omitempty"`   // the same in sentences, of plans that earlier versions saved
}

// An Extent says how far a ledger was: what has to be there later.
type Extent struct {
	Ledger   string   `json:"id,omitempty"`
	Attempts int      `json:"attempts"`          // of the partner in the environment
	Entries  []string `json:"entries,omitempty"` // attempts and marks that no mark named then
}

// A SavedItem is a loan draft or a journal of a saved plan.
type SavedItem struct {
	Action      string          `json:"action"`
	Address     Address         `json:"address"`
	Source      string          `json:"source"` // file:line
	Fingerprint string          `json:"fingerprint"`
	Last        int             `json:"last,omitempty"` // the number of the last attempt
	Again       bool            `json:"again,omitempty"`
	Amount      money.Amount    `json:"amount,omitzero"` // of a draft, local currency
	Currency    string          `json:"currency,omitempty"`
	Borrowers   []SavedBorrower `json:"borrowers,omitempty"` // of a group's draft; earlier plans don't have them
	Reason      Reason          `json:"reason,omitzero"`
	Why         string          `json:"why,omitempty"`     // the reason in a sentence, of plans that earlier versions saved
	Changes     []SavedChange   `json:"changes,omitempty"` // of an edited item
}

// A SavedBorrower is one borrower of a group, without a name.
type SavedBorrower struct {
	LoanID string       `json:"loan_id,omitempty"`
	Amount money.Amount `json:"amount"` // local currency
}

// A SavedChange is a field of an edited item. Of a personal one no value is
// kept.
type SavedChange struct {
	Path     string         `json:"path"`
	Kind     spec.FieldKind `json:"kind"`
	Personal bool           `json:"personal,omitempty"`
	Old      string         `json:"old,omitempty"`
	New      string         `json:"new,omitempty"`
	Was      bool           `json:"was,omitempty"`
	Is       bool           `json:"is,omitempty"`
}

// A SavedReport is a repayment report of a saved plan.
type SavedReport struct {
	Period    string          `json:"period"`
	Source    string          `json:"source"`
	Mode      spec.AmountMode `json:"mode,omitempty"`
	Rows      []SavedRow      `json:"rows"`
	Gone      []string        `json:"gone,omitempty"` // as in a Report; earlier plans don't have them
	Coverage  *SavedCoverage  `json:"coverage,omitempty"`
	Duplicate *Duplicate      `json:"duplicate,omitempty"`
}

// A SavedCoverage is a report's coverage; its findings stand in the rows.
type SavedCoverage struct {
	Expected int      `json:"expected"`
	Reported int      `json:"reported"`
	Missing  []string `json:"missing,omitempty"`
	Totals   Totals   `json:"totals,omitempty"`
}

// A SavedRow is one row of a saved repayment report.
type SavedRow struct {
	Action   string         `json:"action"`
	LoanID   string         `json:"loan_id"`
	ClientID string         `json:"client_id,omitempty"`
	Amount   money.Amount   `json:"amount"`
	Was      money.Amount   `json:"was,omitzero"`
	Currency string         `json:"currency,omitempty"`
	Source   string         `json:"source"`
	Last     int            `json:"last,omitempty"`
	Reason   Reason         `json:"reason,omitzero"`
	Why      string         `json:"why,omitempty"` // as in a SavedItem
	Findings []SavedFinding `json:"findings,omitempty"`
}

// A SavedFinding is something odd about a row.
type SavedFinding struct {
	Kind   FindingKind `json:"kind"`
	Reason Reason      `json:"reason,omitzero"`
	What   string      `json:"what,omitempty"` // the reason in a sentence, of plans that earlier versions saved
}

// Save keeps a plan for a while. Program and commit are for people.
func (p *Plan) Save(now time.Time, ttl time.Duration, program, commit string) *Saved {
	key := make([]byte, 32)
	rand.Read(key)
	s := p.pin(key)
	s.FormatVersion, s.Program, s.Commit = FormatVersion, program, commit
	s.Created, s.Expires = now.UTC().Truncate(time.Second), now.UTC().Add(ttl).Truncate(time.Second)
	sum := sha256.Sum256(append(key, s.Digest...))
	s.ID = hex.EncodeToString(sum[:12])
	return s
}

// numberOf returns the number of an attempt, 0 where there was none.
func numberOf(last *Attempt) int {
	if last == nil {
		return 0
	}
	return last.Number
}

// batch returns the attempt that the row was part of, nil where there was none.
func (r *RowAttempt) batch() *Attempt {
	if r == nil {
		return nil
	}
	return r.Attempt
}

// Encode returns the saved plan as JSON.
func (s *Saved) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(s)
	return b.Bytes(), err
}

// ReadSaved reads a saved plan.
func ReadSaved(data []byte) (*Saved, error) {
	s := new(Saved)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("not a saved plan: %w", err)
	}
	if s.FormatVersion != FormatVersion {
		return nil, hint.With(fmt.Errorf("the plan has format version %d; this kivaform knows %d", s.FormatVersion, FormatVersion), "plan again")
	}
	if s.ID == "" || len(s.Key) == 0 {
		return nil, fmt.Errorf("not a saved plan: it has no id or no key")
	}
	return s, nil
}

// A StaleError says why a saved plan can't be applied any more.
type StaleError struct{ Reasons []string }

func (e *StaleError) Error() string {
	const most = 10
	list := e.Reasons
	more := ""
	if len(list) > most {
		more = fmt.Sprintf("\n  and %d more", len(list)-most)
		list = list[:most]
	}
	return "the plan is stale:\n  " + strings.Join(list, "\n  ") + more
}

// Hint returns the remedy.
func (e *StaleError) Hint() string { return "plan again, and have it reviewed again" }

// CheckAddresses returns a [*StaleError] where requests would go elsewhere or be
// recorded elsewhere, or be made in another way, than when the plan was saved.
func (s *Saved) CheckAddresses(now []Destination, settings []Setting) error {
	if s.Addresses == nil {
		return &StaleError{[]string{"an earlier version saved it, without the addresses"}}
	}
	reasons := changed(pairsOf(s.Addresses), pairsOf(now))
	if reasons = append(reasons, changed(s.Settings, settings)...); reasons == nil {
		return nil
	}
	return &StaleError{reasons}
}

func pairsOf(list []Destination) []Setting {
	pairs := make([]Setting, len(list))
	for i, d := range list {
		pairs[i] = Setting{d.Key, d.Value}
	}
	return pairs
}

// changed says of each key with another value that it changed.
func changed(was, now []Setting) (reasons []string) {
	for _, key := range keysOf(was, now) {
		if old, new := valueOf(was, key), valueOf(now, key); old != new {
			reasons = append(reasons, fmt.Sprintf("%s was %s, and is %s by now", key, orNothing(old), orNothing(new)))
		}
	}
	return reasons
}

func keysOf(lists ...[]Setting) (keys []string) {
	for _, d := range slices.Concat(lists...) {
		if !slices.Contains(keys, d.Key) {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

func valueOf(list []Setting, key string) string {
	for _, d := range list {
		if d.Key == key {
			return d.Value
		}
	}
	return ""
}

func orNothing(value string) string {
	if value == "" {
		return "not set"
	}
	return strconv.Quote(value)
}

// Restrict makes a new plan do what a saved one says and nothing else. It
// returns a [*StaleError] where the new plan would do something else with any
// of its items, because the files, the ledger or Kiva moved on. What only came
// to be possible since, because Kiva's loans moved on, waits for another plan.
func (s *Saved) Restrict(p *Plan) error {
	r := &restriction{saved: s, was: make(map[Address]SavedItem), rows: make(map[Address]SavedRow)}
	for _, item := range s.Items {
		r.was[item.Address] = item
	}
	for _, report := range s.Reports {
		for _, row := range report.Rows {
			r.rows[RowAddress(report.Period, row.LoanID)] = row
		}
	}
	digester := NewDigester(s.Key)
	for _, list := range [][]Item{p.Drafts, p.Journals} {
		for i := range list {
			r.item(&list[i], digester)
		}
	}
	for _, report := range p.Reports {
		for i := range report.Rows {
			r.row(report, i)
		}
	}
	r.left()
	if len(r.reasons) > 0 {
		return &StaleError{r.reasons}
	}
	return nil
}

type restriction struct {
	saved   *Saved
	was     map[Address]SavedItem
	rows    map[Address]SavedRow
	reasons []string
}

func (r *restriction) stale(format string, args ...any) {
	r.reasons = append(r.reasons, fmt.Sprintf(format, args...))
}

func (r *restriction) item(item *Item, digester Digester) {
	a := item.Address()
	was, planned := r.was[a]
	delete(r.was, a)
	now := pinItem(*item, digester)
	if r.judge(a, planned, was.pinned(), now.pinned(), was.Fingerprint == now.Fingerprint) {
		item.Action, item.Reason = Waiting, NewReason(ReasonNotInSavedPlan)
	}
}

func (r *restriction) row(report Report, i int) {
	a := report.RowAddress(i)
	was, planned := r.rows[a]
	delete(r.rows, a)
	now := pinRow(report, i)
	if r.judge(a, planned, was.pinned(), now.pinned(), was.Amount == now.Amount && was.ClientID == now.ClientID) {
		report.Rows[i].Action, report.Rows[i].Reason = Waiting, NewReason(ReasonNotInSavedPlan)
	}
}

// A pinned holds the common fields of an item and a row of a saved plan.
type pinned struct {
	action, source string
	last           int
}

func (i *SavedItem) pinned() pinned { return pinned{i.Action, i.Source, i.Last} }
func (r *SavedRow) pinned() pinned  { return pinned{r.Action, r.Source, r.Last} }

func (p pinned) acts() bool { return actionOf(p.action).Acts() }

// judge holds what a new plan does with a thing against the saved one, where
// it was planned; same tells whether the files say the same of it. It reports
// whether the thing must wait for another plan.
func (r *restriction) judge(a Address, planned bool, was, now pinned, same bool) (waits bool) {
	switch {
	case !planned && now.acts():
		r.stale("%s (%s) is not in the plan", a, now.source)
	case !planned:
	case !same && (was.acts() || now.acts()):
		r.stale("%s (%s) was changed", a, now.source)
	case was.acts() && was.last != now.last:
		r.stale("%s was attempted since, and is %s", a, now.action)
	case was.acts() && was.action != now.action:
		r.stale("%s was to %s, and is %s by now", a, was.action, now.action)
	default:
		return now.acts() && !was.acts()
	}
	return false
}

// left finds planned items that are no longer in the files.
func (r *restriction) left() {
	for _, item := range r.saved.Items {
		if _, left := r.was[item.Address]; left && item.pinned().acts() {
			r.stale("%s (%s) is no longer in the files", item.Address, item.Source)
		}
	}
	for _, report := range r.saved.Reports {
		for _, row := range report.Rows {
			a := RowAddress(report.Period, row.LoanID)
			if _, left := r.rows[a]; left && row.pinned().acts() {
				r.stale("%s (%s) is no longer in the files", a, row.Source)
			}
		}
	}
}

func actionOf(name string) Action {
	for _, a := range Actions {
		if a.String() == name {
			return a
		}
	}
	return Unchanged
}
