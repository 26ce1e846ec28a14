// Package sandbox is a Partner API that runs on this machine.
//
// It is a simulation made from Kiva's documents: a token endpoint, every
// endpoint of the Partner API, the steps that people take in PA2 afterwards,
// and faults on request. Nothing in it is evidence about Kiva itself, and every
// answer says so in the header X-Kivaform-Sandbox. Where the documents are
// silent it takes the stricter reading, so that what works here isn't a favour
// of the sandbox.
//
// Its data is a log of events in a folder. Several processes may serve the same
// folder at once; they see one truth.
//
// This package is the server and its door. Below it, pa2 holds the log, the
// state, the rules and the steps; oauth, partnerapi, publicapi and page answer
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

// The sandbox's own credentials. They open nothing but a sandbox.
const (
	ClientID     = oauth.ClientID
	ClientSecret = oauth.ClientSecret
	PartnerID    = pa2.PartnerID
)

// The application that may ask lenders to let it in, by OAuth 1.0a.
const (
	ConsumerKey    = oauth.ConsumerKey
	ConsumerSecret = oauth.ConsumerSecret
)

// A Style is a spelling of answers that some document or client of Kiva's
// shows. The zero value is the one that was seen on the wire.
type Style = exchange.Style

// Options say how a sandbox behaves. The zero value is a sandbox in memory.
type Options struct {
	// Dir is the folder that keeps the data, made when it is first needed; nothing
	// is read or written through a link in it. An empty Dir keeps the data in
	// memory.
	Dir string
	// Today is the clock of PA2: it decides which disbursal dates are allowed,
	// and dates everything that happens. time.Now if nil. Tokens end by the
	// machine's own clock.
	Today func() time.Time
	// PartnerID is the partner that tokens are for; the constant if empty.
	PartnerID string
	// Scopes are the scopes that the partner is granted; all four if nil.
	Scopes []string
	// JournalsB serves the other variant of the journals that Kiva's documents
	// show: POST /v3/partners/{id}/journals with a bare array.
	JournalsB bool
	// Style is how answers are spelt.
	Style Style
	// TokensPerMinute is how many token requests are answered in a minute, both
	// providers together; any number if zero. Kiva names no limit, other lenders
	// do.
	TokensPerMinute int
	// Latency is the time before each answer of the API. The address of the keys
	// answers at once.
	Latency time.Duration
	// Key lets the sandbox prove to programs of the same user that it is the one
	// they look for, see [Proves]. Without one it proves nothing.
	Key []byte
}

// A Server is a sandbox. It is safe for use by several goroutines, and beside
// other Servers, also of other processes, that have the same folder.
type Server struct {
	options Options
	store   *pa2.Store
	photos  *pa2.PhotoStore
	tokens  *oauth.Server
	faults  faultList
	handler http.Handler
}

// Open returns a sandbox over the data in the options' folder. It fails where
// the folder can't be used or its data can't be read.
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
	s.handler = s.routes()
	if err := s.store.Look(func(*pa2.State) {}); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP answers a request to the API, to the token endpoint or to PA2, if it
// is made under a name of this machine and not by a page of another site.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Kivaform-Sandbox", "simulation")
	s.handler.ServeHTTP(w, r)
}
