package setup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/spec"
)

// A source gives the words that may stand at one place of a command line: those
// that go on from what was typed of the word, with the arguments before it left
// out. It asks nobody, and gives nothing where it fails.
type source func(ctx context.Context, begun string, given []string) []cobra.Completion

// completing is how long somebody waits who has pressed the tab key. What isn't
// found by then is left out.
const completing = time.Second

// A Completer completes words of one run's command line. The lists are what the
// commands know; sources that look into the workspace are its methods.
type Completer struct {
	*session.App
	choices Words
}

// Words are the fixed values of flags and arguments, from the packages of their
// commands.
type Words struct {
	Formats, ItemKinds, OwnStatuses, LoanStatuses []string
	Explained                                     func() []cobra.Completion
}

// Completions say what completes the arguments of commands and the values of
// flags, by their place: "apply", "apply --resend", "--env" of every command.
func (a *Completer) Completions() map[string]cobra.CompletionFunc {
	return map[string]cobra.CompletionFunc{
		"--chdir":                  folderNames,
		"--env":                    complete(a.environmentNames),
		"--color":                  complete(choices("auto", "always", "never")),
		"--personal":               complete(choices("auto", "show", "mask")),
		"init":                     folderNames,
		"init --csv-format":        complete(choices(string(spec.TwoColumn), string(spec.ThreeColumn))),
		"init --repayment-amounts": complete(choices(string(spec.CumulativePrincipal), string(spec.OutstandingPrincipal), string(spec.PaidThisPeriod))),
		"plan --format":            complete(choices(a.choices.Formats...)),
		"plan --lang":              complete(choices("en", "es", "fr")),
		"plan --out":               fileNames("kfplan"),
		"plan --json-into":         fileNames(),
		"apply":                    fileNames("kfplan"),
		"apply --resend":           complete(a.resendable),
		"apply --on-unknown":       complete(choices("stop", "continue")),
		"apply --json-into":        fileNames(),
		"validate --json-into":     fileNames(),
		"todo --done":              complete(a.unfinished),
		"resolve":                  complete(first(a.undecided)),
		"resolve --file":           fileNames("yaml", "yml"),
		"ack":                      complete(a.edited),
		"adopt --status":           complete(choices(a.choices.LoanStatuses...)),
		"adopt --write":            folderNames,
		"status":                   complete(first(a.addresses)),
		"status --kind":            complete(choices(a.choices.ItemKinds...)),
		"status --status":          complete(choices(a.choices.OwnStatuses...)),
		"show":                     fileNames("kfplan"),
		"show --format":            complete(choices(a.choices.Formats...)),
		"schema --output":          complete(choices("plan", "events")),
		"show --lang":              complete(choices("en", "es", "fr")),
		"ledger list":              complete(first(a.sent)),
		"ledger show":              complete(first(a.sent)),
		"ledger copy":              folderNames,
		"ledger merge":             folderNames,
		"ledger export --format":   complete(choices("jsonl", "csv")),
		"catalog list":             complete(a.catalogWords),
		"convert":                  fileNames("csv", "json"),
		"convert --kind":           complete(choices("loan-draft", "journal", "repayment")),
		"convert --set":            a.completeSet,
		"convert --out":            fileNames("yaml", "yml"),
		"public search --gender":   complete(choices("female", "male")),
		"public search --status":   complete(choices("fundraising", "funded", "in_repayment", "paid", "ended_with_loss")),
		"public search --sort-by":  complete(choices("newest", "oldest", "popularity", "loan_amount", "expiration", "amount_remaining", "repayment_term")),
		"env show":                 complete(first(a.environmentNames)),
		"env diff":                 complete(a.environmentNames),
		"auth exec":                fileNames(),
		"schema --out":             fileNames("json"),
		"explain":                  complete(a.explainWords),
		"fmt":                      fileNames("yaml", "yml"),
	}
}

// describeCompletion says in plain words what the library's command does.
func describeCompletion(root *cobra.Command) {
	c, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	c.Short = "Make your shell complete commands, addresses and names"
	c.Long = `Print the script by which a shell completes what is begun: commands and flags,
addresses from the files and the ledger, environments, names of catalog.yaml,
codes and fields. Nothing is asked of anybody for it.

How a shell takes the script, "kivaform completion SHELL --help" says.`
	for _, shell := range c.Commands() {
		shell.Short = "Print the script for " + shell.Name()
		shell.Example = "  kivaform completion " + shell.Name()
	}
	c.Example = "  kivaform completion bash --help\n  source <(kivaform completion bash)"
}

// CompleteValues makes the shell complete what completions says, and names of
// files only where files are meant.
func CompleteValues(a *session.App, root *cobra.Command, w Words) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.InitDefaultCompletionCmd()
	describeCompletion(root)
	for place, f := range (&Completer{a, w}).Completions() {
		c, flag := PlaceOf(root, place)
		switch {
		case c == nil:
		case flag == "":
			c.ValidArgsFunction = f
		case c.Flag(flag) != nil:
			c.RegisterFlagCompletionFunc(flag, f) // it fails only for one that isn't there, or twice
		}
	}
}

// PlaceOf returns the command of a place, nil where there is none, and the flag
// if it has one.
func PlaceOf(root *cobra.Command, place string) (c *cobra.Command, flag string) {
	path, flag, _ := strings.Cut(place, "--")
	names := strings.Fields(path)
	c, rest, err := root.Find(names)
	if err != nil || len(rest) > 0 {
		return nil, flag
	}
	return c, flag
}

// complete completes from a source, and not with names of files.
func complete(s source) cobra.CompletionFunc {
	return func(cmd *cobra.Command, given []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, completing)
		defer cancel()
		found := s(ctx, begun, given)
		found = slices.DeleteFunc(found, func(c cobra.Completion) bool {
			word, _, _ := strings.Cut(c, "\t")
			return !strings.HasPrefix(word, begun) || slices.Contains(given, word)
		})
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// choices is a source of fixed words.
func choices(all ...string) source {
	return func(context.Context, string, []string) []cobra.Completion { return slices.Clone(all) }
}

// first is a source of the first argument only.
func first(s source) source {
	return func(ctx context.Context, begun string, given []string) []cobra.Completion {
		if len(given) > 0 {
			return nil
		}
		return s(ctx, begun, given)
	}
}

// fileNames completes the names of files with one of some endings, or of any.
func fileNames(endings ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(endings) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return slices.Clone(endings), cobra.ShellCompDirectiveFilterFileExt
	}
}

func folderNames(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
