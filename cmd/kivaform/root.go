package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/kiva/hint"
)

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, s streams, getenv func(string) string) int {
	a := &app{console: console{getenv: getenv, begun: time.Now()}}
	out := a.output(s.out)
	s.out, s.err = out, a.output(s.err)
	a.streams = s
	var profiles profiles
	root := newRoot(a, &profiles)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.failed
	}
	if err != nil {
		report(s.err, err)
	}
	if a.onGitHub() {
		a.annotate(errorAnnotations(err)...)
		a.printAnnotations()
	}
	if cut := a.events.end(err); cut != nil {
		report(s.err, cut)
		if err == nil {
			err = cut
		}
	}
	if err := profiles.stop(); err != nil {
		report(s.err, err)
	}
	return exitCode(err)
}

const groupHelp = "help"

// newRoot makes the command of the whole program.
func newRoot(a *app, p *profiles) *cobra.Command {
	root := &cobra.Command{
		Use:   "kivaform",
		Short: "Send loan drafts, journals and repayment reports to Kiva, each at most once",
		Long: `kivaform sends to Kiva what your files describe: loan drafts, journals and
repayment reports. "plan" says what would be sent, "apply" sends it and records
it, so that nothing is sent twice.

A new workspace works on a sandbox on this machine; no account is needed.`,
		Example: `  kivaform -C examples/quickstart plan
  kivaform -C examples/quickstart apply`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.start(&a.console) },
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              knownCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(wrongFlag)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.dir, "chdir", "C", ".", "the workspace: the folder of kiva.yaml")
	flags.StringVar(&a.environment, "env", "", "the environment, in place of the one in kiva.yaml")
	flags.StringVar(&a.color, "color", "auto", "colours: auto, always or never")
	flags.StringVar(&a.personal, "personal", "auto", "names, texts and photos: auto (in text on a terminal only), show or mask")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log each request on the standard error, without what is in it")
	p.register(flags)
	addGroup(root, "daily", "Every day:", a.initCommand(), a.validateCommand(), a.planCommand(), a.applyCommand(), a.todoCommand())
	addGroup(root, "decide", "Decide:", a.resolveCommand(), a.ackCommand(), a.adoptCommand())
	addGroup(root, "look", "Look:", a.statusCommand(), a.driftCommand(), a.showCommand(), a.ledgerCommand())
	addGroup(root, "bring-in", "Bring in:", a.catalogCommand(), a.convertCommand())
	addGroup(root, "setup", "Set up:", a.envCommand(), a.authCommand(), a.sandboxCommand())
	addGroup(root, groupHelp, "Help yourself:", a.fmtCommand(), a.schemaCommand(), a.explainCommand(), a.publicCommand(), versionCommand(a.out))
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	for _, c := range root.Commands() {
		wrapUsage(c)
	}
	addHelpPages(root)
	setHelp(root)
	a.completeValues(root, fixedWords{
		formats: formats, itemKinds: itemKinds, ownStatuses: ownStatuses, loanStatuses: loanStatuses(), explained: explainedNames,
	})
	return root
}

// addGroup adds commands below a title of the help.
func addGroup(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

// knownCommand refuses a command that isn't there, and names the nearest.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	root.SuggestionsMinimumDistance = 2
	remedy := root.CommandPath() + " --help lists all commands"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		remedy = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return withCode(exitInvalid, hint.With(fmt.Errorf("there is no command %q", args[0]), "%s", remedy))
}

// wrapUsage makes wrong arguments end with exitInvalid, and what isn't a command
// of a group tell of the nearest.
func wrapUsage(c *cobra.Command) {
	if args := c.Args; args != nil {
		c.Args = func(cmd *cobra.Command, given []string) error {
			err := args(cmd, given)
			if coded := (*codeError)(nil); errors.As(err, &coded) {
				return err
			}
			if err != nil {
				return withCode(exitInvalid, hint.With(err, "see %s --help", cmd.CommandPath()))
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapUsage(sub)
	}
	if c.HasSubCommands() {
		c.Args = knownCommand
	}
}

func versionCommand(out io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  kivaform version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(out, "kivaform %s (%s, %s/%s)\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
