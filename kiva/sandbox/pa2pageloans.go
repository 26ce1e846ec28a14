package sandbox

import (
	"net/http"
	"strings"

	"kivaform/kiva"
)

// overview is what waits for a person, and where the loans are.
type overview struct {
	Drafts, Archives, Uploads int
	Period                    string
	Loans                     []statusCount
}

func (s *site) viewOverview(*http.Request) (view, error) {
	var o overview
	err := s.Store.look(func(st *state) {
		for _, d := range st.drafts {
			if d.listedAs == "" {
				o.Drafts++
			}
		}
		for _, a := range st.archives {
			if !a.confirmed {
				o.Archives++
			}
		}
		o.Period = st.period(s.Today())
		o.Uploads = st.uploadsOf(o.Period)
		o.Loans = st.loansByStatus()
	})
	return view{"overview.html", "What waits for you", o}, err
}

// loanLine is a loan in the list of loans, with what it can become.
type loanLine struct {
	kiva.Loan
	Next []kiva.Status
}

func (s *site) viewLoans(r *http.Request) (view, error) {
	l := newListing(r, "query", "status")
	f := loanFilter{Text: strings.ToLower(l.query.Get("query")), Status: kiva.Status(l.query.Get("status"))}
	var loans []loanLine
	var advance []statusCount
	err := s.Store.look(func(st *state) {
		for _, e := range latest(l, st.loans, f.passes) {
			loans = append(loans, loanLine{e.Loan, arrows[e.Status]})
		}
		advance = st.canAdvance()
	})
	return view{"loans.html", "Loans", map[string]any{
		"Loans": loans, "List": l, "Query": l.query.Get("query"), "Status": f.Status, "Statuses": statuses, "Advance": advance,
	}}, err
}

// requestLine is a request in the record of requests, with what came of it.
type requestLine struct {
	*event
	What, Link string // empty where nothing was accepted
}

func (s *site) viewRequests(r *http.Request) (view, error) {
	l := newListing(r)
	var lines []requestLine
	var counts []keptCount
	_, err := s.Store.takeStep(func(st *state) (*event, error) {
		counts = st.counts()
		for _, p := range latest(l, st.sent, func(span) bool { return true }) {
			e, err := st.read(p)
			if err != nil {
				return nil, err
			}
			lines = append(lines, lineOf(e))
		}
		return nil, nil
	})
	return view{"requests.html", "Record of requests", map[string]any{"Requests": lines, "Counts": counts, "List": l}}, err
}

func lineOf(e *event) requestLine {
	switch {
	case e.Draft != nil:
		return requestLine{e, "draft " + e.Draft.Body.loanID(), "/pa2/drafts/" + e.Draft.UUID}
	case e.Journals != nil:
		return requestLine{e, plural(len(e.Journals.Journals), "journal"), "/pa2/journals/" + e.Journals.ArchiveID}
	case e.Repayments != nil:
		return requestLine{e, plural(len(e.Repayments.Rows), "repayment") + " of " + e.Repayments.Period, "/pa2/repayments/" + e.Repayments.ID()}
	}
	return requestLine{event: e}
}
