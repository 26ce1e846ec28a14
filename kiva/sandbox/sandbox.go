// Package sandbox is a Partner API on this machine.
//
// It is a simulation made from Kiva's documents: a token endpoint, every
// endpoint of the Partner API, the steps that people take in PA2 afterwards, and
// faults on request. It is no evidence about Kiva itself, and every answer says
// so in the header X-Kivaform-Sandbox. If the documents are silent it takes the
// stricter reading, so that a client that works here relies on no leniency.
//
// Its data is a log of events in a folder. Several processes may serve one
// folder at once, with one state.
//
// This package is the server and its guard. Below it, pa2 has the log, the
// state, the rules and the steps; oauth, partnerapi, publicapi and page serve
// one API each, with the types of exchange.
// for one API each, by the types of exchange.
package sandbox

import (
	"net/http"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/oauth"
	"kivaform/kiva/sandbox/internal/pa2"
)

// The sandbox's own credentials. They work with sandboxes only.
const (
	ClientID     = oauth.ClientID
	ClientSecret = oauth.ClientSecret
	PartnerID    = pa2.PartnerID
)

// The application that asks lenders for access, by OAuth 1.0a.
const (
	ConsumerKey    = oauth.ConsumerKey
	ConsumerSecret = oauth.ConsumerSecret
)

// A Style is a spelling of answers in one of Kiva's documents or clients. The
// zero value is the one observed on the wire.
type Style = exchange.Style

// Options configure a sandbox. The zero value is a sandbox in memory.
type Options struct {
	// Dir is the folder of the data, created when needed; links in it are not
	// followed. If empty, the data is in memory.
	Dir string
	// Today is PA2's clock: it decides which disbursal dates are allowed, and
	// dates all events. time.Now if nil. Tokens expire by the machine's own
	// clock.
	Today func() time.Time
	// PartnerID is the partner of the tokens; the constant if empty.
	PartnerID string
	// Scopes are granted to the partner; all four if nil.
	Scopes []string
	// JournalsB serves the second variant of journals in Kiva's documents: POST
	// /v3/partners/{id}/journals with a bare array.
	JournalsB bool
	// Style is the spelling of answers.
	Style Style
	// TokensPerMinute limits the token requests that are answered, of both
	// providers together; zero means no limit. Kiva documents no limit, other
	// providers do.
	TokensPerMinute int
	// Latency is the time before each answer of the API, except that of the
	// keys.
	Latency time.Duration
	// Key proves the sandbox to programs of the same user, see [Proves]. If
	// empty, it proves nothing.
	Key []byte
}

// A Server is a sandbox. It is safe for concurrent use, and next to other
// Servers, of other processes too, on one folder.
type Server struct {
	options Options
	store   *pa2.Store
	photos  *pa2.PhotoStore
	tokens  *oauth.Server
	faults  faultList
	handler http.Handler
}

// Open returns a sandbox on the data in the options' folder. It fails if the
// folder can't be used or its data can't be read.
func Open(options Options) (*Server, error) {
	if options.PartnerID == "" {
		options.PartnerID = PartnerID
	}
	if options.Today == nil {
		options.Today = time.Now
	}
	if options.Scopes == nil {
		options.Scopes = []string{
			kiva.ScopeCreateJournal, kiva.ScopeCreateLoanDraft, kiva.ScopeCreateRepayment, kiva.ScopeReadLoans,
		}
	}
	s := &Server{options: options, store: pa2.NewStore(pa2.OpenLog(options.Dir), options.Today)}
	s.photos = pa2.NewPhotoStore(options.Dir)
	s.tokens = oauth.NewServer(options.PartnerID, options.Scopes, oauth.NewKeyring(options.Dir), options.TokensPerMinute)
	s.handler = s.buildHandler()
	if err := s.store.Look(func(*pa2.State) {}); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP answers a request to the API, to the token endpoint or to PA2, if it
// addresses a name of this machine and doesn't come from another site's page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Kivaform-Sandbox", "simulation")
	s.handler.ServeHTTP(w, r)
}
