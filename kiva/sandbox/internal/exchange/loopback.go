package exchange

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// IsLoopback reports whether a host, of a URL or a request, is this machine by a
// name that no other site can claim. It accepts any port: a forwarded one
// differs from the sandbox's.
func IsLoopback(hostport string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}

// BaseURL returns the address by which the client reached this server.
func BaseURL(r *http.Request) string { return "http://" + r.Host }
