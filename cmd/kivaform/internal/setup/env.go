// Package setup has the commands for a workspace's counterparts: env, auth,
// sandbox; and the completion of shells.
package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/spec"
)

// EnvCommand returns "kivaform env".
func EnvCommand(a *session.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "env",
		Short: "Show the environments: addresses, where they come from, how sure they are",
		Long: `Show the environments that can be chosen: Kiva's, and those that kiva.yaml adds.
Nothing is asked of anybody.`,
		Example: "  kivaform env list\n  kivaform env diff staging production",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(envListCommand(a), envShowCommand(a), envDiffCommand(a))
	return c
}

// environmentView is the public form of an environment, with kiva.yaml's names.
type environmentView struct {
	Name          string   `json:"name"`
	Chosen        bool     `json:"chosen"`
	TokenURL      string   `json:"token_url,omitempty"`
	Audience      string   `json:"audience,omitempty"`
	APIURL        string   `json:"api_url,omitempty"`
	PublicURL     string   `json:"public_url,omitempty"`
	Issuer        string   `json:"issuer,omitempty"`
	Resource      string   `json:"resource,omitempty"`
	Scopes        []string `json:"scopes,omitempty"`
	JWKSURI       string   `json:"jwks_uri,omitempty"`
	Introspection string   `json:"introspection_url,omitempty"`
	Source        string   `json:"source"`
	Certainty     string   `json:"certainty"`
	Note          string   `json:"note,omitempty"`
	Changed       bool     `json:"changed"`           // by kiva.yaml
	Refused       []string `json:"refused,omitempty"` // addresses that aren't allowed, each with its position and reason
	Allow         string   `json:"allow,omitempty"`   // the variable that allows them
}

func viewEnvironment(set *spec.Set, name string) (environmentView, error) {
	e, ok := session.LookUp(set, name)
	if !ok {
		return environmentView{}, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("there is no environment %q", name), "known are %s", strings.Join(session.Environments(set), ", ")))
	}
	preset, _ := auth.Preset(name)
	v := environmentView{
		Name: name, Chosen: name == set.Environment, TokenURL: e.TokenURL, Audience: e.Audience, APIURL: e.APIURL, PublicURL: e.PublicURL,
		Issuer: e.Own.Issuer, Resource: e.Own.Resource, Scopes: e.Own.Scopes, JWKSURI: e.Own.JWKSURI, Introspection: e.Own.Introspection,
		Source: e.Source, Certainty: e.Certainty, Note: e.Note,
	}
	v.Changed = preset.TokenURL != e.TokenURL || preset.Audience != e.Audience || preset.APIURL != e.APIURL || preset.PublicURL != e.PublicURL ||
		e.Own.Issuer != "" || e.Own.JWKSURI != "" || e.Own.Introspection != "" || e.Own.Resource != "" || len(e.Own.Scopes) > 0
	switch {
	case v.Source == "":
		v.Source, v.Certainty = e.Own.Pos.String(), "made by kiva.yaml"
	case v.Changed:
		v.Source += "; changed at " + e.Own.Pos.String()
	}
	return v, nil
}

func envListCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List all environments",
		Example: "  kivaform env list\n  kivaform env list --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runEnvList(cmd.Context(), a, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runEnvList(ctx context.Context, a *session.App, asJSON bool) error {
	set, err := a.Settings(ctx)
	if err != nil {
		return err
	}
	var views []environmentView
	for _, name := range session.Environments(set) {
		v, err := viewEnvironment(set, name)
		if err != nil {
			return err
		}
		views = append(views, v)
	}
	if asJSON {
		return a.WriteJSON(views)
	}
	return printEnvironments(a, views)
}

func printEnvironments(a *session.App, views []environmentView) error {
	table := a.NewTable()
	for _, v := range views {
		mark := " "
		if v.Chosen {
			mark = "*"
		}
		address := v.APIURL
		if address == "" {
			address = v.Issuer
		}
		fmt.Fprintf(table, "%s %s\t%s\t%s\n", mark, v.Name, cli.OrDash(address), v.Certainty)
	}
	return table.Flush()
}

func envShowCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "show NAME",
		Short:   "Show one environment",
		Example: "  kivaform env show production\n  kivaform env show staging --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runEnvShow(cmd.Context(), a, args[0], asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runEnvShow(ctx context.Context, a *session.App, name string, asJSON bool) error {
	set, err := a.Settings(ctx)
	if err != nil {
		return err
	}
	v, err := viewEnvironment(set, name)
	if err != nil {
		return err
	}
	if err := addRefused(a, &v, set); err != nil {
		return err
	}
	if asJSON {
		return a.WriteJSON(v)
	}
	return printEnvironment(a, v)
}

