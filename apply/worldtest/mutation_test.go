package worldtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"kivaform/plan"
)

// A mutation takes one defence out, at a place where the simulation holds the
// program's parts together: in the plan between planning and applying, on the
// wire, in the options. A nil one takes none.
type mutation struct {
	name  string
	with  []habit // that show it
	seed  uint64  // that finds it
	alter func(*plan.Plan)
	state func(*plan.State)
	reads func(plan.Source) plan.Source
	word  string // that no command takes
	wire  func(http.RoundTripper) http.RoundTripper
}

func (m *mutation) change(p *plan.Plan) {
	if m != nil && m.alter != nil {
		m.alter(p)
	}
}

func (m *mutation) observed(s *plan.State) {
	if m != nil && m.state != nil {
		m.state(s)
	}
}

// lacks reports whether people have no command for a word.
func (m *mutation) lacks(word string) bool { return m != nil && m.word == word }

func (m *mutation) source(s plan.Source) plan.Source {
	if m != nil && m.reads != nil {
		return m.reads(s)
	}
	return s
}

func (m *mutation) transport(r http.RoundTripper) http.RoundTripper {
	if m != nil && m.wire != nil {
		return m.wire(r)
	}
	return r
}

var mutations = []mutation{
	{name: "a broken connection is tried again", seed: 6, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(_ *http.Response, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }}
	}},
	{name: "a bad gateway is tried again", seed: 7, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(a *http.Response, _ error) bool { return a != nil && a.StatusCode == 502 }}
	}},
	{name: "a 503 with Retry-After counts as not looked at", seed: 8, with: []habit{late503}, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(a *http.Response, _ error) bool { return a != nil && a.StatusCode == 503 }}
	}},
	{name: "what is alike counts as new", seed: 1, with: []habit{retypes}, alter: submitAlike},
	{name: "a list that came in part counts as whole", with: []habit{byHand, emptyPages}, seed: 3, state: func(s *plan.State) { s.AssumeListed = true }},
	{name: "unknown requests without a document aren't shown", with: []habit{filesGo}, seed: 9, alter: func(p *plan.Plan) { p.Open = nil }},
	{name: "an unknown item waits for nobody", seed: 2, alter: func(p *plan.Plan) {
		for i := range p.Drafts {
			if p.Drafts[i].Action == plan.Unknown {
				p.Drafts[i].Action = plan.Unchanged
			}
		}
	}},
	{name: "an upload is decided as a whole", with: []habit{rowProblems, oddProblems}, seed: 82, word: wordOnRow},
	{name: "a decision can't be corrected, nor an item sent again", with: []habit{wrongWords}, seed: 4, word: wordCorrected},
	{name: "a machine doesn't remember how far its ledger was", with: []habit{goesBack}, seed: 39, word: wordSeen},
}

// The words that a mutation takes from people.
const (
	wordOnRow     = "on a row"
	wordCorrected = "corrected"
	wordSeen      = "seen" // the machine's, which remembers nothing
)

func submitAlike(p *plan.Plan) {
	for _, items := range [][]plan.Item{p.Drafts, p.Journals} {
		for i := range items {
			if items[i].Action == plan.Alike {
				items[i].Action = plan.Submit
			}
		}
	}
	for _, r := range p.Reports {
		for i := range r.Rows {
			if r.Rows[i].Action == plan.Alike {
				r.Rows[i].Action = plan.Submit
			}
		}
	}
}

// A repeating transport sends a write again where it should not.
type repeating struct {
	next  http.RoundTripper
	again func(*http.Response, error) bool
}

func (t repeating) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return t.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	for {
		r.Body = io.NopCloser(bytes.NewReader(body))
		a, err := t.next.RoundTrip(r)
		if !t.again(a, err) {
			return a, err
		}
	}
}

// Each defence that is taken out is missed: the simulation finds a seed that fails
// without it, and doesn't with it.
func TestMutations(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if f := m.found(t, m.seed); f != nil {
				t.Logf("FOUND %s: seed %d: %s: %s", m.name, m.seed, f.kind, f.text)
				return
			}
			const most = 2000
			for seed := range uint64(most) {
				if f := m.found(t, seed); f != nil {
					t.Logf("FOUND %s: now seed %d: %s: %s", m.name, seed, f.kind, f.text)
					return
				}
			}
			t.Errorf("%d seeds hold without it", most)
		})
	}
}

// found returns the failure of a seed with a defence taken out; nil where there is
// none, or where it is there with the defence as well.
func (m *mutation) found(t *testing.T, seed uint64) *failure {
	with := outlook{some: heldHabits(), always: m.with}
	without := with
	without.mutation = m
	w := runSeed(t, seed, without)
	if len(w.failures) == 0 || len(runSeed(t, seed, with).failures) > 0 {
		return nil
	}
	return &w.failures[0]
}
