package kiva

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A loanServer lists loans by their ids, and may do so strangely.
type loanServer struct {
	ids      []string
	most     int           // gives no more than this on a page; 0: as asked
	silent   bool          // doesn't tell the total
	total    func(int) int // lies about the total
	deaf     bool          // ignores the offset
	before   func(page int, s *loanServer)
	requests int
}

func (s *loanServer) answer(w http.ResponseWriter, q *http.Request) {
	s.requests++
	if s.before != nil {
		s.before(s.requests, s)
	}
	offset, _ := strconv.Atoi(q.FormValue("offset"))
	limit, _ := strconv.Atoi(q.FormValue("limit"))
	if s.deaf {
		offset = 0
	}
	if s.most > 0 {
		limit = min(limit, s.most)
	}
	body := map[string]any{"total_records": len(s.ids)}
	if s.total != nil {
		body["total_records"] = s.total(len(s.ids))
	}
	if s.silent {
		delete(body, "total_records")
	}
	page := []map[string]string{}
	for _, id := range s.ids[min(offset, len(s.ids)):min(offset+limit, len(s.ids))] {
		page = append(page, map[string]string{"kiva_id": id})
	}
	body["data"] = page
	json.NewEncoder(w).Encode(body)
}

func numbered(from, to int) (ids []string) {
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprint("k", i))
	}
	return ids
}

func TestLoans(t *testing.T) {
	gone := func(ids ...string) func(int, *loanServer) {
		return func(page int, s *loanServer) {
			if page == 2 {
				s.ids = slices.DeleteFunc(slices.Clone(s.ids), func(id string) bool { return slices.Contains(ids, id) })
			}
		}
	}
	cases := map[string]struct {
		server   loanServer
		want     []string
		requests int
		err      string
	}{
		"none":             {loanServer{}, nil, 1, ""},
		"one":              {loanServer{ids: numbered(0, 1)}, numbered(0, 1), 1, ""},
		"a page":           {loanServer{ids: numbered(0, 300)}, numbered(0, 300), 1, ""},
		"one more":         {loanServer{ids: numbered(0, 301)}, numbered(0, 301), 2, ""},
		"short pages":      {loanServer{ids: numbered(0, 21), most: 20}, numbered(0, 21), 2, ""},
		"no total":         {loanServer{ids: numbered(0, 301), silent: true}, numbered(0, 301), 3, ""},
		"no total, short":  {loanServer{ids: numbered(0, 50), most: 20, silent: true}, numbered(0, 50), 4, ""},
		"no paging":        {loanServer{ids: numbered(0, 50), deaf: true, silent: true}, numbered(0, 50), 2, ""},
		"total too high":   {loanServer{ids: numbered(0, 301), total: func(n int) int { return n + 5 }}, numbered(0, 301), 3, ""},
		"deaf":             {loanServer{ids: numbered(0, 301), deaf: true}, numbered(0, 300), 2, "same page"},
		"deaf and short":   {loanServer{ids: numbered(0, 301), most: 20, deaf: true}, numbered(0, 20), 2, "same page"},
		"deaf, no total":   {loanServer{ids: numbered(0, 301), deaf: true, silent: true}, numbered(0, 300), 2, "same page"},
		"duplicates":       {loanServer{ids: append(numbered(0, 300), numbered(298, 310)...)}, numbered(0, 310), 2, ""},
		"grows at the end": {loanServer{ids: numbered(0, 301), before: func(page int, s *loanServer) { s.ids = numbered(0, 300+page) }}, numbered(0, 302), 2, ""},
		"grows in front": {loanServer{ids: numbered(10, 311), before: func(page int, s *loanServer) { s.ids = numbered(11-page, 311) }},
			numbered(10, 311), 2, ""},
		"loses the first":  {loanServer{ids: numbered(0, 600), before: gone("k0", "k1")}, numbered(0, 600), 3, ""},
		"loses the second": {loanServer{ids: numbered(0, 302), before: gone("k5", "k6", "k300")}, append(numbered(0, 300), "k301"), 3, ""},
		"loses all":        {loanServer{ids: numbered(0, 600), before: func(page int, s *loanServer) { s.ids = s.ids[:600*(2-min(page, 2))] }}, numbered(0, 300), 3, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := newRecorder(t, c.server.answer)
			var got []string
			var failed string
			for loan, err := range newClient(t, server.base()).Loans(t.Context(), LoanQuery{}) {
				if err != nil {
					failed = err.Error()
					break
				}
				got = append(got, loan.KivaID)
			}
			if !slices.Equal(sorted(got), sorted(c.want)) {
				t.Errorf("%d loans %v, want %d", len(got), got, len(c.want))
			}
			if c.server.requests != c.requests {
				t.Errorf("%d requests, want %d", c.server.requests, c.requests)
			}
			if (failed == "") != (c.err == "") || !strings.Contains(failed, c.err) {
				t.Errorf("failed with %q, want %q", failed, c.err)
			}
		})
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func TestLoansTwiceAndInPart(t *testing.T) {
	server := loanServer{ids: numbered(0, 30)}
	loans := newClient(t, newRecorder(t, server.answer).base()).Loans(t.Context(), LoanQuery{Limit: 10, Offset: 5})
	for range 2 {
		var got []string
		for loan := range loans {
			got = append(got, loan.KivaID)
		}
		if !slices.Equal(got, numbered(5, 30)) {
			t.Errorf("%v", got)
		}
	}
	server.requests = 0
	for range loans {
		break
	}
	if server.requests != 1 {
		t.Errorf("the first loan took %d requests", server.requests)
	}
}

func TestLoansEndAtAnError(t *testing.T) {
	server := loanServer{ids: numbered(0, 30)}
	broken := func(w http.ResponseWriter, q *http.Request) {
		if q.FormValue("offset") != "0" {
			answers(500, "")(w, q)
			return
		}
		server.answer(w, q)
	}
	n, failed := 0, 0
	for _, err := range newClient(t, newRecorder(t, broken).base()).Loans(t.Context(), LoanQuery{Limit: 10}) {
		if n++; err != nil {
			failed = n
		}
	}
	if n != 11 || failed != 11 {
		t.Errorf("%d values, number %d is an error", n, failed)
	}
}

// A loan without Kiva's id is told apart by the next best id, one without any
// is never taken for another.
func TestLoanIdentity(t *testing.T) {
	page := `{"total_records":8,"data":[
		{"kiva_id":0,"uuid":"u1"},{"kiva_id":"0","uuid":"u2"},{"uuid":"u1"},
		{"internal_loan_id":"L","internal_client_id":"a"},{"internal_loan_id":"L","internal_client_id":"b"},{"internal_loan_id":"L","internal_client_id":"a"},
		{"name":"x"},{"name":"x"}]}`
	n := 0
	for _, err := range newClient(t, newRecorder(t, answers(200, page)).base()).Loans(t.Context(), LoanQuery{}) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 6 {
		t.Errorf("%d loans, want 6", n)
	}
}
