package page

import (
	"net/http"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/partnerapi"
)

// overview counts a person's open work, and the loans by status.
type overview struct {
	Drafts, Archives, Uploads int
	Period                    string
	Loans                     []pa2.StatusCount
}

func (s *Site) viewOverview(*http.Request) (view, error) {
	var o overview
	err := s.Store.Look(func(st *pa2.State) {
		for _, d := range st.Drafts {
			if d.ListedAs == "" {
				o.Drafts++
			}
		}
		for _, a := range st.Archives {
			if !a.Confirmed {
				o.Archives++
			}
		}
		o.Period = st.Period(s.Today())
		o.Uploads = st.UploadsOf(o.Period)
		o.Loans = st.LoansByStatus()
	})
	return view{"overview.html", "What waits for you", o}, err
}

// loanLine is a loan in the list of loans, with its possible next statuses.
type loanLine struct {
	kiva.Loan
	Next []kiva.Status
}

func (s *Site) viewLoans(r *http.Request) (view, error) {
	l := newListing(r, "query", "status")
	f := partnerapi.LoanFilter{Text: strings.ToLower(l.query.Get("query")), Status: kiva.Status(l.query.Get("status"))}
	var loans []loanLine
	var advance []pa2.StatusCount
	err := s.Store.Look(func(st *pa2.State) {
		for _, e := range selectLatest(l, st.Loans, f.Passes) {
			loans = append(loans, loanLine{e.Loan, pa2.NextStatuses[e.Status]})
		}
		advance = st.CanAdvance()
	})
	return view{"loans.html", "Loans", map[string]any{
		"Loans": loans, "List": l, "Query": l.query.Get("query"), "Status": f.Status, "Statuses": pa2.Statuses, "Advance": advance,
	}}, err
}

// requestLine is a request in the record of requests, with its result.
type requestLine struct {
	*pa2.Event
	What, Link string // empty if nothing was accepted
}

func (s *Site) viewRequests(r *http.Request) (view, error) {
	l := newListing(r)
	var lines []requestLine
	var counts []pa2.Count
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		counts = st.Counts()
		for _, p := range selectLatest(l, st.Sent, func(pa2.Span) bool { return true }) {
			e, err := st.Read(p)
			if err != nil {
				return nil, err
			}
			lines = append(lines, newRequestLine(e))
		}
		return nil, nil
	})
	return view{"requests.html", "Record of requests", map[string]any{"Requests": lines, "Counts": counts, "List": l}}, err
}

func newRequestLine(e *pa2.Event) requestLine {
	switch {
	case e.Draft != nil:
		return requestLine{e, "draft " + e.Draft.Body.LoanID(), "/pa2/drafts/" + e.Draft.UUID}
	case e.Journals != nil:
		return requestLine{e, formatPlural(len(e.Journals.Journals), "journal"), "/pa2/journals/" + e.Journals.ArchiveID}
	case e.Repayments != nil:
		return requestLine{e, formatPlural(len(e.Repayments.Rows), "repayment") + " of " + e.Repayments.Period, "/pa2/repayments/" + e.Repayments.ID()}
	}
	return requestLine{Event: e}
}
