package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	testIssuer   = "https://auth.example/"
	testAudience = "https://api.example"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA() })

func newRSA() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// An issuer publishes keys on loopback.
type issuer struct {
	url string

	mu       sync.Mutex
	keys     []jose.JSONWebKey
	status   int
	requests int
}

func newIssuer(t *testing.T, keys ...jose.JSONWebKey) *issuer {
	i := &issuer{keys: keys, status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.requests++
		w.WriteHeader(i.status)
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: i.keys})
	}))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

func (i *issuer) publish(status int, keys ...jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status, i.keys = status, keys
}

func (i *issuer) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.requests
}

func (i *issuer) verifier(t *testing.T) *Verifier {
	t.Helper()
	v, err := NewVerifier(testIssuer, testAudience, i.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func public(id string, key crypto.Signer) jose.JSONWebKey {
	return jose.JSONWebKey{KeyID: id, Key: key.Public(), Use: "sig"}
}

// signed returns a token; claims are changed from those of a good one.
func signed(t *testing.T, id string, alg jose.SignatureAlgorithm, key any, change map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"iss": testIssuer, "aud": []string{testAudience}, "exp": time.Now().Add(time.Hour).Unix(), "scope": []string{"read:loans"},
	}
	for k, v := range change {
		claims[k] = v
		if v == nil {
			delete(claims, k)
		}
	}
	payload, _ := json.Marshal(claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := s.CompactSerialize()
	return token
}

func TestVerify(t *testing.T) {
	key := testKey()
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	i := newIssuer(t, public("r", key), public("e", ec), public("d", ed))
	v := i.verifier(t)
	for name, token := range map[string]string{
		"RS256":         signed(t, "r", jose.RS256, key, nil),
		"PS384":         signed(t, "r", jose.PS384, key, nil),
		"ES256":         signed(t, "e", jose.ES256, ec, nil),
		"EdDSA":         signed(t, "d", jose.EdDSA, ed, nil),
		"no key id":     signed(t, "", jose.RS256, key, nil),
		"one audience":  signed(t, "r", jose.RS256, key, map[string]any{"aud": testAudience}),
		"more of them":  signed(t, "r", jose.RS256, key, map[string]any{"aud": []string{"x", testAudience}}),
		"just expired":  signed(t, "r", jose.RS256, key, map[string]any{"exp": time.Now().Add(-30 * time.Second).Unix()}),
		"from just now": signed(t, "r", jose.RS256, key, map[string]any{"nbf": time.Now().Add(30 * time.Second).Unix()}),
	} {
		got, err := v.Verify(t.Context(), token)
		if err != nil || got.Issuer != testIssuer || got.Expires.IsZero() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if n := i.asked(); n != 1 {
		t.Errorf("asked for the keys %d times", n)
	}
}

func TestRefused(t *testing.T) {
	key, foreign := testKey(), newRSA()
	i := newIssuer(t, public("r", key), jose.JSONWebKey{KeyID: "enc", Key: key.Public(), Use: "enc"},
		jose.JSONWebKey{KeyID: "ps", Key: key.Public(), Algorithm: "PS256"})
	v := i.verifier(t)
	good := signed(t, "r", jose.RS256, key, nil)
	part := strings.Split(good, ".")
	none := func(alg string) string {
		return strings.Join([]string{encode(`{"alg":"` + alg + `","kid":"r"}`), part[1], ""}, ".")
	}
	at := func(claim string, d time.Duration) map[string]any {
		return map[string]any{claim: time.Now().Add(d).Unix()}
	}
	seen := map[string]string{}
	for _, tt := range []struct {
		name, token string
		want        error
		says        string
	}{
		{"alg none", none("none"), ErrNotSigned, `"none"`},
		{"alg NonE", none("NonE"), ErrNotSigned, `"NonE"`},
		{"foreign key", signed(t, "r", jose.RS256, foreign, nil), ErrSignature, `"r"`},
		{"unknown key", signed(t, "x", jose.RS256, foreign, nil), ErrUnknownKey, `"x"`},
		{"changed", part[0] + "." + encode(`{"iss":"x"}`) + "." + part[2], ErrSignature, ""},
		{"other audience", signed(t, "r", jose.RS256, key, map[string]any{"aud": "https://other.example"}), ErrAudience, "https://other.example"},
		{"no audience", signed(t, "r", jose.RS256, key, map[string]any{"aud": nil}), ErrAudience, ""},
		{"other issuer", signed(t, "r", jose.RS256, key, map[string]any{"iss": "https://auth.example"}), ErrIssuer, testIssuer},
		{"expired", signed(t, "r", jose.RS256, key, at("exp", -2*time.Minute)), ErrExpired, "at 2"},
		{"no end", signed(t, "r", jose.RS256, key, map[string]any{"exp": nil}), ErrExpired, "until when"},
		{"not yet valid", signed(t, "r", jose.RS256, key, at("nbf", 2*time.Minute)), ErrNotYetValid, "from 2"},
		{"issued in the future", signed(t, "r", jose.RS256, key, at("iat", 3*time.Minute)), ErrNotYetValid, "from 2"},
		{"1 MB", signed(t, "r", jose.RS256, key, map[string]any{"x": strings.Repeat("x", 1<<20)}), ErrTooLong, "16384"},
		{"HMAC with the public key", signed(t, "r", jose.HS256, []byte(strings.Repeat("k", 32)), nil), ErrAlgorithm, "HS256"},
		{"key for encryption", signed(t, "enc", jose.RS256, key, nil), ErrUnknownKey, ""},
		{"key of another algorithm", signed(t, "ps", jose.RS256, key, nil), ErrUnknownKey, ""},
		{"opaque", "0123456789abcdef", ErrNotJWT, "introspected"},
		{"no header", "!." + part[1] + "." + part[2], ErrNotJWT, "header"},
		{"empty", "", ErrNotJWT, ""},
		{"no algorithm", encode(`{"kid":"r"}`) + "." + part[1] + "." + part[2], ErrNotSigned, ""},
		{"critical extension", encode(`{"alg":"RS256","kid":"r","crit":["x"],"x":1}`) + "." + part[1] + "." + part[2], ErrSignature, ""},
	} {
		got, err := v.Verify(t.Context(), tt.token)
		if !errors.Is(err, tt.want) || got != nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, %v", tt.name, got, err)
			continue
		}
		if tt.token != "" && strings.Contains(err.Error(), tt.token) {
			t.Errorf("%s: the error holds the token", tt.name)
		}
		if other, twice := seen[err.Error()]; twice && tt.says != "" {
			t.Errorf("%s and %s have the same message: %v", tt.name, other, err)
		}
		seen[err.Error()] = tt.name
	}
}

func encode(s string) string { return strings.Split(jwt(s), ".")[1] }

// A new key is found, a revoked one is forgotten, and a stream of unknown ones
// asks once a minute.
func TestKeysAreRenewed(t *testing.T) {
	key := testKey()
	i := newIssuer(t, public("1", key))
	synctest.Test(t, func(t *testing.T) {
		v := i.verifier(t)
		verify := func(id string, want error) {
			t.Helper()
			if _, err := v.Verify(t.Context(), signed(t, id, jose.RS256, key, nil)); !errors.Is(err, want) {
				t.Errorf("key %s: %v, want %v", id, err, want)
			}
		}
		verify("1", nil)
		i.publish(http.StatusOK, public("2", key))
		for range 50 {
			verify("2", ErrUnknownKey) // just asked
		}
		if n := i.asked(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		time.Sleep(keysRest)
		verify("2", nil)
		verify("1", ErrUnknownKey)
		i.publish(http.StatusOK)
		verify("2", nil)
		time.Sleep(keysBelieve + time.Second)
		verify("2", ErrUnknownKey)
		if n := i.asked(); n != 3 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestKeysThatCannotBeRead(t *testing.T) {
	key := testKey()
	token := signed(t, "1", jose.RS256, key, nil)
	many := make([]jose.JSONWebKey, maxKeys+1)
	for n := range many {
		many[n] = public(fmt.Sprint(n), ed25519.NewKeyFromSeed(make([]byte, 32)))
	}
	for name, tt := range map[string]struct {
		status int
		keys   []jose.JSONWebKey
		says   string
	}{
		"error":        {http.StatusInternalServerError, nil, "500"},
		"many keys":    {http.StatusOK, many, "101 keys"},
		"a large body": {http.StatusOK, []jose.JSONWebKey{public(strings.Repeat("x", maxDocument), key)}, "more than"},
	} {
		i := newIssuer(t)
		i.publish(tt.status, tt.keys...)
		v := i.verifier(t)
		for range 3 {
			if _, err := v.Verify(t.Context(), token); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := i.asked(); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
}

func TestNewVerifier(t *testing.T) {
	for _, tt := range []struct{ issuer, keys string }{
		{"", "https://auth.example/keys"}, {testIssuer, ""}, {testIssuer, "http://auth.example/keys"}, {testIssuer, "keys"},
	} {
		if _, err := NewVerifier(tt.issuer, "", tt.keys, nil); err == nil {
			t.Errorf("%+v is taken", tt)
		}
	}
}

func FuzzVerify(f *testing.F) {
	v, _ := NewVerifier(testIssuer, "", "http://127.0.0.1:1/none", nil)
	v.keys.asked, v.keys.err = time.Now().Add(1000*time.Hour), nil
	f.Add(jwt(`{"iss":"x"}`))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := v.Verify(context.Background(), token); err == nil {
			t.Errorf("%q passes: %+v", token, got)
		}
	})
}
