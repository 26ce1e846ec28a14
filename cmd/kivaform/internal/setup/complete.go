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

// A wordSource returns the words for one position of a command line: begun is the
// unfinished word, given the arguments before it. It makes no request, and returns
// nil if it fails.
type wordSource func(ctx context.Context, begun string, given []string) []cobra.Completion

// completionTime bounds a completion, because the user waits for it. Words that
// aren't found by then are omitted.
const completionTime = time.Second

// A Completer completes words of one run's command line. Its methods are the
// sources that read the workspace.
type Completer struct {
	*session.App
	words Words
}

// Words are the fixed values of flags and arguments, from their commands'
// packages.
type Words struct {
	Formats, ItemKinds, OwnStatuses, LoanStatuses []string
	Explained                                     func() []cobra.Completion
}

// Completions returns the completions of arguments and flags, by their place:
// "apply" for its arguments, "apply --resend", "--env" for every command.
func (a *Completer) Completions() map[string]cobra.CompletionFunc {
	return map[string]cobra.CompletionFunc{
		"--chdir":                  folderNames,
		"--env":                    complete(a.environmentNames),
		"--color":                  complete(fixedWords("auto", "always", "never")),
		"--personal":               complete(fixedWords("auto", "show", "mask")),
		"init":                     folderNames,
		"init --csv-format":        complete(fixedWords(string(spec.TwoColumn), string(spec.ThreeColumn))),
		"init --repayment-amounts": complete(fixedWords(string(spec.CumulativePrincipal), string(spec.OutstandingPrincipal), string(spec.PaidThisPeriod))),
		"plan --format":            complete(fixedWords(a.words.Formats...)),
		"plan --lang":              complete(fixedWords("en", "es", "fr")),
		"plan --out":               fileNames("kfplan"),
		"plan --json-into":         fileNames(),
		"apply":                    fileNames("kfplan"),
		"apply --resend":           complete(a.resendable),
		"apply --on-unknown":       complete(fixedWords("stop", "continue")),
		"apply --json-into":        fileNames(),
		"validate --json-into":     fileNames(),
		"todo --done":              complete(a.unfinished),
		"todo --undone":            complete(a.finalised),
		"resolve":                  complete(firstOnly(a.undecided)),
		"resolve --file":           fileNames("yaml", "yml"),
		"ack":                      complete(a.edited),
		"adopt --status":           complete(fixedWords(a.words.LoanStatuses...)),
		"adopt --write":            folderNames,
		"status":                   complete(firstOnly(a.addresses)),
		"status --kind":            complete(fixedWords(a.words.ItemKinds...)),
		"status --status":          complete(fixedWords(a.words.OwnStatuses...)),
		"show":                     fileNames("kfplan"),
		"show --format":            complete(fixedWords(a.words.Formats...)),
		"schema --output":          complete(fixedWords("plan", "events")),
		"show --lang":              complete(fixedWords("en", "es", "fr")),
		"ledger list":              complete(firstOnly(a.sent)),
		"ledger show":              complete(firstOnly(a.sent)),
		"ledger copy":              folderNames,
		"ledger merge":             folderNames,
		"ledger export --format":   complete(fixedWords("jsonl", "csv")),
		"catalog list":             complete(a.catalogWords),
		"convert":                  fileNames("csv", "json"),
		"convert --kind":           complete(fixedWords("loan-draft", "journal", "repayment")),
		"convert --set":            a.completeSet,
		"convert --out":            fileNames("yaml", "yml"),
		"public search --gender":   complete(fixedWords("female", "male")),
		"public search --status":   complete(fixedWords("fundraising", "funded", "in_repayment", "paid", "ended_with_loss")),
		"public search --sort-by":  complete(fixedWords("newest", "oldest", "popularity", "loan_amount", "expiration", "amount_remaining", "repayment_term")),
		"env show":                 complete(firstOnly(a.environmentNames)),
		"env diff":                 complete(a.environmentNames),
		"auth exec":                fileNames(),
		"schema --out":             fileNames("json"),
		"explain":                  complete(a.explainWords),
		"fmt":                      fileNames("yaml", "yml"),
	}
}

// describeCompletion replaces the help of the library's command.
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

// CompleteValues adds the completions to the commands, and names of files only to
// those that take files.
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
			c.RegisterFlagCompletionFunc(flag, f) // fails only for an unknown or repeated flag
		}
	}
}

// PlaceOf returns the command of a place, or nil, and its flag, or "".
func PlaceOf(root *cobra.Command, place string) (c *cobra.Command, flag string) {
	path, flag, _ := strings.Cut(place, "--")
	names := strings.Fields(path)
	c, rest, err := root.Find(names)
	if err != nil || len(rest) > 0 {
		return nil, flag
	}
	return c, flag
}

// complete completes from a source, without names of files.
func complete(s wordSource) cobra.CompletionFunc {
	return func(cmd *cobra.Command, given []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, completionTime)
		defer cancel()
		found := s(ctx, begun, given)
		found = slices.DeleteFunc(found, func(c cobra.Completion) bool {
			word, _, _ := strings.Cut(c, "\t")
			return !strings.HasPrefix(word, begun) || slices.Contains(given, word)
		})
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// fixedWords is a source of fixed words.
func fixedWords(all ...string) wordSource {
	return func(context.Context, string, []string) []cobra.Completion { return slices.Clone(all) }
}

// firstOnly restricts a source to the first argument.
func firstOnly(s wordSource) wordSource {
	return func(ctx context.Context, begun string, given []string) []cobra.Completion {
		if len(given) > 0 {
			return nil
		}
		return s(ctx, begun, given)
	}
}

// fileNames completes names of files with one of the endings, or with any.
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
