package sandbox

import "net/http"

// The application that may ask lenders to let it in, by OAuth 1.0a. Source of
// all that follows: Kiva's guide to OAuth for the public API.
const (
	ConsumerKey    = "org.kivaform.sandbox"
	ConsumerSecret = "not+an/app's=secret" // #nosec G101 -- the practice server's secret is public
)

// rotate changes the keys as an operator of the token server does:
// POST /pa2/keys/rotate makes a new one and keeps believing the one before,
// ?revoke=1 no longer does.
func (s *Server) rotate(w http.ResponseWriter, r *http.Request) {
	err := s.keys.rotate(r.URL.Query().Get("revoke") == "1")
	a := stepAnswer(success("the key was changed"), err).encode(Style{})
	a.write(w, len(a.raw))
}
