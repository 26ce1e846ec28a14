package main

import (
	"context"
	"path/filepath"

	"kivaform/kiva/auth"
)

// tokens prepares to get tokens for some scopes; for those of kiva.yaml where
// the command doesn't know which. It makes a request only where the
// environment gives no more than its issuer.
func (w *workspace) tokens(ctx context.Context, scopes []string) (*auth.Source, error) {
	if err := w.checkAddresses(); err != nil {
		return nil, err
	}
	if w.env.sandbox() && w.env.APIURL == "" {
		if err := w.startSandbox(ctx); err != nil {
			return nil, err
		}
	}
	id, secret, err := w.credentials()
	if err != nil {
		return nil, err
	}
	if w.env.TokenURL == "" {
		if err := w.discover(ctx); err != nil {
			return nil, err
		}
	}
	if scopes == nil {
		scopes = w.env.own.Scopes
	}
	return auth.New(auth.Config{
		TokenURL: w.env.TokenURL, Audience: w.env.Audience, Resource: w.env.own.Resource, BasicAuth: w.env.basicAuth,
		ClientID: id, ClientSecret: secret, Scopes: scopes, PartnerID: w.set.Settings.PartnerID,
		CacheDir: w.tokenFolder(), UserAgent: userAgent(), Watch: w.app.transport(),
	})
}

// discover completes the environment by what its issuer publishes. What
// kiva.yaml says counts.
func (w *workspace) discover(ctx context.Context) error {
	if err := w.checkAddresses(); err != nil {
		return err
	}
	m, err := auth.Discover(ctx, w.env.own.Issuer, w.app.transport())
	if err != nil {
		return err
	}
	for ours, theirs := range map[*string]string{
		&w.env.TokenURL: m.TokenURL, &w.env.own.JWKSURI: m.JWKSURI, &w.env.own.Introspection: m.Introspection,
	} {
		if *ours == "" {
			*ours = theirs
		}
	}
	w.env.basicAuth = m.BasicAuth()
	return w.checkAddresses()
}

// tokenFolder returns where tokens are kept between runs, "" where they aren't.
// The sandbox's are not: it gives as many as one likes, its key may have been
// deleted with its data, and its address may be another workspace's by now.
func (w *workspace) tokenFolder() string {
	if w.env.sandbox() {
		return ""
	}
	_ = w.app.workspaceCache() // says if nothing is kept
	cache, err := w.app.cacheFolder()
	if err != nil {
		return ""
	}
	return tokenFolderIn(cache)
}

func tokenFolderIn(cache string) string { return filepath.Join(cache, "tokens") }
