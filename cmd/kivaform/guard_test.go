package main

import (
	"strings"
	"testing"

	"kivaform/kiva/auth"
)

// Production under another name would be sent to without its confirmation.
func TestProductionUnderAnotherName(t *testing.T) {
	const staging, token = "https://partnerapi.staging.kiva.org", "https://auth.staging.kiva.org/oauth/token"
	for _, e := range []auth.Environment{
		{APIURL: "https://partner-api.k1.kiva.org.", TokenURL: token},
		{APIURL: "https://partnerapi.production.kiva.org", TokenURL: token},
		{APIURL: "https://proxy.example", TokenURL: "https://auth.k1.kiva.org/oauth/token"},
	} {
		e.Name = "pilot"
		s := &session{workspace: &workspace{env: environment{Environment: e}}}
		if err := s.guard(t.Context(), nil, applyFlags{}); err == nil || exitCode(err) != exitRefused || !strings.Contains(err.Error(), "is Kiva's production") {
			t.Errorf("%s, %s: %v", e.APIURL, e.TokenURL, err)
		}
		s.env.Name = production
		if err := s.productionName(); err != nil {
			t.Errorf("under its own name: %v", err)
		}
	}
	s := &session{workspace: &workspace{env: environment{Environment: auth.Environment{Name: "pilot", APIURL: staging, TokenURL: token}}}}
	if err := s.productionName(); err != nil {
		t.Error(err)
	}
}
