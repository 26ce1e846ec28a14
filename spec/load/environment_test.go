package load

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kivaform/spec"
)

func TestEnvironmentOfAnotherProvider(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "kiva.yaml"), `version: 1
environments:
  lender:
    issuer: https://hub.example.org
    resource: urn:example:api
    scopes: [applications:write, "decisions:read"]
    jwks_uri: https://hub.example.org/keys
    introspection_url: https://hub.example.org/introspect
    public_url: http://127.0.0.1:8145
`)
	s, err := Settings(t.Context(), dir, Options{})
	if err != nil || len(s.Faults) > 0 {
		t.Fatal(err, s.Faults)
	}
	want := spec.Environment{
		Issuer: "https://hub.example.org", Resource: "urn:example:api", Scopes: []string{"applications:write", "decisions:read"},
		JWKSURI: "https://hub.example.org/keys", Introspection: "https://hub.example.org/introspect", PublicURL: "http://127.0.0.1:8145",
	}
	got := s.Settings.Environments["lender"]
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(spec.Environment{}, "Pos", "AddressPos")); d != "" {
		t.Error(d)
	}
	positions := map[string]spec.Pos{
		"issuer": {File: "kiva.yaml", Line: 4, Column: 13}, "jwks_uri": {File: "kiva.yaml", Line: 7, Column: 15},
		"introspection_url": {File: "kiva.yaml", Line: 8, Column: 24}, "public_url": {File: "kiva.yaml", Line: 9, Column: 17},
	}
	if d := cmp.Diff(positions, got.AddressPos); d != "" {
		t.Error(d)
	}
}

func TestFaultyEnvironmentOfAnotherProvider(t *testing.T) {
	for key, value := range map[string]string{
		"issuer": "hub", "jwks_uri": "ftp://hub.example.org", "introspection_url": "[x]", "public_url": "api", "scopes": "all",
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "kiva.yaml"), "version: 1\nenvironments:\n  lender: {"+key+": "+value+"}\n")
		s, err := Settings(t.Context(), dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Err(nil); err == nil || !strings.Contains(err.Error(), "kiva.yaml:3:") || !strings.Contains(err.Error(), "environments.lender."+key) {
			t.Errorf("%s: %s: %v", key, value, err)
		}
	}
}
