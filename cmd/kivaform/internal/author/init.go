// Package author has the commands for writing files: init, convert, catalog, fmt,
// schema, explain.
package author

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/input"
	"kivaform/spec/load"
)

// initOptions are the flags of init, or the answers to its questions, and the
// data of the templates.
type initOptions struct {
	PartnerID, Environment, CSVFormat, Amounts string
	Nested                                     bool
	Today                                      time.Time
}

// InitCommand returns "kivaform init".
func InitCommand(a *session.App) *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a new workspace",
		Long: `Make kiva.yaml, a .gitignore and an example of a loan draft. On a terminal it asks
for what no flag says. It changes no file that is there already.

Below another workspace it makes one with --nested only: from then on, the outer
one doesn't read what is in that folder.

A new workspace works on the sandbox on this machine, so nothing reaches Kiva
until --env, or kiva.yaml, names another environment. For another one the
example stands in a folder that is ignored, so that it is never sent.`,
		Example: `  kivaform init
  kivaform init loans-kenya --partner-id 145 --csv-format three-column`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := a.Dir
			if len(args) > 0 {
				dir = filepath.Join(a.Dir, args[0])
			}
			if err := a.Check(); err != nil {
				return err
			}
			if err := a.CheckStaysInClone("make the workspace: "+dir, dir); err != nil {
				return err
			}
			o.Environment, o.Today = a.Environment, time.Now()
			return runInit(cmd.Context(), a, dir, o, cmd.Flags().Changed)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.PartnerID, "partner-id", "", "the partner's number: PA2 > Account > Profile")
	flags.StringVar(&o.CSVFormat, "csv-format", string(spec.ThreeColumn), "two-column or three-column: PA2 > Account > Profile")
	flags.BoolVar(&o.Nested, "nested", false, "make it also below another workspace, which then doesn't read it")
	flags.StringVar(&o.Amounts, "repayment-amounts", "", "cumulative-principal, outstanding-principal or paid-this-period: ask Kiva, a report needs it")
	return c
}

func runInit(ctx context.Context, a *session.App, dir string, o initOptions, given func(flag string) bool) error {
	if err := checkNoWorkspace(dir, o.Nested); err != nil {
		return err
	}
	if _, asks := cli.TerminalWidth(a.In); asks {
		if err := askOptions(ctx, a, &o, given); err != nil {
			return err
		}
	}
	if err := o.check(); err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	return writeWorkspace(a, dir, o)
}

// checkNoWorkspace refuses a folder that is a workspace, or below one unless
// nested is set.
func checkNoWorkspace(dir string, nested bool) error {
	for _, name := range cli.SettingsNames {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return cli.WithCode(cli.ExitRefused, fmt.Errorf("%s is there already: nothing was written", filepath.Join(dir, name)))
		}
	}
	if outer := load.Above(dir); outer != "" && !nested {
		if whole, err := filepath.Abs(outer); err == nil {
			outer = whole
		}
		return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("%s is below the workspace %s, which would read nothing in it any more: nothing was written", dir, outer),
			"kivaform -C %s works with that one; for one of its own: --nested", outer))
	}
	return nil
}

// askOptions asks for the options without a flag. An empty answer accepts the
// offered value.
func askOptions(ctx context.Context, a *session.App, o *initOptions, given func(string) bool) error {
	in := bufio.NewReader(a.In)
	for _, q := range []struct {
		flag, text string
		to         *string
		offer      string
	}{
		{"env", "Environment (" + strings.Join(presetNames(), ", ") + ")", &o.Environment, spec.Sandbox},
		{"partner-id", "Partner's number (PA2 > Account > Profile; may be empty)", &o.PartnerID, ""},
		{"csv-format", "CSV format (two-column, three-column: PA2 > Account > Profile)", &o.CSVFormat, o.CSVFormat},
		{"repayment-amounts", "Repayments are (cumulative-principal, outstanding-principal, paid-this-period: ask Kiva; may be empty until the first report)", &o.Amounts, o.Amounts},
	} {
		if given(q.flag) {
			continue
		}
		fmt.Fprintf(a.Err, "%s [%s]: ", q.text, q.offer)
		answer, err := cli.ReadLine(ctx, in)
		if ctx.Err() != nil {
			fmt.Fprintln(a.Err)
			return err
		}
		if *q.to = answer; answer == "" {
			*q.to = q.offer
		}
	}
	return nil
}

func presetNames() []string {
	var names []string
	for _, p := range auth.Presets() {
		names = append(names, p.Name)
	}
	return names
}

func (o *initOptions) check() error {
	if o.Environment == "" {
		o.Environment = spec.Sandbox
	}
	var errs []error
	oneOf := func(flag, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			errs = append(errs, fmt.Errorf("%s is %s, not %q", flag, strings.Join(allowed, ", "), value))
		}
	}
	oneOf("--env", o.Environment, presetNames()...)
	oneOf("--csv-format", o.CSVFormat, string(spec.TwoColumn), string(spec.ThreeColumn))
	if o.Amounts != "" {
		oneOf("--repayment-amounts", o.Amounts, string(spec.CumulativePrincipal), string(spec.OutstandingPrincipal), string(spec.PaidThisPeriod))
	}
	if strings.Trim(o.PartnerID, "0123456789") != "" {
		errs = append(errs, fmt.Errorf("--partner-id is digits, not %q", o.PartnerID))
	}
	return errors.Join(errs...)
}

