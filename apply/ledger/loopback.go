package ledger

import (
	"net/netip"
	"strings"
)

// IsLoopback reports whether a host is this machine by its own word: localhost
// or a loopback address. A name that only resolves to one isn't.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return strings.EqualFold(host, "localhost")
	}
	return ip.Unmap().IsLoopback()
}
