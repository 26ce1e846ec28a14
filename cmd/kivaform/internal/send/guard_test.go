package send

import (
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
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
		s := &session.Session{Workspace: &session.Workspace{Env: session.Environment{Environment: e}}}
		if err := guard(t.Context(), s, nil, applyFlags{}); err == nil || session.ExitCode(err) != cli.ExitRefused || !strings.Contains(err.Error(), "is Kiva's production") {
			t.Errorf("%s, %s: %v", e.APIURL, e.TokenURL, err)
		}
		s.Env.Name = session.Production
		if err := productionName(s); err != nil {
			t.Errorf("under its own name: %v", err)
		}
	}
	s := &session.Session{Workspace: &session.Workspace{Env: session.Environment{Environment: auth.Environment{Name: "pilot", APIURL: staging, TokenURL: token}}}}
	if err := productionName(s); err != nil {
		t.Error(err)
	}
}
