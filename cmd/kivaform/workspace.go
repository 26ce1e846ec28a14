package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/load"
)

// A workspace is what a command works with: the files, the environment that
// they choose, the ledger, and, when it is first needed, Kiva.
type workspace struct {
	app    *app
	set    *spec.Set
	env    environment
	ledger *ledger.Ledger   // once it is known whose
	whole  *history.Options // what to hold of a ledger that is read as a whole; else nil
	closes []func() error
}

// open reads the workspace. Faults of its files are in the set.
func (a *app) open(ctx context.Context) (*workspace, error) { return a.load(ctx, load.Options{}) }

// load reads the workspace with some options of its own.
func (a *app) load(ctx context.Context, o load.Options) (*workspace, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	reading := a.stage("reading files")
	o.Environment, o.CacheDir = a.environment, a.filesCache()
	o.Progress = func(what string, done, total int) { reading.turn("reading "+what, done, total) }
	set, err := load.Workspace(ctx, a.dir, o)
	reading.end()
	if err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.workspace(set)
}

// openSettings reads kiva.yaml alone.
func (a *app) openSettings(ctx context.Context) (*workspace, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.dir, load.Options{Environment: a.environment})
	if err != nil {
		return nil, err
	}
	if err := set.Err(nil); err != nil {
		return nil, err
	}
	a.warnOfFormerCaches(set.Dir)
	return a.workspace(set)
}

func (a *app) workspace(set *spec.Set) (*workspace, error) {
	env, err := resolve(set)
	if err != nil {
		// A fault of kiva.yaml may be why; it says more.
		return nil, errors.Join(set.Err(nil), err)
	}
	return &workspace{app: a, set: set, env: env}, nil
}

// close ends what was started.
func (w *workspace) close() {
	for _, c := range w.closes {
		c()
	}
}

// maxInput is the most that is read of a file that a person names, in bytes.
const maxInput = 256 << 20

// An environment is a preset with what kiva.yaml changes.
type environment struct {
	auth.Environment
	own       spec.Environment
	basicAuth bool               // the issuer takes id and secret in the header only
	declared  []plan.Destination // before the sandbox runs and the issuer was asked
}

func (e environment) sandbox() bool { return e.Name == spec.Sandbox }

// resolve finds the chosen environment: a preset, changed or made by kiva.yaml.
func resolve(set *spec.Set) (environment, error) {
	e, ok := lookUp(set, set.Environment)
	if !ok {
		return environment{}, withCode(exitInvalid, hint.With(fmt.Errorf("there is no environment %q", set.Environment),
			"known are %s; any other needs token_url and api_url under environments in kiva.yaml", strings.Join(environments(set), ", ")))
	}
	if !e.sandbox() && e.TokenURL == "" && e.own.Issuer == "" {
		return e, withCode(exitInvalid, hint.With(fmt.Errorf("%s: environments.%s: token_url and api_url are needed", e.own.Pos, e.Name), "for a provider that publishes its addresses, issuer will do"))
	}
	return e, nil
}

// lookUp returns an environment by its name.
func lookUp(set *spec.Set, name string) (environment, bool) {
	preset, known := auth.Preset(name)
	own, made := set.Settings.Environments[name]
	preset.Name = name
	replace(&preset.TokenURL, own.TokenURL)
	replace(&preset.Audience, own.Audience)
	replace(&preset.APIURL, own.APIURL)
	replace(&preset.PublicURL, own.PublicURL)
	e := environment{Environment: preset, own: own}
	e.declared = e.destinations()
	return e, known || made
}

func replace(s *string, by string) {
	if by != "" {
		*s = by
	}
}

func environments(set *spec.Set) []string {
	var names []string
	for _, p := range auth.Presets() {
		names = append(names, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(set.Settings.Environments)) {
		if _, known := auth.Preset(name); !known {
			names = append(names, name)
		}
	}
	return names
}

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

// variable reads NAME, or the file that NAME_FILE names.
func (a *app) variable(name string) (string, error) {
	if value := a.getenv(name); value != "" {
		return value, nil
	}
	file := a.getenv(name + "_FILE")
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}
