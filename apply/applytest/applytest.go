// Package applytest serves a sandbox to programs that send to it, and tells what
// it took, also of those that were killed.
package applytest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"kivaform/kiva/sandbox"
	"kivaform/plan"
	"kivaform/spec"
)

// A Kiva serves a sandbox, and knows when everything that was sent to it has
// been dealt with.
type Kiva struct {
	*httptest.Server
	sandbox  *sandbox.Server
	open     atomic.Int32 // connections
	requests atomic.Int32
}

// Serve serves a sandbox by a handler, which is the sandbox itself or passes
// requests on to it.
func Serve(s *sandbox.Server, h http.Handler) *Kiva {
	k := &Kiva{sandbox: s}
	k.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/pa2/") {
			k.requests.Add(1)
		}
		h.ServeHTTP(w, r)
	}))
	k.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			k.open.Add(1)
		case http.StateClosed:
			k.open.Add(-1)
		}
	}
	k.Start()
	return k
}

// Requests returns how many requests came to the API.
func (k *Kiva) Requests() int { return int(k.requests.Load()) }

// Accepted returns the batches in which the sandbox accepted each item, once
// nothing is under way any more.
func (k *Kiva) Accepted() (map[spec.Address][]string, error) {
	if err := k.settle(); err != nil {
		return nil, err
	}
	entries, err := k.sandbox.Record()
	accepted := make(map[spec.Address][]string)
	for _, e := range entries {
		a := spec.DraftAddress(e.LoanID)
		switch e.Kind {
		case sandbox.KindJournal:
			a = spec.JournalAddress(e.LoanID, e.Subject)
		case sandbox.KindRepayment:
			a = plan.RowAddress(e.Period, e.LoanID)
		}
		accepted[a] = append(accepted[a], e.Batch)
	}
	return accepted, err
}

// settle waits until nothing is under way. What a program sent before it went
// away may still wait to be taken; connections are taken in order, so one of
// our own tells that all before it were, and each ends when it has been read
// to its end.
func (k *Kiva) settle() error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(k.URL + "/pa2/repayments")
	if err != nil {
		return err
	}
	answer.Body.Close()
	for end := time.Now().Add(20 * time.Second); k.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%d connections don't end", k.open.Load())
		}
	}
	return nil
}
