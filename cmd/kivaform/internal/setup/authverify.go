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

// What "auth check" does beyond Kiva: with a provider that publishes keys, or
// that says of a token whether it is good, and with one that has no Partner API.

// providerFlags say what of a token is looked at.
type providerFlags struct{ verify, introspect bool }

// errNoKeys, errNoIntrospection say that a provider doesn't have something.
// Kiva has neither, as far as its documents show.
var (
	errNoKeys = hint.With(errors.New("this environment publishes no keys, so a token can't be verified"),
		"set issuer, or issuer and jwks_uri, if the provider has them; Kiva is not known to")
	errNoIntrospection = hint.With(errors.New("this environment has no introspection"), "set introspection_url, or issuer, if the provider has it; Kiva is not known to")
)

// checkProvider adds what the flags ask for to the checklist.
func checkProvider(ctx context.Context, w *session.Workspace, c *checklist, f providerFlags) {
	if !f.verify && !f.introspect {
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
	if f.verify {
		if line, err := verify(ctx, w, tokens); err != nil {
			c.fail(verifyCode(err), "signature", err)
		} else {
			c.ok("signature", "%s", line)
		}
	}
	if f.introspect {
		if line, err := introspect(ctx, w, tokens); err != nil {
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

// verify checks the token by the issuer's keys.
func verify(ctx context.Context, w *session.Workspace, tokens *auth.Source) (string, error) {
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

// introspect asks the provider about the token.
func introspect(ctx context.Context, w *session.Workspace, tokens *auth.Source) (string, error) {
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
	return fmt.Sprintf("good, with %s%s", cli.OrDash(strings.Join(said.Scopes, " ")), until(said.Expires)), nil
}

// checkTokenOnly is the checklist of a provider without a Partner API.
func checkTokenOnly(ctx context.Context, w *session.Workspace, c *checklist, f providerFlags, now time.Time) {
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
	checkProvider(ctx, w, c, f)
}
