package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// A program that looks for a running sandbox knows only an address, which
// another user may have written or may listen on by now. So it sends a nonce,
// and the sandbox proves that it has the key that both read from their user's
// own folder. The proof includes the sandbox's address, so that another sandbox
// can't pass it on. The program sends nothing secret.

const proofPath = "/.well-known/kivaform-sandbox"

// computeProof returns the answer to a nonce that only the sandbox with the key
// at a TCP address can give.
func computeProof(key []byte, address, nonce string) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "kivaform sandbox\n%s\n%s", address, nonce)
	return hex.EncodeToString(mac.Sum(nil))
}

// serveProof answers a nonce without the latency, and isn't counted.
func (s *Server) serveProof(w http.ResponseWriter, r *http.Request) {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if len(s.options.Key) == 0 || address == nil {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, computeProof(s.options.Key, address.String(), r.URL.Query().Get("nonce")))
}

// Proves reports whether the sandbox that has the key answers at a base URL. It
// makes a request only to an IP address on loopback.
func Proves(ctx context.Context, base string, key []byte) bool {
	address, ok := loopbackAddress(base)
	if !ok || len(key) == 0 {
		return false
	}
	nonce := rand.Text()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+proofPath+"?nonce="+nonce, nil)
	if err != nil {
		return false
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	want := computeProof(key, address, nonce)
	got, err := io.ReadAll(io.LimitReader(resp.Body, int64(len(want))+1))
	return err == nil && hmac.Equal(got, []byte(want))
}

// loopbackAddress returns the TCP address of a URL that consists only of one on
// loopback.
func loopbackAddress(base string) (string, bool) {
	u, err := url.Parse(base)
	if err != nil || u.String() != "http://"+u.Host {
		return "", false
	}
	address, err := netip.ParseAddrPort(u.Host)
	return address.String(), err == nil && address.Addr().IsLoopback() && address.String() == u.Host
}
