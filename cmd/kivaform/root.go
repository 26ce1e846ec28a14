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

	"kivaform/cmd/kivaform/internal/author"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/decide"
	"kivaform/cmd/kivaform/internal/look"
	"kivaform/cmd/kivaform/internal/send"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/cmd/kivaform/internal/setup"
	"kivaform/kiva/hint"
)

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, s cli.Streams, getenv func(string) string) int {
	return runApp(ctx, new(session.App), args, s, getenv)
}

// runApp runs one command as a, and returns the exit code.
func runApp(ctx context.Context, a *session.App, args []string, s cli.Streams, getenv func(string) string) int {
	a.Console = cli.Console{Getenv: getenv, Begun: time.Now()}
	out := a.Output(s.Out)
	s.Out, s.Err = out, a.Output(s.Err)
	a.Streams = s
	var profiles cli.Profiles
	root := newRoot(a, &profiles)
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.Failed
	}
	if err != nil {
		session.Report(s.Err, err)
	}
	if a.OnGitHub() {
		a.Annotate(session.ErrorAnnotations(err)...)
		a.PrintAnnotations()
	}
	if cut := a.Events.End(err); cut != nil {
		session.Report(s.Err, cut)
		if err == nil {
			err = cut
		}
	}
	if err := profiles.Stop(); err != nil {
		session.Report(s.Err, err)
	}
	return session.ExitCode(err)
}

const groupHelp = "help"

// newRoot makes the command of the whole program.
func newRoot(a *session.App, p *cli.Profiles) *cobra.Command {
	root := &cobra.Command{
		Use:   "kivaform",
		Short: "Send loan drafts, journals and repayment reports to Kiva, each at most once",
		Long: `kivaform sends to Kiva what your files describe: loan drafts, journals and
repayment reports. "plan" says what would be sent, "apply" sends it and records
it, so that nothing is sent twice without a person's word.

A new workspace works on a sandbox on this machine; no account is needed.`,
		Example: `  kivaform -C examples/quickstart plan
  kivaform -C examples/quickstart apply`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.Start(&a.Console) },
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              knownCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(cli.WrongFlag)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.Dir, "chdir", "C", ".", "the workspace: the folder of kiva.yaml")
	flags.StringVar(&a.Environment, "env", "", "the environment, in place of the one in kiva.yaml")
	flags.StringVar(&a.Color, "color", "auto", "colours: auto, always or never")
	flags.StringVar(&a.Personal, "personal", "auto", "names, texts and photos: auto (in text on a terminal only), show or mask")
	flags.BoolVarP(&a.Verbose, "verbose", "v", false, "log each request on the standard error, without what is in it")
	p.Register(flags)
	addGroup(root, "daily", "Every day:", author.InitCommand(a), send.ValidateCommand(a), send.PlanCommand(a), send.ApplyCommand(a), decide.TodoCommand(a))
	addGroup(root, "decide", "Decide:", decide.ResolveCommand(a), decide.AckCommand(a), decide.MovedCommand(a), decide.AdoptCommand(a))
	addGroup(root, "look", "Look:", look.StatusCommand(a), look.DriftCommand(a), send.ShowCommand(a), look.LedgerCommand(a))
	addGroup(root, "bring-in", "Bring in:", author.CatalogCommand(a), author.ConvertCommand(a))
	addGroup(root, "setup", "Set up:", setup.EnvCommand(a), setup.AuthCommand(a), setup.SandboxCommand(a))
	addGroup(root, groupHelp, "Help yourself:", author.FmtCommand(a), author.SchemaCommand(a), author.ExplainCommand(a), look.PublicCommand(a), versionCommand(a.Out))
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	for _, c := range root.Commands() {
		wrapUsage(c)
	}
	addHelpPages(root)
	setHelp(root)
	setup.CompleteValues(a, root, setup.Words{
		Formats: send.Formats, ItemKinds: look.ItemKinds, OwnStatuses: look.OwnStatuses, LoanStatuses: look.LoanStatuses(), Explained: author.ExplainedNames,
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
	return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("there is no command %q", args[0]), "%s", remedy))
}

// wrapUsage makes wrong arguments end with exitInvalid, and what isn't a command
// of a group tell of the nearest.
func wrapUsage(c *cobra.Command) {
	if args := c.Args; args != nil {
		c.Args = func(cmd *cobra.Command, given []string) error {
			err := args(cmd, given)
			if coded := (*cli.CodeError)(nil); errors.As(err, &coded) {
				return err
			}
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, hint.With(err, "see %s --help", cmd.CommandPath()))
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
			_, err := fmt.Fprintf(out, "kivaform %s (%s, %s/%s)\n", cli.ProgramVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
