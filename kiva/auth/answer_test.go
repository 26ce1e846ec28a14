package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGrant(t *testing.T) {
	asked := []string{"read:loans", "create:loan_draft"}
	for _, tt := range []struct {
		name, body string
		want       Grant
	}{
		{"Kiva's sample",
			`{"access_token":"t","token_type":"bearer","expires_in":43199,"scope":"create:loan_draft read:loans",
			  "iss":"https://auth.example/","partnerId":"145","jti":"x"}`,
			Grant{PartnerID: "145", Scopes: []string{"create:loan_draft", "read:loans"}, Issuer: "https://auth.example/"}},
		{"more than was asked", `{"access_token":"t","scope":"a read:loans b create:loan_draft"}`,
			Grant{Scopes: []string{"a", "read:loans", "b", "create:loan_draft"}}},
		{"a number for a partner", `{"access_token":"t","partnerId":319}`, Grant{PartnerID: "319", Scopes: asked}},
		{"a number beyond a float", `{"access_token":"t","partnerId":9007199254740993}`,
			Grant{PartnerID: "9007199254740993", Scopes: asked}},
		{"null", `{"access_token":"t","partnerId":null,"scope":null,"iss":null,"expires_in":null,"token_type":null}`,
			Grant{Scopes: asked}},
		{"odd types", `{"access_token":"t","partnerId":{},"scope":7,"iss":[]}`, Grant{Scopes: asked}},
		{"scope as an array", `{"access_token":"t","scope":["create:loan_draft","read:loans"]}`,
			Grant{Scopes: []string{"create:loan_draft", "read:loans"}}},
		{"all from the JWT", fmt.Sprintf(`{"access_token":%q}`,
			jwt(`{"scope":["create:loan_draft","read:loans"],"partnerId":"63","iss":"https://jwt.example/"}`)),
			Grant{PartnerID: "63", Scopes: []string{"create:loan_draft", "read:loans"}, Issuer: "https://jwt.example/"}},
		{"the JWT's scope as a string", fmt.Sprintf(`{"access_token":%q}`, jwt(`{"scope":"read:loans create:loan_draft"}`)),
			Grant{Scopes: asked}},
		{"the answer before the JWT", fmt.Sprintf(`{"access_token":%q,"partnerId":"145","iss":"https://answer.example/"}`,
			jwt(`{"partnerId":"63","iss":"https://jwt.example/"}`)),
			Grant{PartnerID: "145", Scopes: asked, Issuer: "https://answer.example/"}},
		{"not quite a JWT", `{"access_token":"eyJ.!!.x"}`, Grant{Scopes: asked}},
	} {
		got, err := serve(t, always(tt.body)).source(t).Grant(t.Context())
		got.Expires = time.Time{}
		if d := cmp.Diff(tt.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", tt.name, err, d)
		}
	}
}

