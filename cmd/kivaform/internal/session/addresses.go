package session

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/auth"
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
	"kivaform/kiva/public"
	"kivaform/plan"
)

// hosts returns where requests may go.
func (a *App) hosts() (egress.Hosts, error) {
	hosts, err := egress.ParseHosts(a.Getenv(egress.Variable))
	if err != nil {
		return egress.Hosts{}, cli.WithCode(cli.ExitInvalid, hint.With(err, "kivaform help hosts"))
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
func (e Environment) addresses() []address {
	return slices.DeleteFunc([]address{
		{"token_url", e.TokenURL}, {"api_url", e.APIURL}, {"public_url", e.PublicURL},
		{"issuer", e.Own.Issuer}, {"jwks_uri", e.Own.JWKSURI}, {"introspection_url", e.Own.Introspection},
	}, func(a address) bool { return a.value == "" })
}

// destinations returns what kiva.yaml and the preset say about where and how
// requests go.
func (e Environment) destinations() (list []plan.Destination) {
	preset, _ := auth.Preset(e.Name)
	for _, d := range []struct{ key, value, preset string }{
		{"token_url", e.TokenURL, preset.TokenURL}, {"audience", e.Audience, preset.Audience}, {"api_url", e.APIURL, preset.APIURL},
		{"public_url", e.PublicURL, preset.PublicURL}, {"issuer", e.Own.Issuer, ""}, {"resource", e.Own.Resource, ""},
		{"jwks_uri", e.Own.JWKSURI, ""}, {"introspection_url", e.Own.Introspection, ""},
		{"journals_path", e.Own.JournalsPath, ""}, {"journals_body", e.Own.JournalsBody, ""},
	} {
		if d.value != "" {
			list = append(list, plan.Destination{Key: d.key, Value: d.value, Own: d.value != d.preset})
		}
	}
	return list
}

// Destinations returns the environment's destinations, and the ledger that
// records what goes there: another ledger may not know that a plan was used.
func (w *Workspace) Destinations() []plan.Destination {
	own := w.Env.Own.Ledger != "" || w.Set.Settings.Ledger != ""
	return append(slices.Clone(w.Env.Declared), plan.Destination{Key: "ledger", Value: Redacted(w.LedgerPlace()), Own: own})
}

// PlanSettings returns the settings of kiva.yaml that change requests, and that
// neither an item's fields nor a destination shows.
func (w *Workspace) PlanSettings() (list []plan.Setting) {
	s := w.Set.Settings
	for _, setting := range []plan.Setting{
		{Key: "csv_format", Value: string(s.CSVFormat)},
		{Key: "repayment_amounts", Value: string(s.RepaymentAmounts)},
		{Key: "photos.max_pixels", Value: countText(s.Photos.MaxPixels)},
		{Key: "photos.max_bytes", Value: countText(s.Photos.MaxBytes)},
	} {
		if setting.Value != "" {
			list = append(list, setting)
		}
	}
	return list
}

// countText writes a number, and a zero, which stands for the default, as "".
func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// CheckAddresses refuses an environment that has an address at a host that
// isn't allowed. It comes before any request, and again when the issuer has
// published more addresses.
func (w *Workspace) CheckAddresses() error {
	refused, entries, err := w.App.RefusedAddresses(w.Env)
	if err != nil || len(refused) == 0 {
		return err
	}
	message := "no secret, token or draft goes to an address that kiva.yaml alone names:\n  " + strings.Join(refused, "\n  ")
	err = errors.New(message)
	if len(entries) > 0 {
		err = hint.With(err, "where you trust what is there, set %s (kivaform help hosts)", w.App.Allowing(entries))
	}
	return cli.WithCode(cli.ExitRefused, err)
}

// RefusedAddresses tells, of each address of an environment that isn't allowed,
// its place and why, and what would allow it.
func (a *App) RefusedAddresses(e Environment) (refused, entries []string, err error) {
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
func (e Environment) positionOf(key string) string {
	if pos, written := e.Own.AddressPos[key]; written {
		return pos.String()
	}
	if pos, written := e.Own.AddressPos["issuer"]; written {
		return pos.String() + " (published by the issuer)"
	}
	return e.Own.Pos.String()
}

// Allowing returns the variable with the value that allows more hosts.
func (a *App) Allowing(entries []string) string {
	var all []string
	for _, entry := range append(strings.Split(a.Getenv(egress.Variable), ","), entries...) {
		if entry = strings.TrimSpace(entry); entry != "" && !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return egress.Variable + "=" + strings.Join(all, ",")
}
