package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kivaform/kiva/auth"
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
	"kivaform/kiva/public"
	"kivaform/plan"
)

// hosts returns where requests may go.
func (a *app) hosts() (egress.Hosts, error) {
	hosts, err := egress.ParseHosts(a.getenv(egress.Variable))
	if err != nil {
		return egress.Hosts{}, withCode(exitInvalid, hint.With(err, "kivaform help hosts"))
	}
	hosts = hosts.With(public.Kiva)
	if a.served != "" {
		hosts = hosts.With(a.served)
	}
	return hosts, nil
}

// An address is one to which an environment sends requests.
type address struct{ key, value string }

// addresses returns those that are known, by their keys in kiva.yaml.
func (e environment) addresses() []address {
	return slices.DeleteFunc([]address{
		{"token_url", e.TokenURL}, {"api_url", e.APIURL}, {"public_url", e.PublicURL},
		{"issuer", e.own.Issuer}, {"jwks_uri", e.own.JWKSURI}, {"introspection_url", e.own.Introspection},
	}, func(a address) bool { return a.value == "" })
}

// destinations returns what kiva.yaml and the preset say about where and how
// requests go.
func (e environment) destinations() (list []plan.Destination) {
	preset, _ := auth.Preset(e.Name)
	for _, d := range []struct{ key, value, preset string }{
		{"token_url", e.TokenURL, preset.TokenURL}, {"audience", e.Audience, preset.Audience}, {"api_url", e.APIURL, preset.APIURL},
		{"public_url", e.PublicURL, preset.PublicURL}, {"issuer", e.own.Issuer, ""}, {"resource", e.own.Resource, ""},
		{"jwks_uri", e.own.JWKSURI, ""}, {"introspection_url", e.own.Introspection, ""},
		{"journals_path", e.own.JournalsPath, ""}, {"journals_body", e.own.JournalsBody, ""},
	} {
		if d.value != "" {
			list = append(list, plan.Destination{Key: d.key, Value: d.value, Own: d.value != d.preset})
		}
	}
	return list
}

// checkAddresses refuses an environment that has an address at a host that
// isn't allowed. It comes before any request, and again when the issuer has
// published more addresses.
func (w *workspace) checkAddresses() error {
	refused, entries, err := w.app.refusedAddresses(w.env)
	if err != nil || len(refused) == 0 {
		return err
	}
	message := "no secret, token or draft goes to an address that kiva.yaml alone names:\n  " + strings.Join(refused, "\n  ")
	err = errors.New(message)
	if len(entries) > 0 {
		err = hint.With(err, "where you trust what is there, set %s (kivaform help hosts)", w.app.allowing(entries))
	}
	return withCode(exitRefused, err)
}

// refusedAddresses tells, of each address of an environment that isn't allowed,
// its place and why, and what would allow it.
func (a *app) refusedAddresses(e environment) (refused, entries []string, err error) {
	hosts, err := a.hosts()
	if err != nil {
		return nil, nil, err
	}
	for _, address := range e.addresses() {
		err := hosts.Check(address.value)
		if err == nil {
			continue
		}
		refused = append(refused, fmt.Sprintf("%s: environments.%s.%s: %v", e.positionOf(address.key), e.Name, address.key, err))
		if r := (*egress.RefusedError)(nil); errors.As(err, &r) && r.Entry != "" {
			entries = append(entries, r.Entry)
		}
	}
	return refused, entries, nil
}

// positionOf returns where an address is written, or for one that the issuer
// published where the issuer is.
func (e environment) positionOf(key string) string {
	if pos, written := e.own.AddressPos[key]; written {
		return pos.String()
	}
	if pos, written := e.own.AddressPos["issuer"]; written {
		return pos.String() + " (published by the issuer)"
	}
	return e.own.Pos.String()
}

// allowing returns the variable with the value that allows more hosts.
func (a *app) allowing(entries []string) string {
	var all []string
	for _, entry := range append(strings.Split(a.getenv(egress.Variable), ","), entries...) {
		if entry = strings.TrimSpace(entry); entry != "" && !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return egress.Variable + "=" + strings.Join(all, ",")
}
