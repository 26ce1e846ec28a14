package apply_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/plan"
)

// A run that Kiva keeps waiting must not send what another run has sent since.
// Its attempt ends before a person could decide about it.
func TestALongWaitEndsTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, 0, 0)
		accepted, refuse := 0, true
		w.kiva.answer = func(string, string) error {
			if refuse {
				refuse = false
				return &kiva.Error{Outcome: kiva.Throttled, Status: 429, RetryAfter: 20 * time.Minute}
			}
			accepted++
			return nil
		}
		done := make(chan *apply.Account)
		go func() {
			done <- w.apply(t, t.Context(), func(o *apply.Options) { o.MaxWait = time.Hour })
		}()
		time.Sleep(11 * time.Minute) // then the program takes --absent
		l := ledger.New(w.store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
		for attempt, err := range l.Attempts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			err = l.Resolve(t.Context(), attempt, ledger.Resolution{Decision: plan.OutcomeAbsent, Reason: "not in PA2", At: time.Now()})
			if !errors.Is(err, ledger.ErrDecided) {
				t.Errorf("a person could decide about a run that still waits: %v", err)
			}
		}
		again := w.apply(t, t.Context(), nil)
		if first := <-done; accepted != 1 || first.String() != "taken 1" || again.String() != "sent 1" {
			t.Errorf("accepted %d times: the run that waited says %q, the one that came between %q", accepted, first, again)
		}
	})
}

// tokens takes its time for a token, and for a new one.
type tokens struct {
	waits  []time.Duration // before each of the first tokens
	always time.Duration   // before the others
	renews time.Duration
}

func (s *tokens) Token(context.Context) (string, error) {
	wait := s.always
	if len(s.waits) > 0 {
		wait, s.waits = s.waits[0], s.waits[1:]
	}
	time.Sleep(wait)
	return "token", nil
}

func (s *tokens) Renew(context.Context, string) (string, error) {
	time.Sleep(s.renews)
	return "new", nil
}

// piped serves a real client without a network, whose waiting no bubble would
// see. It answers each request with the next status, and at the end with 200.
func piped(requests *int, statuses ...int) func(context.Context, string, string) (net.Conn, error) {
	const body = `{"code":"api.success","loan_draft_uuid":"u"}`
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			for in := bufio.NewReader(server); ; {
				request, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				io.Copy(io.Discard, request.Body)
				*requests++
				status := http.StatusOK
				if len(statuses) > 0 {
					status, statuses = statuses[0], statuses[1:]
				}
				fmt.Fprintf(server, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
			}
		}()
		return client, nil
	}
}

// Whatever a token takes, no request begins when a person may have decided that
// it was lost.
func TestARequestThatIsReadyTooLate(t *testing.T) {
	const late = apply.FreshFor + time.Minute
	for name, tt := range map[string]struct {
		tokens             tokens
		statuses           []int
		account            string
		requests, attempts int
	}{
		"a slow token":       {tokens{waits: []time.Duration{late}}, nil, "sent 1", 1, 2},
		"a slow new token":   {tokens{renews: late}, []int{http.StatusUnauthorized}, "sent 1", 2, 2},
		"tokens ever slow":   {tokens{always: late}, nil, "not sent 1", 0, 4},
		"a token just early": {tokens{waits: []time.Duration{apply.FreshFor}}, nil, "sent 1", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, requests := newWorld(1, 0, 0), 0
				client, err := kiva.New(kiva.Options{BaseURL: "http://localhost", PartnerID: "145", Tokens: &tt.tokens, DialContext: piped(&requests, tt.statuses...)})
				if err != nil {
					t.Fatal(err)
				}
				account := w.apply(t, t.Context(), func(o *apply.Options) { o.Kiva = client })
				client.Close()
				if account.String() != tt.account || requests != tt.requests {
					t.Errorf("%s after %d requests; want %s after %d", account, requests, tt.account, tt.requests)
				}
				attempts := 0
				l := ledger.New(w.store, ledger.Scope{Environment: "staging", PartnerID: "145"}, ledger.Options{})
				for attempt, err := range l.Attempts(t.Context()) {
					if attempts++; err != nil || attempt.Outcome() == plan.OutcomeUnknown {
						t.Errorf("%+v, %v", attempt, err)
					}
				}
				if attempts != tt.attempts {
					t.Errorf("%d attempts, want %d", attempts, tt.attempts)
				}
			})
		})
	}
}
