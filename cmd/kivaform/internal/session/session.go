package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
)

// A Session is a workspace that speaks with Kiva.
type Session struct {
	*Workspace
	Client *kiva.Client
	Tokens *auth.Source

	Listed  int // loans of the partner, where the plan had Kiva count them
	Counted bool
}

// Connect prepares to speak with Kiva for some scopes. It makes a request only
// where the partner's id isn't in kiva.yaml.
func (w *Workspace) Connect(ctx context.Context, scopes []string, connections int) (*Session, error) {
	if w.Env.APIURL == "" && !w.Env.Sandbox() {
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("%s: environments.%s: api_url is needed; without one there are only tokens: kivaform auth", w.Env.Own.Pos, w.Env.Name))
	}
	tokens, err := w.Tokens(ctx, scopes)
	if err != nil {
		return nil, err
	}
	if w.Set.Settings.PartnerID == "" {
		grant, err := tokens.Grant(ctx)
		if err != nil {
			return nil, err
		}
		if grant.PartnerID == "" {
			return nil, cli.WithCode(cli.ExitInvalid, hint.With(errors.New("the token doesn't say which partner it is for"), "write partner_id into kiva.yaml (PA2 > Account > Profile)"))
		}
		w.Set.Settings.PartnerID = grant.PartnerID
	}
	client, err := kiva.New(kiva.Options{
		BaseURL: w.Env.APIURL, PartnerID: w.Set.Settings.PartnerID, Tokens: tokens,
		JournalsPath: w.Env.Own.JournalsPath, JournalsArray: w.Env.Own.JournalsBody == "array",
		ConnectTimeout: w.Env.Own.ConnectTimeout, AnswerTimeout: w.Env.Own.AnswerTimeout,
		Connections: connections, UserAgent: cli.UserAgent(), Watch: w.App.Transport(),
	})
	if err != nil {
		return nil, err
	}
	w.closes = append(w.closes, func() error { client.Close(); return nil })
	_, err = w.OpenLedger()
	return &Session{Workspace: w, Client: client, Tokens: tokens}, err
}

// OpenLedger returns the ledger of the partner in the chosen environment.
func (w *Workspace) OpenLedger() (*ledger.Ledger, error) {
	if w.Ledger != nil {
		return w.Ledger, nil
	}
	store, err := w.OpenStore()
	if err != nil {
		return nil, err
	}
	key, err := w.LedgerKey()
	if err != nil {
		return nil, err
	}
	scope := ledger.Scope{Environment: w.Env.Name, PartnerID: w.Set.Settings.PartnerID}
	w.Ledger = ledger.New(store, scope, ledger.Options{Key: key, Whole: w.Whole, API: w.api(), Witness: w.witness(), Unchecked: w.Unchecked})
	return w.Ledger, nil
}

const minLedgerKey = 16

// LedgerKey returns the key of the ledger's digests, nil where the environment has
// none.
func (w *Workspace) LedgerKey() ([]byte, error) {
	text := w.App.Getenv("KIVAFORM_LEDGER_KEY")
	switch {
	case text == "":
		return nil, nil
	case len(text) < minLedgerKey:
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("KIVAFORM_LEDGER_KEY is shorter than %d bytes", minLedgerKey))
	}
	return []byte(text), nil
}

// LedgerPlace says where the ledger is. The sandbox's is kept with the
// sandbox's data: a ledger that outlives them would say that things were sent
// of which nothing knows.
func (w *Workspace) LedgerPlace() string {
	switch {
	case w.Env.Own.Ledger != "":
		return w.Env.Own.Ledger
	case w.Set.Settings.Ledger != "":
		return w.Set.Settings.Ledger
	case w.Env.Sandbox():
		return filepath.Join(DataFolder, "ledger")
	}
	return "ledger"
}

// credentials reads the client id and secret, each from a variable or from the
// file that a variable names.
func (w *Workspace) credentials() (string, auth.Secret, error) {
	if w.Env.Sandbox() { // a real secret is none of its business
		return sandboxCredentials()
	}
	id, err := w.App.Variable("KIVA_CLIENT_ID")
	if err != nil {
		return "", "", err
	}
	secret, err := w.App.Variable("KIVA_CLIENT_SECRET")
	return id, auth.Secret(secret), err
}

// Tokens prepares to get tokens for some scopes; for those of kiva.yaml where
// the command doesn't know which. It makes a request only where the
// environment gives no more than its issuer.
func (w *Workspace) Tokens(ctx context.Context, scopes []string) (*auth.Source, error) {
	if err := w.CheckAddresses(); err != nil {
		return nil, err
	}
	if w.Env.Sandbox() && w.Env.APIURL == "" {
		if err := w.StartSandbox(ctx); err != nil {
			return nil, err
		}
	}
	id, secret, err := w.credentials()
	if err != nil {
		return nil, err
	}
	if w.Env.TokenURL == "" {
		if err := w.Discover(ctx); err != nil {
			return nil, err
		}
	}
	if scopes == nil {
		scopes = w.Env.Own.Scopes
	}
	return auth.New(auth.Config{
		TokenURL: w.Env.TokenURL, Audience: w.Env.Audience, Resource: w.Env.Own.Resource, BasicAuth: w.Env.basicAuth,
		ClientID: id, ClientSecret: secret, Scopes: scopes, PartnerID: w.Set.Settings.PartnerID,
		CacheDir: w.tokenFolder(), UserAgent: cli.UserAgent(), Watch: w.App.Transport(),
	})
}

// Discover completes the environment by what its issuer publishes. What
// kiva.yaml says counts.
func (w *Workspace) Discover(ctx context.Context) error {
	if err := w.CheckAddresses(); err != nil {
		return err
	}
	m, err := auth.Discover(ctx, w.Env.Own.Issuer, w.App.Transport())
	if err != nil {
		return err
	}
	for ours, theirs := range map[*string]string{
		&w.Env.TokenURL: m.TokenURL, &w.Env.Own.JWKSURI: m.JWKSURI, &w.Env.Own.Introspection: m.Introspection,
	} {
		if *ours == "" {
			*ours = theirs
		}
	}
	w.Env.basicAuth = m.BasicAuth()
	return w.CheckAddresses()
}

// tokenFolder returns where tokens are kept between runs, "" where they aren't.
// The sandbox's are not: it gives as many as one likes, its key may have been
// deleted with its data, and its address may be another workspace's by now.
func (w *Workspace) tokenFolder() string {
	if w.Env.Sandbox() {
		return ""
	}
	_ = w.App.WorkspaceCache() // says if nothing is kept
	cache, err := w.App.CacheFolder()
	if err != nil {
		return ""
	}
	return TokenFolderIn(cache)
}

// TokenFolderIn is the folder of tokens in a cache folder.
func TokenFolderIn(cache string) string { return filepath.Join(cache, "tokens") }
