package gitstore

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kivaform/kiva/hint"
)

// An address is a remote's address, parsed as git does.
type address struct {
	protocol string // "https", "http", "ssh", "file", or another one, which is never used
	host     string // with the port, if it has one
	path     string // of a file
}

// parseAddress parses an address. A program's name before "::" is a protocol of
// its own.
func parseAddress(text string) address {
	helper, _, isHelper := strings.Cut(text, "::")
	if isHelper && protocolName.MatchString(helper) {
		return address{protocol: helper + "::"}
	}
	if scheme, rest, isURL := strings.Cut(text, "://"); isURL && protocolName.MatchString(scheme) {
		return parseURL(scheme, rest)
	}
	if host, _, isSSH := strings.Cut(text, ":"); isSSH && !strings.Contains(host, "/") && !filepath.IsAbs(text) {
		return address{protocol: "ssh", host: withoutUser(host)}
	}
	return address{protocol: "file", path: text}
}

var protocolName = regexp.MustCompile(`^[A-Za-z0-9+.-]*$`)

func parseURL(scheme, rest string) address {
	host, _, _ := strings.Cut(rest, "/")
	switch scheme {
	case "git+ssh", "ssh+git":
		scheme = "ssh"
	case "file":
		if !strings.HasPrefix(rest, "/") && !filepath.IsAbs(rest) {
			rest = "//" + rest
		}
		if decoded, err := url.PathUnescape(rest); err == nil {
			rest = decoded
		}
		return address{protocol: "file", path: rest}
	}
	return address{protocol: scheme, host: withoutUser(host)}
}

func withoutUser(host string) string { return host[strings.LastIndex(host, "@")+1:] }

// isAddress reports whether a remote is given by address, not by name.
func isAddress(remote string) bool {
	return strings.ContainsAny(remote, `:\`) || strings.HasPrefix(remote, "/") || strings.HasPrefix(remote, ".") || strings.HasPrefix(remote, "~")
}

// The forms of https and ssh addresses that git and ssh can't misread: a URL,
// and HOST:PATH.
var (
	plainURL  = regexp.MustCompile(`^(https|ssh|git\+ssh|ssh\+git)://([A-Za-z0-9_][^/@\s:]*(:[^/@\s]*)?@)?([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?/\S+$`)
	plainPath = regexp.MustCompile(`^([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9._-]*:[^-:\s\\][^\s\\]*$`)
)

// checkRemote refuses a remote that a file which anyone may write must not name:
// a path, whose hooks would run, or a protocol that runs programs.
func checkRemote(branch, remote string) error {
	shown := withoutPassword(remote)
	switch {
	case strings.HasPrefix(remote, "-") || strings.ContainsFunc(remote, isControl):
		return fmt.Errorf("%q is not the name of a remote", shown)
	case !isAddress(remote) || plainURL.MatchString(remote):
		return nil
	case plainPath.MatchString(remote) && parseAddress(remote).protocol == "ssh" && !strings.Contains(remote, "://"):
		return nil
	case parseAddress(remote).protocol == "file":
		return hint.With(fmt.Errorf("%q is a path, and a ledger's remote in a folder must be one of the clone's", shown), "git remote add NAME %s, then git:%s@NAME", shown, branch)
	}
	return hint.With(fmt.Errorf("%q is not an https or ssh address, nor the name of a remote", shown), "git remote add NAME ADDRESS, then git:%s@NAME", branch)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// withoutPassword returns an address for printing.
func withoutPassword(address string) string { return userInfo.ReplaceAllString(address, "://") }

// checkReached refuses the address that git would finally use for a remote. It
// returns the address's protocol.
func (c *clone) checkReached(o Options, text string, all []setting) (string, error) {
	a := parseAddress(text)
	fail := func(format string, args ...any) error {
		return fmt.Errorf("the remote %q leads to %s, "+format, append([]any{withoutPassword(o.Remote), withoutPassword(text)}, args...)...)
	}
	switch byName := !isAddress(o.Remote); {
	case strings.HasPrefix(a.host, "-"):
		return "", fail("which is not an address")
	case !userAllows(a.protocol):
		return "", fail("and GIT_ALLOW_PROTOCOL doesn't allow %s", a.protocol)
	case a.protocol == "ssh":
		return a.protocol, nil
	case a.protocol == "https":
		if !byName && !hasRemoteAt(all, a.host) && (o.AllowHost == nil || !o.AllowHost(a.host)) {
			return "", hint.With(fail("and git may send %s what it knows of passwords", a.host), "git remote add NAME ADDRESS, then git:%s@NAME; or name the host in KIVAFORM_ALLOW_HOSTS", o.Branch)
		}
		return a.protocol, nil
	case byName && a.protocol == "http":
		if !isLoopback(a.host) && os.Getenv(allowVariable) == "" {
			return "", hint.With(fail("where others can read and change what is sent"), "use https, or allow it by %s=http", allowVariable)
		}
		return a.protocol, nil
	case byName && a.protocol == "file":
		if err := c.checkPath(a.path); err != nil {
			return "", fail("%w", err)
		}
		return a.protocol, nil
	}
	return "", fail("and a ledger is reached by https or ssh only")
}

// allowVariable is git's variable for the allowed protocols.
const allowVariable = "GIT_ALLOW_PROTOCOL"

func userAllows(protocol string) bool {
	allowed, isSet := os.LookupEnv(allowVariable)
	return !isSet || slices.Contains(strings.Split(allowed, ":"), protocol)
}

// hasRemoteAt reports whether a remote of the clone is on a host, which then
// gets the same passwords anyway.
func hasRemoteAt(all []setting, host string) bool {
	return slices.ContainsFunc(all, func(s setting) bool {
		if !strings.HasPrefix(s.name, "remote.") || !strings.HasSuffix(s.name, "url") {
			return false
		}
		a := parseAddress(s.value)
		return a.protocol == "https" && strings.EqualFold(a.host, host)
	})
}

func isLoopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// checkPath refuses a repository among the files of commits: its hooks and
// settings would run programs.
func (c *clone) checkPath(name string) error {
	if name == "" || strings.HasPrefix(name, "~") {
		return errors.New("which is not a whole path")
	}
	name = c.resolvePath(name)
	for _, ending := range []string{"", ".git", "/.git"} { // as git tries them
		if c.isFromTree(name + ending) {
			return hint.With(errors.New("among the files that commits bring, so that they could run what they like"), "use a repository outside of the clone")
		}
	}
	return nil
}
