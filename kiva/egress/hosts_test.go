package egress

import (
	"errors"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	const none = ""
	for _, c := range []struct {
		list, address string
		ok            bool
	}{
		{none, "https://kiva.org", true},
		{none, "https://auth.k1.kiva.org/oauth/token", true},
		{none, "https://AUTH.K1.Kiva.ORG./oauth/token", true},
		{none, "https://auth.k1.kiva.org:443", true},
		{none, "https://ａuth.kiva。org", true}, // as the transport asks for it
		{none, "https://auth.k1.kiva.org:8443", false},
		{none, "http://auth.k1.kiva.org", false},
		{none, "https://kiva.org.evil.example", false},
		{none, "https://evilkiva.org", false},
		{none, "https://kiva.org@evil.example", false},
		{none, "https://user@kiva.org", false},
		{none, "https://evil.example/?kiva.org", false},
		{none, "https://evil.example/kiva.org", false},
		{none, "https://evil.example#.kiva.org", false},
		{none, "https://evil.example?.kiva.org", false},
		{none, `https://evil.example\.kiva.org`, false},
		{none, `https://evil.example%2f.kiva.org`, false},
		{none, "https://kiva.org%00.evil.example", false},
		{none, "https://kíva.org", false},
		{none, "https://..kiva.org", false},
		{none, "https://.kiva.org", false},
		{none, "https:kiva.org", false},
		{none, "//kiva.org", false},
		{none, "kiva.org", false},
		{none, "", false},
		{none, "ftp://kiva.org", false},
		{none, "https://127.0.0.1", false},
		{none, "http://127.0.0.1:8145", false},
		{none, "http://localhost:8145", false},
		{none, "http://[::1]:8145", false},

		{"127.0.0.1", "http://127.0.0.1:8145", true},
		{"127.0.0.1:8145", "http://127.0.0.1:8145", true},
		{"127.0.0.1:8145", "http://127.0.0.1:8146", false},
		{"127.0.0.1:8145", "http://127.0.0.1", false},
		{"127.0.0.1", "http://localhost", false},
		{"127.0.0.1", "http://2130706433", false},
		{"127.0.0.1", "http://0x7f000001", false},
		{"127.0.0.1", "http://127.1", false},
		{"127.0.0.1", "http://127.0.0.1.evil.example", false},
		{"localhost", "http://LOCALHOST.:80", true},
		{"[::1]", "http://[0:0:0:0:0:0:0:1]:8145", true},
		{"[::1]:8145", "http://[::1]:8145", true},
		{"[::1]:8145", "http://[::1]:8146", false},
		{"10.0.0.1", "http://10.0.0.1", false}, // in the clear
		{"10.0.0.1", "https://10.0.0.1", true},
		{"partner.example:443", "https://partner.example", true},
		{"Partner.Example.", "https://partner.example:8443/v3", true},
		{"partner.example", "https://api.partner.example", false},
		{"partner.example", "https://partner.example.evil.example", false},
		{"partner.example", "https://partner.example@evil.example", false},
		{"partner.example", "http://partner.example", false},
		{"a.example, b.example,", "https://b.example", true},
		{"bücher.example", "https://xn--bcher-kva.example", true},
		{"xn--bcher-kva.example", "https://BÜCHER.example", true},
		{"kiva.org:8443", "https://kiva.org:8443", true},
		{"kiva.org:8443", "https://api.kiva.org:8443", false},
	} {
		hosts, err := ParseHosts(c.list)
		if err != nil {
			t.Fatal(c.list, err)
		}
		err = hosts.Check(c.address)
		if (err == nil) != c.ok {
			t.Errorf("%q with %q: %v", c.address, c.list, err)
		}
		if err != nil && !errors.As(err, new(*RefusedError)) {
			t.Errorf("%q: %T", c.address, err)
		}
	}
}

func TestParseHostsRefuses(t *testing.T) {
	for _, list := range []string{
		"*", "*.example", "a.*", "?", ".example", "https://a.example", "a.example/path", "a.example:", "a.example:0", "a.example:70000",
		"a.example:https", "::1", "[::1", "[a.example]", "user@a.example", "a.example;b.example", "a b", "a#b", ":443",
	} {
		if hosts, err := ParseHosts(list); err == nil {
			t.Errorf("%q is read as %q", list, hosts.allowed)
		} else if !strings.Contains(err.Error(), Variable) {
			t.Errorf("%q: %v", list, err)
		}
	}
	if _, err := ParseHosts("*, a.example, :1"); strings.Count(err.Error(), Variable) != 2 {
		t.Errorf("not both are named: %v", err)
	}
}

// What a refusal says to set allows the address, and no other port.
func TestEntryAllows(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:8145/x", "https://partner.example", "https://[::1]", "http://[::1]:8145", "https://bücher.example:8443"} {
		refused := (*RefusedError)(nil)
		if err := (Hosts{}).Check(address); !errors.As(err, &refused) {
			t.Fatal(address, err)
		}
		hosts, err := ParseHosts(refused.Entry)
		if err != nil {
			t.Fatal(address, err)
		}
		if err := hosts.Check(address); err != nil {
			t.Errorf("%s with %s: %v", address, refused.Entry, err)
		}
	}
}

func TestWith(t *testing.T) {
	hosts := Hosts{}.With("http://127.0.0.1:8145/").With("https://api.kivaws.org")
	for address, ok := range map[string]bool{
		"http://127.0.0.1:8145": true, "http://127.0.0.1:8146": false, "https://api.kivaws.org": true, "https://api.kivaws.org:8443": false, "https://kivaws.org": false,
	} {
		if err := hosts.Check(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}