// addRefused adds the addresses that aren't allowed.
func addRefused(a *session.App, v *environmentView, set *spec.Set) error {
	e, _ := session.LookUp(set, v.Name)
	refused, entries, err := a.RefusedAddresses(e)
	if v.Refused = refused; len(entries) > 0 {
		v.Allow = a.Allowing(entries)
	}
	return err
}

func printEnvironment(a *session.App, v environmentView) error {
	table := a.NewTable()
	for _, row := range [][2]string{
		{"name", v.Name}, {"token_url", v.TokenURL}, {"audience", v.Audience}, {"api_url", v.APIURL}, {"public_url", v.PublicURL},
		{"issuer", v.Issuer}, {"resource", v.Resource}, {"scopes", strings.Join(v.Scopes, " ")}, {"jwks_uri", v.JWKSURI},
		{"introspection_url", v.Introspection}, {"source", v.Source}, {"certainty", v.Certainty}, {"note", v.Note},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
		}
	}
	for _, refused := range v.Refused {
		fmt.Fprintf(table, "not allowed\t%s\n", refused)
	}
	if v.Allow != "" {
		fmt.Fprintf(table, "to allow\t%s\n", v.Allow)
	}
	return table.Flush()
}

func envDiffCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Show what changes from one environment to another",
		Long: `Show what changes from one environment to another. From staging to production it
is the four values that Kiva's page "Using production environment" names: token
URL, audience and API URL (there one value), client id and client secret. Those
two are never shown: they come from the environment variables,
and each of Kiva's environments has its own.`,
		Example: "  kivaform env diff staging production",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runEnvDiff(cmd.Context(), a, args[0], args[1], asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runEnvDiff(ctx context.Context, a *session.App, nameA, nameB string, asJSON bool) error {
	set, err := a.Settings(ctx)
	if err != nil {
		return err
	}
	from, err := viewEnvironment(set, nameA)
	if err != nil {
		return err
	}
	to, err := viewEnvironment(set, nameB)
	if err != nil {
		return err
	}
	changes := compareEnvironments(from, to)
	if asJSON {
		return a.WriteJSON(changes)
	}
	return printEnvironmentChanges(a, from.Name, to.Name, changes)
}

// environmentChange is a value that differs. Credentials have a note in place of
// values.
type environmentChange struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Note string `json:"note,omitempty"`
}

const credentialsNote = "PA2 > Account > API Access > Access API Information" // #nosec G101 -- where a person finds them

func compareEnvironments(a, b environmentView) []environmentChange {
	changes := []environmentChange{
		{Name: "token_url", From: a.TokenURL, To: b.TokenURL}, {Name: "audience", From: a.Audience, To: b.Audience},
		{Name: "api_url", From: a.APIURL, To: b.APIURL},
		{Name: "client_id", Note: "KIVA_CLIENT_ID: " + credentialsNote}, {Name: "client_secret", Note: "KIVA_CLIENT_SECRET: " + credentialsNote},
		{Name: "public_url", From: a.PublicURL, To: b.PublicURL},
		{Name: "issuer", From: a.Issuer, To: b.Issuer}, {Name: "resource", From: a.Resource, To: b.Resource},
		{Name: "scopes", From: strings.Join(a.Scopes, " "), To: strings.Join(b.Scopes, " ")},
		{Name: "jwks_uri", From: a.JWKSURI, To: b.JWKSURI}, {Name: "introspection_url", From: a.Introspection, To: b.Introspection},
	}
	return slices.DeleteFunc(changes, func(c environmentChange) bool { return c.From == c.To && (c.Note == "" || a.Name == b.Name) })
}

func printEnvironmentChanges(a *session.App, from, to string, changes []environmentChange) error {
	fmt.Fprintf(a.Out, "from %s to %s:\n", from, to)
	table := a.NewTable()
	for _, c := range changes {
		if c.Note != "" {
			fmt.Fprintf(table, "  %s\tanother one\t%s\n", c.Name, c.Note)
			continue
		}
		fmt.Fprintf(table, "  %s\t%s\t-> %s\n", c.Name, cli.OrDash(c.From), cli.OrDash(c.To))
	}
	return table.Flush()
}