func TestExpires(t *testing.T) {
	// The JWT's exp counts from the start of the bubble's time.
	exp := func(seconds int) string {
		start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		return jwt(fmt.Sprintf(`{"exp":%d}`, start+int64(seconds)))
	}
	for _, tt := range []struct {
		name, body string
		want       int // seconds from now; 0 for never
	}{
		{"number", `{"access_token":"t","expires_in":600}`, 600},
		{"string", `{"access_token":"t","expires_in":"600"}`, 600},
		{"absent", `{"access_token":"t"}`, 0},
		{"zero", `{"access_token":"t","expires_in":0}`, 0},
		{"negative", `{"access_token":"t","expires_in":-5}`, 0},
		{"only exp", fmt.Sprintf(`{"access_token":%q}`, exp(700)), 700},
		{"exp is earlier", fmt.Sprintf(`{"access_token":%q,"expires_in":600}`, exp(300)), 300},
		{"exp is later", fmt.Sprintf(`{"access_token":%q,"expires_in":600}`, exp(700)), 600},
		{"exp has passed: the clock is wrong", fmt.Sprintf(`{"access_token":%q,"expires_in":600}`, exp(-700)), 600},
		{"exp in milliseconds", fmt.Sprintf(`{"access_token":%q,"expires_in":600}`, jwt(`{"exp":4102444800000}`)), 600},
		{"exp with a fraction", fmt.Sprintf(`{"access_token":%q}`, jwt(`{"exp":946685400.5}`)), 600},
		{"exp is no number", fmt.Sprintf(`{"access_token":%q,"expires_in":600}`, jwt(`{"exp":"soon"}`)), 600},
	} {
		e := serve(t, always(tt.body))
		synctest.Test(t, func(t *testing.T) {
			s, start := e.source(t), time.Now()
			g, err := s.Grant(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			var got int
			if !g.Expires.IsZero() {
				got = int(g.Expires.Sub(start).Seconds())
			}
			if got != tt.want {
				t.Errorf("%s: expires after %d s, want %d", tt.name, got, tt.want)
			}
			if tt.want == 0 {
				time.Sleep(1000 * time.Hour)
				if _, err := s.Token(t.Context()); err != nil || e.requests() != 1 {
					t.Errorf("%s: %d requests, %v", tt.name, e.requests(), err)
				}
			}
		})
	}
}

func TestMissingScope(t *testing.T) {
	for _, tt := range []struct{ name, body, missing, granted string }{
		{"in the answer", `{"access_token":"t","partnerId":"145","scope":"read:loans"}`, "create:loan_draft", "read:loans"},
		{"in the JWT", fmt.Sprintf(`{"access_token":%q,"partnerId":"145"}`, jwt(`{"scope":["read:loans"]}`)),
			"create:loan_draft", "read:loans"},
		{"everything", `{"access_token":"t","partnerId":"145","scope":""}`, "read:loans create:loan_draft", ""},
		{"a similar name", `{"access_token":"t","partnerId":"145","scope":"read:loans create:loan_drafts"}`,
			"create:loan_draft", "read:loans create:loan_drafts"},
	} {
		e := serve(t, always(tt.body))
		s := e.source(t)
		for range 3 {
			token, err := s.Token(t.Context())
			var missing *MissingScopeError
			if !errors.As(err, &missing) || token != "" {
				t.Fatalf("%s: token %q, %v", tt.name, token, err)
			}
			want := &MissingScopeError{Missing: strings.Fields(tt.missing), Granted: strings.Fields(tt.granted)}
			if d := cmp.Diff(want, missing); d != "" {
				t.Errorf("%s:\n%s", tt.name, d)
			}
			for _, part := range append(missing.Missing, "partnersupport@kiva.org") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %q doesn't say %s", tt.name, err, part)
				}
			}
		}
		if g, err := s.Grant(t.Context()); err == nil || g.PartnerID != "145" {
			t.Errorf("%s: grant %+v, %v", tt.name, g, err)
		}
		if n := e.requests(); n != 1 {
			t.Errorf("%s: %d requests", tt.name, n)
		}
	}
}

func TestPartner(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		wrong      bool
	}{
		{"same", `{"access_token":"t","partnerId":"145"}`, false},
		{"same, as a number", `{"access_token":"t","partnerId":145}`, false},
		{"not said", `{"access_token":"t"}`, false},
		{"another", `{"access_token":"t","partnerId":"319"}`, true},
		{"another in the JWT", fmt.Sprintf(`{"access_token":%q}`, jwt(`{"partnerId":"319"}`)), true},
	} {
		c := serve(t, always(tt.body)).config()
		c.PartnerID = "145"
		token, err := source(t, c).Token(t.Context())
		if !tt.wrong {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		var partner *PartnerError
		if !errors.As(err, &partner) || *partner != (PartnerError{Want: "145", Got: "319"}) || token != "" {
			t.Errorf("%s: token %q, %v", tt.name, token, err)
		}
		if want := "kiva.yaml says partner_id 145, the token is for 319; use the client id and secret of 145"; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %q", tt.name, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"access_token":"t","scope":"a b","partnerId":12,"exp":1}`, `{"scope":["a"],"partnerId":"1","exp":4102444800}`)
	f.Add(`[]`, `{"exp":1e300}`)
	f.Add(`{"scope":null,"partnerId":-1}`, `null`)
	f.Fuzz(func(t *testing.T, body, payloadText string) {
		said, token := claimsOf([]byte(body)), claimsOf(jwtPayload(jwt(payloadText)))
		for _, c := range []claims{said, token} {
			for _, scope := range c.Scope {
				if scope == "" || strings.ContainsAny(scope, " \t\n") {
					t.Errorf("scope %q", scope)
				}
			}
			if e := c.expiry(); !e.IsZero() && (e.Year() < 1970 || e.Year() > 20000) {
				t.Errorf("expires %v", e)
			}
		}
	})
}
