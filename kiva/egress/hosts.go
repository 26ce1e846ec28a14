// Package egress guards the program's outgoing requests. It lets them pass to
// allowed hosts only, and keeps a request's secrets out of the errors about it.
//
// Addresses come from kiva.yaml, which the author of a pull request can write.
// So they don't decide where secrets, tokens and drafts go: Kiva's own hosts
// receive them by https, any other host only if the process's environment names
// it.
package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Variable names the hosts allowed besides Kiva's: host, for any port, or
// host:port; comma-separated, IPv6 in brackets.
const Variable = "KIVAFORM_ALLOW_HOSTS"

// Hosts are the allowed hosts. The zero value allows Kiva's own: kiva.org and
// its subdomains, by https on port 443.
type Hosts struct {
	allowed []string // host, or host:port, in the form of hostOf and net.JoinHostPort
}

// ParseHosts parses a list in the form of [Variable]. Its error names all
// invalid entries.
func ParseHosts(list string) (Hosts, error) {
	var h Hosts
	var errs []error
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		allowed, err := parseEntry(entry)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %.200q: %w", Variable, entry, err))
			continue
		}
		h.allowed = append(h.allowed, allowed)
	}
	return h, errors.Join(errs...)
}

var (
	errWildcard = errors.New("a wildcard isn't taken: name each host")
	errEntry    = errors.New("not host or host:port (IPv6 in brackets, no https:// and no path)")
)

func parseEntry(entry string) (string, error) {
	if strings.ContainsAny(entry, "*?") {
		return "", errWildcard
	}
	u, err := url.Parse("https://" + entry)
	if err != nil || u.Host != entry || u.Hostname() == "" || strings.HasSuffix(entry, ":") {
		return "", errEntry
	}
	host, err := hostOf(u)
	if isIP6 := strings.Contains(host, ":"); err != nil || isIP6 != strings.HasPrefix(entry, "[") || !isIP6 && !namedHost.MatchString(host) {
		return "", errEntry
	}
	if u.Port() == "" {
		return host, nil
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
		return "", errEntry
	}
	return net.JoinHostPort(host, u.Port()), nil
}

// hostOf returns an address's host in the transport's form: in ASCII and lower
// case, without a final dot.
func hostOf(u *url.URL) (string, error) {
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("%q isn't a host: %w", host, err)
		}
		host = ascii
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), nil
}

// With returns the hosts and one more: the host and port of an address that
// doesn't come from a file.
func (h Hosts) With(address string) Hosts {
	u, err := url.Parse(address)
	if err != nil {
		return h
	}
	host, err := hostOf(u)
	if err != nil || host == "" {
		return h
	}
	return Hosts{append(slices.Clip(h.allowed), net.JoinHostPort(host, portOf(u)))}
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// namedHost matches host names and IPv4 addresses.
var namedHost = regexp.MustCompile(`^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$`)

// kivaHost matches Kiva's own hosts.
var kivaHost = regexp.MustCompile(`^(?:[a-z0-9_-]+\.)*kiva\.org$`)

// Check returns a [*RefusedError] if an address isn't allowed.
func (h Hosts) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &RefusedError{Reason: "not an address"} // the library's error would repeat it
	}
	return h.checkURL(u)
}

func (h Hosts) checkURL(u *url.URL) error {
	host, err := hostOf(u)
	switch {
	case err != nil || host == "":
		return &RefusedError{Host: u.Host, Reason: "not a host"}
	case u.User != nil:
		return &RefusedError{Host: u.Host, Reason: "an address with a user name in it"}
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(host)):
		return &RefusedError{Host: u.Host, Reason: "only https keeps a secret (http is for loopback)"}
	case u.Scheme == "https" && portOf(u) == "443" && kivaHost.MatchString(host),
		slices.Contains(h.allowed, host), slices.Contains(h.allowed, net.JoinHostPort(host, portOf(u))):
		return nil
	}
	return &RefusedError{Host: u.Host, Reason: "not a host of Kiva's, and not in " + Variable, Entry: entryFor(host, u)}
}

// entryFor returns the entry that allows exactly the host of an address.
func entryFor(host string, u *url.URL) string {
	switch {
	case u.Port() != "":
		return net.JoinHostPort(host, u.Port())
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// A RefusedError reports that no request goes to an address.
type RefusedError struct {
	Host   string // with its port, as written
	Reason string
	Entry  string // for [Variable]; empty if that can't allow it
}

// Error names the host and the reason.
func (e *RefusedError) Error() string { return fmt.Sprintf("%q: %s", e.Host, e.Reason) }
