package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
func (w *workspace) checkProvider(ctx context.Context, c *checklist, f providerFlags) {
	if !f.verify && !f.introspect {
		return
	}
	tokens, err := w.tokens(ctx, nil)
	if err == nil && w.env.own.Issuer != "" {
		err = w.discover(ctx)
	}
	if err != nil {
		c.fail(codeOf(err), "provider", err)
		return
	}
	if f.verify {
		if line, err := w.verify(ctx, tokens); err != nil {
			c.fail(verifyCode(err), "signature", err)
		} else {
			c.ok("signature", "%s", line)
		}
	}
	if f.introspect {
		if line, err := w.introspect(ctx, tokens); err != nil {
			c.fail(verifyCode(err), "introspect", err)
		} else {
			c.ok("introspect", "%s", line)
		}
	}
}

func verifyCode(err error) int {
	if errors.Is(err, errNoKeys) || errors.Is(err, errNoIntrospection) {
		return exitInvalid
	}
	return max(exitCode(err), exitUnauthorised)
}

// verify checks the token by the issuer's keys.
func (w *workspace) verify(ctx context.Context, tokens *auth.Source) (string, error) {
	own := w.env.own
	if own.Issuer == "" || own.JWKSURI == "" {
		return "", errNoKeys
	}
	audience := w.env.Audience
	replace(&audience, own.Resource)
	v, err := auth.NewVerifier(own.Issuer, audience, own.JWKSURI, w.app.transport())
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
	return fmt.Sprintf("%s by key %s of %s, for %s, until %s", good.Algorithm, orDash(good.KeyID), good.Issuer,
		orDash(strings.Join(good.Audience, " ")), good.Expires.UTC().Format(time.RFC3339)), nil
}

// introspect asks the provider about the token.
func (w *workspace) introspect(ctx context.Context, tokens *auth.Source) (string, error) {
	if w.env.own.Introspection == "" {
		return "", errNoIntrospection
	}
	said, err := tokens.Introspect(ctx, w.env.own.Introspection)
	if err != nil {
		return "", err
	}
	if !said.Active {
		return "", hint.With(errors.New("the provider says that the token isn't good"), "kivaform auth logout, then try again")
	}
	return fmt.Sprintf("good, with %s%s", orDash(strings.Join(said.Scopes, " ")), until(said.Expires)), nil
}

// checkTokenOnly is the checklist of a provider without a Partner API.
func (w *workspace) checkTokenOnly(ctx context.Context, c *checklist, f providerFlags, now time.Time) {
	tokens, err := w.tokens(ctx, nil)
	if err != nil {
		c.fail(codeOf(err), "token", err)
		return
	}
	c.ok("addresses", "token %s, audience %s, no API", w.env.TokenURL, orDash(w.env.Audience))
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
	c.ok("scopes", "%s", orDash(strings.Join(grant.Scopes, " ")))
	w.checkProvider(ctx, c, f)
}
