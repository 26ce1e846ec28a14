package sandbox

import (
	"net/http"
	"slices"
	"time"
)

func (s *Server) routes() http.Handler {
	o := s.options
	partners := &partnerAPI{Today: o.Today, PartnerID: o.PartnerID, JournalsB: o.JournalsB, Style: o.Style, Photos: s.photos}
	public := &publicAPI{PartnerID: o.PartnerID, ShowAccount: s.tokens.ShowAccount}
	pages := &site{
		Store: s.store, Photos: s.photos, Today: o.Today, PartnerID: o.PartnerID, ArmFault: s.armFault, ClearFaults: s.faults.clear,
	}
	other := route{endpoint: "other", pattern: "/", open: true, handle: nothingHere}
	mux := http.NewServeMux()
	for _, rt := range slices.Concat(s.tokens.Routes(), partners.Routes(), public.Routes(), []route{other}) {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.HandleFunc("GET "+proofPath, s.prove)
	pa2 := pages.Handler()
	mux.Handle("/pa2/", pa2)
	mux.HandleFunc("POST /pa2/keys/rotate", s.tokens.RotateKeys)
	mux.Handle("GET /{$}", byReader(pa2, s.serve(other)))
	return refuseStrangers(mux)
}

// serve is the way of every request to the API: faults, reading, deciding and
// counting, answering.
func (s *Server) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, ID: newID()}
		f := s.faults.take(rt.endpoint)
		d := s.consider(rt, c, f, w)
		a := s.decide(rt.endpoint, c, func(st *state) (answer, *event) {
			a, e := d(st)
			return f.change(c, a), e
		})
		wait := f.delay
		if !rt.prompt {
			wait += s.options.Latency
		}
		pause(r, wait)
		w.Header().Set("X-Request-Id", c.ID)
		f.send(w, r, a.encode(s.options.Style))
	}
}

// consider reads and judges a request as far as that goes without the state.
func (s *Server) consider(rt route, c *call, f *armed, w http.ResponseWriter) decision {
	if f.early {
		return reply(answer{})
	}
	if a, ok := c.read(w); !ok {
		return reply(a)
	}
	if !f.processed {
		return reply(answer{})
	}
	if rt.method != "" && rt.method != c.Method {
		a := refusal(http.StatusMethodNotAllowed, "method_not_allowed", c.Method+" isn't possible here")
		return reply(a.with("Allow", rt.method))
	}
	if !rt.open {
		if a, ok := s.tokens.CheckToken(c, rt.scope); !ok {
			return reply(a)
		}
		if rt.method == "POST" && !jsonBody(c.Request) {
			return reply(refusal(http.StatusUnsupportedMediaType, "unsupported_media_type", "the body must be JSON"))
		}
	}
	return rt.handle(c)
}

// decide answers by the state and keeps what the call changed, with the count
// of the request, in one event.
func (s *Server) decide(endpoint string, c *call, d decision) (a answer) {
	err := s.store.change(func(st *state) (e *event) {
		if a, e = d(st); e == nil {
			e = new(event)
		}
		e.Endpoint, e.Status, e.Request = endpoint, a.status, c.ID
		return e
	})
	if err != nil {
		return broken(endpoint, err)
	}
	return a
}

// broken is the answer where the sandbox can't use its files, in the form that
// those read who ask there: clients of OAuth know another than Kiva's.
func broken(endpoint string, err error) answer {
	if endpoint == "token" || endpoint == "introspect" {
		return oauthError(http.StatusInternalServerError, "server_error", err.Error())
	}
	return refusal(http.StatusInternalServerError, "internal", err.Error())
}

// pause waits, or until the client gives up.
func pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}
