package egress

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// Over returns a transport that passes requests on to allowed hosts. It removes
// the request's secrets from its errors, from an answer's headers, from the body
// of an answer that isn't a success, and from errors of reading the body.
func (h Hosts) Over(next http.RoundTripper) http.RoundTripper {
	return &transport{hosts: h, next: next}
}

type transport struct {
	hosts Hosts
	next  http.RoundTripper
	last  atomic.Pointer[knownSecrets] // most requests of a run have the same token
}

type knownSecrets struct {
	of    carried
	found *Secrets
}

// RoundTrip checks each request, also one after a redirect.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.hosts.checkURL(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	answer, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, t.secretsOf(req).redactError(err)
	}
	secrets := t.secretsOf(req)
	for _, values := range answer.Header {
		for i, value := range values {
			values[i] = secrets.Redact(value)
		}
	}
	answer.Body = &body{answer.Body, secrets}
	if answer.StatusCode >= 300 {
		secrets.redactBody(answer)
	}
	return answer, nil
}

func (t *transport) secretsOf(req *http.Request) *Secrets {
	of := carriedBy(req)
	if last := t.last.Load(); last != nil && last.of.equals(of) {
		return last.found
	}
	found := of.newSecrets()
	t.last.Store(&knownSecrets{of, found})
	return found
}

// maxComplaint bounds the body that is kept of an answer that isn't a success,
// in bytes.
const maxComplaint = 1 << 20

// redactBody removes the secrets from an answer that may quote the request.
func (s *Secrets) redactBody(answer *http.Response) {
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxComplaint))
	safe := s.Redact(string(said))
	rest := io.Reader(strings.NewReader(safe))
	if err != nil {
		rest = io.MultiReader(rest, failingReader{err})
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{rest, answer.Body}
	if safe != string(said) {
		answer.ContentLength = -1
	}
}

// A failingReader ends a body that could not be read completely.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// A body is an answer's body. Its trailers come from the server, too.
type body struct {
	io.ReadCloser
	secrets *Secrets
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, b.secrets.redactError(err)
}