// Sandbox reports whether the workspace is for the sandbox alone.
func (o initOptions) Sandbox() bool { return o.Environment == spec.Sandbox }

// Day returns the date of a number of days from today.
func (o initOptions) Day(days int) string { return o.Today.AddDate(0, 0, days).Format(time.DateOnly) }

func writeWorkspace(a *session.App, dir string, o initOptions) error {
	example := "loans/example.yaml"
	if !o.Sandbox() {
		example = "examples/loan.yaml"
	}
	files := []struct{ name, text string }{
		{"kiva.yaml", settingsTemplate}, {".gitignore", ignoreTemplate}, {example, exampleTemplate},
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- the user's own files, committed to git
		return fmt.Errorf("make the workspace: %w", err)
	}
	root, err := os.OpenRoot(dir) // existing links can't lead out of it
	if err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	defer root.Close()
	for _, file := range files {
		text := new(strings.Builder)
		if err := template.Must(template.New(file.name).Parse(file.text)).Execute(text, o); err != nil {
			return err
		}
		written := filepath.Join(dir, filepath.FromSlash(file.name))
		switch err := cli.CreateIn(root, file.name, text.String()); {
		case errors.Is(err, fs.ErrExist):
			fmt.Fprintf(a.Out, "kept   %s as it is\n", written)
		case err != nil:
			return fmt.Errorf("make the workspace: %w", err)
		default:
			fmt.Fprintf(a.Out, "wrote  %s\n", written)
		}
	}
	if err := warnNotIgnored(a, root, ".gitignore"); err != nil {
		return err
	}
	next := ""
	if dir != "." {
		next = " -C " + dir
	}
	_, err = fmt.Fprintf(a.Out, "\nNext: kivaform%s catalog pull, then kivaform%s plan\n", next, next)
	return err
}

// warnNotIgnored warns of an existing .gitignore that would let the sandbox's data
// into git.
func warnNotIgnored(a *session.App, root *os.Root, name string) error {
	f, err := input.Open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := input.ReadAll(context.Background(), f, nil, session.MaxInput)
	if err != nil {
		return err
	}
	file := filepath.Join(root.Name(), name)
	for line := range strings.Lines(string(data)) {
		if strings.Trim(strings.TrimSpace(line), "/") == session.DataFolder {
			return nil
		}
	}
	_, err = fmt.Fprintf(a.Err, "warning: %s doesn't name %s/; add that line: the folder is for this machine alone\n", file, session.DataFolder)
	return err
}

const settingsTemplate = `# What kivaform must know of this partner.
version: 1
{{if .PartnerID}}partner_id: "{{.PartnerID}}"{{else}}# partner_id: "145"   # PA2 > Account > Profile; without it, the token says it{{end}}
environment: {{.Environment}}{{if .Sandbox}}   # a practice Kiva on this machine; then staging, then production{{end}}
csv_format: {{.CSVFormat}}   # PA2 > Account > Profile > CSV upload format
{{if .Amounts}}repayment_amounts: {{.Amounts}}   # ask Kiva which it is for you
{{else}}# What the amounts of repayment reports are. Ask Kiva which it is for you, and
# write it before the first report: cumulative-principal (all repaid so far),
# outstanding-principal (all still owed) or paid-this-period (in the month alone).
# repayment_amounts:
{{end}}limits: {drafts: 200}   # one apply sends no more
{{if not .Sandbox}}
# The example stands here. It is never read.
ignore: [examples]
{{end}}
# What every loan draft has, unless it says otherwise. Names work, too, once
# "kivaform catalog pull" has written catalog.yaml.
{{if .Sandbox}}defaults:
  loan_draft: {currency: KES, theme_type_id: 48, description_language_id: 1}
{{else}}# defaults:
#   loan_draft: {currency: KES, theme: General, description_language: English}
{{end}}`

const ignoreTemplate = `# The sandbox's data on this machine. (The ledger is not here: commit
# it, it says what was sent.)
.kivaform/
`

const exampleTemplate = `# An example, of an invented borrower.{{if .Sandbox}} Delete it before you work with Kiva itself.{{else}} Copy it to another folder to begin.{{end}}
kind: LoanDraft
entreps:
  - {loan_id: EXAMPLE-1, client_id: "00001", first_name: Mary, last_name: Wanjiku, gender: female, amount: 50000}
activity_id: 61
location: "Nakuru: Kenya"
{{if not .Sandbox}}currency: KES
theme_type_id: 48
description_language_id: 1
{{end}}client_waiver_signed: true
loanuse: to buy a second dairy cow
description: >
  Mary keeps one cow behind her house and sells the milk to her neighbours
  before sunrise. With a second cow she can supply the tea house at the corner.
disburse_time: {{.Day 14}}
# image: ../photos/EXAMPLE-1.jpg   # relative to this file
schedule:
  - {date: {{.Day 45}}, principal: 25000, interest: 750}
  - {date: {{.Day 75}}, principal: 25000, interest: 375}
`
