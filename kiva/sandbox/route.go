package sandbox

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/oauth"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
	"kivaform/kiva/sandbox/internal/partnerapi"
	"kivaform/kiva/sandbox/internal/publicapi"
	"net/http"
	"slices"
	"time"
)

func (s *Server) buildHandler() http.Handler {
	o := s.options
	partners := &partnerapi.API{Today: o.Today, PartnerID: o.PartnerID, JournalsB: o.JournalsB, Style: o.Style, Photos: s.photos}
	public := &publicapi.API{PartnerID: o.PartnerID, ShowAccount: s.tokens.ShowAccount}
	pages := &page.Site{
		Store: s.store, Photos: s.photos, Today: o.Today, PartnerID: o.PartnerID, ArmFault: s.armFault, ClearFaults: s.faults.clear,
	}
	other := exchange.Route{Endpoint: "other", Pattern: "/", Open: true, Handle: exchange.NothingHere}
	mux := http.NewServeMux()
	for _, rt := range slices.Concat(s.tokens.Routes(), partners.Routes(), public.Routes(), []exchange.Route{other}) {
		mux.Handle(rt.Pattern, s.serveRoute(rt))
	}
	mux.HandleFunc("GET "+proofPath, s.serveProof)
	pa2 := pages.Handler()
	mux.Handle("/pa2/", pa2)
	mux.HandleFunc("POST /pa2/keys/rotate", s.tokens.RotateKeys)
	mux.Handle("GET /{$}", page.ByReader(pa2, s.serveRoute(other)))
	return refuseStrangers(mux)
}

// serveRoute handles every request to the API: fault, read, decide and count,
// answer.
func (s *Server) serveRoute(rt exchange.Route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &exchange.Call{Request: r, ID: pa2.NewID()}
		f := s.faults.takeNext(rt.Endpoint)
		d := s.checkCall(rt, c, f, w)
		a := s.recordDecision(rt.Endpoint, c, func(st *pa2.State) (exchange.Answer, *pa2.Event) {
			a, e := d(st)
			return f.replaceAnswer(c, a), e
		})
		wait := f.delay
		if !rt.Prompt {
			wait += s.options.Latency
		}
		waitFor(r, wait)
		w.Header().Set("X-Request-Id", c.ID)
		f.deliverAnswer(w, r, a.Encode(s.options.Style))
	}
}

// checkCall reads and checks a request as far as that needs no state.
func (s *Server) checkCall(rt exchange.Route, c *exchange.Call, f *armedFault, w http.ResponseWriter) exchange.Decision {
	if f.early {
		return exchange.Reply(exchange.Answer{})
	}
	if a, ok := c.Read(w); !ok {
		return exchange.Reply(a)
	}
	if !f.processed {
		return exchange.Reply(exchange.Answer{})
	}
	if rt.Method != "" && rt.Method != c.Method {
		a := exchange.Refusal(http.StatusMethodNotAllowed, "method_not_allowed", c.Method+" isn't possible here")
		return exchange.Reply(a.With("Allow", rt.Method))
	}
	if !rt.Open {
		if a, ok := s.tokens.CheckToken(c, rt.Scope); !ok {
			return exchange.Reply(a)
		}
		if rt.Method == "POST" && !exchange.HasJSONBody(c.Request) {
			return exchange.Reply(exchange.Refusal(http.StatusUnsupportedMediaType, "unsupported_media_type", "the body must be JSON"))
		}
	}
	return rt.Handle(c)
}

// recordDecision answers by the state, and records the call's change and its
// count in one event.
func (s *Server) recordDecision(endpoint string, c *exchange.Call, d exchange.Decision) (a exchange.Answer) {
	err := s.store.Change(func(st *pa2.State) (e *pa2.Event) {
		if a, e = d(st); e == nil {
			e = new(pa2.Event)
		}
		e.Endpoint, e.Status, e.Request = endpoint, a.Status, c.ID
		return e
	})
	if err != nil {
		return answerBroken(endpoint, err)
	}
	return a
}

// answerBroken reports that the sandbox can't use its files, in the form of the
// endpoint's clients: OAuth's differs from Kiva's.
func answerBroken(endpoint string, err error) exchange.Answer {
	if endpoint == "token" || endpoint == "introspect" {
		return oauth.RefuseToken(http.StatusInternalServerError, "server_error", err.Error())
	}
	return exchange.Refusal(http.StatusInternalServerError, "internal", err.Error())
}

// waitFor waits for d, or until the client gives up.
func waitFor(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}
