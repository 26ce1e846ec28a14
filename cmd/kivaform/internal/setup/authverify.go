package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
)

// The checks of "auth check" for providers other than Kiva: those that publish
// keys or offer introspection, and those without a Partner API.

// authCheckOptions are the flags of auth check.
type authCheckOptions struct{ verify, introspect bool }

// errNoKeys and errNoIntrospection report a provider without keys or without
// introspection. Kiva documents neither.
var (
	errNoKeys = hint.With(errors.New("this environment publishes no keys, so a token can't be verified"),
		"set issuer, or issuer and jwks_uri, if the provider has them; Kiva is not known to")
	errNoIntrospection = hint.With(errors.New("this environment has no introspection"), "set introspection_url, or issuer, if the provider has it; Kiva is not known to")
)

// checkProvider adds the checks of the flags.
func checkProvider(ctx context.Context, w *session.Workspace, c *checklist, o authCheckOptions) {
	if !o.verify && !o.introspect {
		return
	}
	tokens, err := w.Tokens(ctx, nil)
	if err == nil && w.Env.Own.Issuer != "" {
		err = w.Discover(ctx)
	}
	if err != nil {
		c.fail(codeOf(err), "provider", err)
		return
	}
	if o.verify {
		if line, err := verifyToken(ctx, w, tokens); err != nil {
			c.fail(verifyCode(err), "signature", err)
		} else {
			c.ok("signature", "%s", line)
		}
	}
	if o.introspect {
		if line, err := introspectToken(ctx, w, tokens); err != nil {
			c.fail(verifyCode(err), "introspect", err)
		} else {
			c.ok("introspect", "%s", line)
		}
	}
}

func verifyCode(err error) int {
	if errors.Is(err, errNoKeys) || errors.Is(err, errNoIntrospection) {
		return cli.ExitInvalid
	}
	return max(session.ExitCode(err), cli.ExitUnauthorised)
}

// verifyToken verifies the token by the issuer's keys.
func verifyToken(ctx context.Context, w *session.Workspace, tokens *auth.Source) (string, error) {
	own := w.Env.Own
	if own.Issuer == "" || own.JWKSURI == "" {
		return "", errNoKeys
	}
	audience := w.Env.Audience
	session.Replace(&audience, own.Resource)
	v, err := auth.NewVerifier(own.Issuer, audience, own.JWKSURI, w.App.Transport())
	if err != nil {
		return "", err
	}
	token, err := tokens.Token(ctx)
	if err != nil {
		return "", err
	}
	good, err := v.Verify(ctx, token)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s by key %s of %s, for %s, until %s", good.Algorithm, cli.OrDash(good.KeyID), good.Issuer,
		cli.OrDash(strings.Join(good.Audience, " ")), good.Expires.UTC().Format(time.RFC3339)), nil
}

// introspectToken asks the provider about the token.
func introspectToken(ctx context.Context, w *session.Workspace, tokens *auth.Source) (string, error) {
	if w.Env.Own.Introspection == "" {
		return "", errNoIntrospection
	}
	said, err := tokens.Introspect(ctx, w.Env.Own.Introspection)
	if err != nil {
		return "", err
	}
	if !said.Active {
		return "", hint.With(errors.New("the provider says that the token isn't good"), "kivaform auth logout, then try again")
	}
	return fmt.Sprintf("good, with %s%s", cli.OrDash(strings.Join(said.Scopes, " ")), untilText(said.Expires)), nil
}

// checkTokenOnly checks a provider without a Partner API.
func checkTokenOnly(ctx context.Context, w *session.Workspace, c *checklist, o authCheckOptions, now time.Time) {
	tokens, err := w.Tokens(ctx, nil)
	if err != nil {
		c.fail(codeOf(err), "token", err)
		return
	}
	c.ok("addresses", "token %s, audience %s, no API", w.Env.TokenURL, cli.OrDash(w.Env.Audience))
	grant, err := tokens.Grant(ctx)
	if err != nil {
		c.fail(codeOf(err), "token", err)
		return
	}
	left := "nothing says how long it lasts"
	if !grant.Expires.IsZero() {
		left = grant.Expires.Sub(now).Round(time.Second).String() + " left"
	}
	c.ok("token", "%s", left)
	c.ok("scopes", "%s", cli.OrDash(strings.Join(grant.Scopes, " ")))
	checkProvider(ctx, w, c, o)
}
