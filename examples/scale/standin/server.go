package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"kivaform/examples/scale/standin/counts"
	"kivaform/examples/scale/workspace"
)

// A server takes drafts and uploads, and lists loans.
type server struct {
	latency time.Duration
	paying  int // loans of a report that are listed as paying back

	mu       sync.Mutex
	counts   counts.Counts
	loans    map[string]list // by status, and all under ""; only ever longer
	accepted map[string]bool
}

func newServer(latency time.Duration, paying int) *server {
	s := &server{latency: latency, paying: paying}
	s.forget()
	return s
}

// forget is as if nothing had come.
func (s *server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts, s.accepted = counts.Counts{}, make(map[string]bool)
	s.loans = make(map[string]list)
	for i := range s.paying {
		s.add(workspace.RowLoanID(i), "payingBack")
	}
}

// recount counts from now on.
func (s *server) recount() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = counts.Counts{}
}

func (s *server) handler() http.Handler {
	partner := "/v3/partner/" + workspace.PartnerID
	kiva := http.NewServeMux()
	kiva.HandleFunc("POST /oauth/token", s.token)
	kiva.HandleFunc("GET "+partner+"/loans", s.list)
	kiva.HandleFunc("GET "+partner+"/config/{list}", s.config)
	kiva.HandleFunc("POST "+partner+"/loan_draft", s.loanDraft)
	kiva.HandleFunc("POST "+partner+"/repayments", s.repayments)

	all := http.NewServeMux()
	all.HandleFunc("GET "+counts.Path, func(w http.ResponseWriter, _ *http.Request) { s.tell(w) })
	all.HandleFunc("POST "+counts.Path, func(http.ResponseWriter, *http.Request) { s.recount() })
	all.HandleFunc("DELETE "+counts.Path, func(http.ResponseWriter, *http.Request) { s.forget() })
	all.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		late := lateWriter{w, time.Now().Add(s.latency)}
		s.begin(r)
		kiva.ServeHTTP(late, r)
		s.end(r)
	})
	return all
}

// A lateWriter answers at a given time: what it takes to make an answer is a
// part of the latency.
type lateWriter struct {
	http.ResponseWriter
	due time.Time
}

func (w lateWriter) Write(data []byte) (int, error) {
	time.Sleep(time.Until(w.due))
	return w.ResponseWriter.Write(data)
}

func (w lateWriter) WriteHeader(status int) {
	time.Sleep(time.Until(w.due))
	w.ResponseWriter.WriteHeader(status)
}

func (s *server) connection(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counts.Connections++
	}
}

// begin counts a request that has come.
func (s *server) begin(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch c := &s.counts; {
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/loans"):
		c.Lists++
	case isWrite(r):
		if c.Writes == 0 {
			c.FirstWrite = time.Now()
		}
		c.Writes++
	default:
		c.Others++
	}
}

// end notes when a write was answered.
func (s *server) end(r *http.Request) {
	if isWrite(r) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counts.LastWrite = time.Now()
	}
}

func isWrite(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/loan_draft") || strings.HasSuffix(r.URL.Path, "/repayments")
}

func (s *server) tell(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	json.NewEncoder(w).Encode(s.counts)
}

// accept takes drafts or rows, by their loan ids.
func (s *server) accept(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.accepted[id] {
			s.counts.Doubled++
		}
		s.accepted[id] = true
		s.counts.Accepted++
	}
}

// token grants what is asked. Source: Kiva's page "API authentication".
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"standin","token_type":"bearer","expires_in":43199,"scope":%q,"partnerId":%q}`,
		r.FormValue("scope"), workspace.PartnerID)
}

// loanDraft takes a draft, and lists it from now on as a loan. Source:
// draftloans.md.
func (s *server) loanDraft(w http.ResponseWriter, r *http.Request) {
	var draft struct {
		Entreps []struct {
			LoanID string `json:"loan_id"`
		} `json:"entreps"`
	}
	if err := json.NewDecoder(r.Body).Decode(&draft); err != nil || len(draft.Entreps) != 1 {
		http.Error(w, "not a draft of one borrower", http.StatusBadRequest)
		return
	}
	id := draft.Entreps[0].LoanID
	s.accept(id)
	s.mu.Lock()
	s.add(id, "fundRaising")
	s.mu.Unlock()
	fmt.Fprintf(w, `{"code":"api.success","message":"Loan draft created","loan_draft_uuid":"uuid-%s"}`, id)
}

// repayments takes an upload. Source: report_payments.md.
func (s *server) repayments(w http.ResponseWriter, r *http.Request) {
	var upload struct {
		Repayments []struct {
			LoanID string `json:"loan_id"`
		} `json:"repayments"`
	}
	if err := json.NewDecoder(r.Body).Decode(&upload); err != nil || len(upload.Repayments) == 0 {
		http.Error(w, "not an upload", http.StatusBadRequest)
		return
	}
	ids := make([]string, len(upload.Repayments))
	for i, row := range upload.Repayments {
		ids[i] = row.LoanID
	}
	s.accept(ids...)
	fmt.Fprintf(w, `{"code":"api.success","message":"taken","upload_id":%d,"problems":[]}`, time.Now().UnixNano())
}
