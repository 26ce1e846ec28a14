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
	reads func(plan.Source) plan.Source
	wire  func(http.RoundTripper) http.RoundTripper
}

func (m *mutation) change(p *plan.Plan) {
	if m != nil && m.alter != nil {
		m.alter(p)
	}
}

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
	{name: "a broken connection is tried again", seed: 5, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(_ *http.Response, err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }}
	}},
	{name: "a bad gateway is tried again", seed: 27, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(a *http.Response, _ error) bool { return a != nil && a.StatusCode == 502 }}
	}},
	{name: "a 503 with Retry-After counts as not looked at", seed: 14, with: []habit{late503}, wire: func(r http.RoundTripper) http.RoundTripper {
		return repeating{r, func(a *http.Response, _ error) bool { return a != nil && a.StatusCode == 503 }}
	}},
	{name: "what is alike counts as new", seed: 1, with: []habit{retypes}, alter: submitAlike},
}

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

// Each defence that is taken out is missed: the simulation finds a seed that
// fails without it, and passes with it.
func TestMutations(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			o := outlook{some: heldHabits(), always: m.with, mutation: &m}
			if w := runSeed(t, m.seed, o); len(w.failures) > 0 {
				t.Logf("MISSED %s: seed %d: %s: %s", m.name, m.seed, w.failures[0].kind, w.failures[0].text)
				return
			}
			const most = 2000
			for seed := range uint64(most) {
				if w := runSeed(t, seed, o); len(w.failures) > 0 {
					t.Logf("MISSED %s: now seed %d: %s: %s", m.name, seed, w.failures[0].kind, w.failures[0].text)
					return
				}
			}
			t.Errorf("%d seeds hold without it", most)
		})
	}
}
