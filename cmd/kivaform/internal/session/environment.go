package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/load"
)

// An Environment is a preset with what kiva.yaml changes.
type Environment struct {
	auth.Environment
	Own       spec.Environment
	basicAuth bool               // the issuer takes id and secret in the header only
	Declared  []plan.Destination // before the sandbox runs and the issuer was asked
}

// Sandbox reports whether this is the simulation on this machine.
func (e Environment) Sandbox() bool { return e.Name == spec.Sandbox }

// resolve finds the chosen environment: a preset, changed or made by kiva.yaml.
func chooseEnvironment(set *spec.Set) (Environment, error) {
	e, ok := LookUp(set, set.Environment)
	if !ok {
		return Environment{}, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("there is no environment %q", set.Environment),
			"known are %s; any other needs token_url and api_url under environments in kiva.yaml", strings.Join(Environments(set), ", ")))
	}
	if !e.Sandbox() && e.TokenURL == "" && e.Own.Issuer == "" {
		return e, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("%s: environments.%s: token_url and api_url are needed", e.Own.Pos, e.Name), "for a provider that publishes its addresses, issuer will do"))
	}
	return e, nil
}

// LookUp returns an environment by its name.
func LookUp(set *spec.Set, name string) (Environment, bool) {
	preset, known := auth.Preset(name)
	own, made := set.Settings.Environments[name]
	preset.Name = name
	Replace(&preset.TokenURL, own.TokenURL)
	Replace(&preset.Audience, own.Audience)
	Replace(&preset.APIURL, own.APIURL)
	Replace(&preset.PublicURL, own.PublicURL)
	e := Environment{Environment: preset, Own: own}
	e.Declared = e.destinations()
	return e, known || made
}

// Replace sets *s to by, if that is given.
func Replace(s *string, by string) {
	if by != "" {
		*s = by
	}
}

// Environments names the environments that can be chosen.
func Environments(set *spec.Set) []string {
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

// Settings reads kiva.yaml where there is one. Without a workspace there are
// Kiva's environments.
func (a *App) Settings(ctx context.Context) (*spec.Set, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.Dir, load.Options{Environment: a.Environment})
	if absent := (*spec.Fault)(nil); errors.As(err, &absent) && a.Dir == "." {
		return &spec.Set{Environment: a.Environment, Dir: "."}, nil
	}
	if err != nil {
		return nil, err
	}
	return set, set.Err(nil)
}

// Production is the name of the environment that is Kiva itself.
const Production = "production"
