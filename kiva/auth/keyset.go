package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeys     = 100
	keysBelieve = 10 * time.Minute // how long a revoked key may still pass
	keysRest    = time.Minute      // between two requests for the keys
)

// A keySet holds an issuer's public keys. It fetches them when first needed, and
// again when they are old or lack a key, but at most once a minute: a stream of
// invalid tokens must not cause a stream of requests.
type keySet struct {
	url   string
	watch Watch

	mu    sync.Mutex
	asked time.Time // time of the last request
	read  time.Time // time of the last success
	keys  []jose.JSONWebKey
	err   error // of the last request
}

// findKeys returns the candidate keys for a key id and an algorithm.
func (s *keySet) findKeys(ctx context.Context, id string, alg jose.SignatureAlgorithm) ([]jose.JSONWebKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.matchKeys(id, alg)
	old := time.Since(s.read) > keysBelieve
	if len(found) > 0 && !old {
		return found, nil
	}
	if time.Since(s.asked) >= keysRest {
		s.refreshKeys(ctx)
		found = s.matchKeys(id, alg)
	}
	if s.err != nil && (old || len(found) == 0) {
		return nil, fmt.Errorf("the issuer's keys: %w", s.err)
	}
	return found, nil
}

func (s *keySet) refreshKeys(ctx context.Context) {
	var set jose.JSONWebKeySet
	s.asked = time.Now()
	if s.err = getJSON(ctx, s.watch, s.url, &set); s.err != nil {
		return
	}
	if len(set.Keys) > maxKeys {
		s.err = fmt.Errorf("%s holds %d keys, more than %d", s.url, len(set.Keys), maxKeys)
		return
	}
	s.read, s.keys = s.asked, set.Keys
}

// matchKeys returns the keys for signatures that fit. A token without a key id may
// be of any of them.
func (s *keySet) matchKeys(id string, alg jose.SignatureAlgorithm) (found []jose.JSONWebKey) {
	for _, k := range s.keys {
		if (id == "" || k.KeyID == id) && (k.Algorithm == "" || k.Algorithm == string(alg)) &&
			(k.Use == "" || k.Use == "sig") && k.IsPublic() && k.Valid() {
			found = append(found, k)
		}
	}
	return found
}
