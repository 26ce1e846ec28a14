package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"kivaform/apply/ledger"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
)

// A session is a workspace that speaks with Kiva.
type session struct {
	*workspace
	client *kiva.Client
	tokens *auth.Source

	listed  int // loans of the partner, where the plan had Kiva count them
	counted bool
}

// connect prepares to speak with Kiva for some scopes. It makes a request only
// where the partner's id isn't in kiva.yaml.
func (w *workspace) connect(ctx context.Context, scopes []string, connections int) (*session, error) {
	if w.env.APIURL == "" && !w.env.sandbox() {
		return nil, withCode(exitInvalid, fmt.Errorf("%s: environments.%s: api_url is needed; without one there are only tokens: kivaform auth", w.env.own.Pos, w.env.Name))
	}
	tokens, err := w.tokens(ctx, scopes)
	if err != nil {
		return nil, err
	}
	if w.set.Settings.PartnerID == "" {
		grant, err := tokens.Grant(ctx)
		if err != nil {
			return nil, err
		}
		if grant.PartnerID == "" {
			return nil, withCode(exitInvalid, hint.With(errors.New("the token doesn't say which partner it is for"), "write partner_id into kiva.yaml (PA2 > Account > Profile)"))
		}
		w.set.Settings.PartnerID = grant.PartnerID
	}
	client, err := kiva.New(kiva.Options{
		BaseURL: w.env.APIURL, PartnerID: w.set.Settings.PartnerID, Tokens: tokens,
		JournalsPath: w.env.own.JournalsPath, JournalsArray: w.env.own.JournalsBody == "array",
		ConnectTimeout: w.env.own.ConnectTimeout, AnswerTimeout: w.env.own.AnswerTimeout,
		Connections: connections, UserAgent: userAgent(), Watch: w.app.transport(),
	})
	if err != nil {
		return nil, err
	}
	w.closes = append(w.closes, func() error { client.Close(); return nil })
	_, err = w.openLedger()
	return &session{workspace: w, client: client, tokens: tokens}, err
}

// openLedger returns the ledger of the partner in the chosen environment.
func (w *workspace) openLedger() (*ledger.Ledger, error) {
	if w.ledger != nil {
		return w.ledger, nil
	}
	store, err := w.openStore()
	if err != nil {
		return nil, err
	}
	var key []byte
	if text := w.app.getenv("KIVAFORM_LEDGER_KEY"); text != "" {
		if key = []byte(text); len(key) < minLedgerKey {
			return nil, withCode(exitInvalid, fmt.Errorf("KIVAFORM_LEDGER_KEY is shorter than %d bytes", minLedgerKey))
		}
	}
	scope := ledger.Scope{Environment: w.env.Name, PartnerID: w.set.Settings.PartnerID}
	w.ledger = ledger.New(store, scope, ledger.Options{Key: key, Whole: w.whole})
	return w.ledger, nil
}

const minLedgerKey = 16

// ledgerPlace says where the ledger is. The sandbox's is kept with the
// sandbox's data: a ledger that outlives them would say that things were sent
// of which nothing knows.
func (w *workspace) ledgerPlace() string {
	switch {
	case w.env.own.Ledger != "":
		return w.env.own.Ledger
	case w.set.Settings.Ledger != "":
		return w.set.Settings.Ledger
	case w.env.sandbox():
		return filepath.Join(dataFolder, "ledger")
	}
	return "ledger"
}

// credentials reads the client id and secret, each from a variable or from the
// file that a variable names.
func (w *workspace) credentials() (string, auth.Secret, error) {
	if w.env.sandbox() { // a real secret is none of its business
		return sandboxCredentials()
	}
	id, err := w.app.variable("KIVA_CLIENT_ID")
	if err != nil {
		return "", "", err
	}
	secret, err := w.app.variable("KIVA_CLIENT_SECRET")
	return id, auth.Secret(secret), err
}

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
