package egress

import (
	"io"
	"net/http"
	"slices"
	"sync/atomic"
)

// Over returns a transport that passes requests on to allowed hosts. Neither
// its errors, nor the headers of an answer, nor the errors of reading it, repeat
// the secrets of the request.
func (h Hosts) Over(next http.RoundTripper) http.RoundTripper {
	return &transport{hosts: h, next: next}
}

type transport struct {
	hosts Hosts
	next  http.RoundTripper
	last  atomic.Pointer[knownSecrets] // most requests of a run carry the same token
}

type knownSecrets struct {
	values []string
	found  *Secrets
}

// RoundTrip sees each request, one after a redirect included.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.hosts.checkURL(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	answer, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, t.secrets(req).redactError(err)
	}
	secrets := t.secrets(req)
	for _, values := range answer.Header {
		for i, value := range values {
			values[i] = secrets.Redact(value)
		}
	}
	answer.Body = &body{answer.Body, secrets}
	return answer, nil
}

func (t *transport) secrets(req *http.Request) *Secrets {
	values := secretsOf(req)
	if last := t.last.Load(); last != nil && slices.Equal(last.values, values) {
		return last.found
	}
	found := NewSecrets(values...)
	t.last.Store(&knownSecrets{values, found})
	return found
}

// A body is an answer's. Its trailers, too, come from the server.
type body struct {
	io.ReadCloser
	secrets *Secrets
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, b.secrets.redactError(err)
}
