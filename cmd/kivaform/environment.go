package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/load"
)

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

// settings reads kiva.yaml where there is one. Without a workspace there are
// Kiva's environments.
func (a *app) settings(ctx context.Context) (*spec.Set, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.dir, load.Options{Environment: a.environment})
	if absent := (*spec.Fault)(nil); errors.As(err, &absent) && a.dir == "." {
		return &spec.Set{Environment: a.environment, Dir: "."}, nil
	}
	if err != nil {
		return nil, err
	}
	return set, set.Err(nil)
}

const production = "production"
