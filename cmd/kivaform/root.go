package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"kivaform/kiva/hint"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// streams are the standard streams, or a test's.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// An app is one run of the program: its streams, its environment variables,
// and the flags that every command has.
type app struct {
	streams
	getenv      func(string) string
	begun       time.Time
	dir         string
	environment string
	color       string
	personal    string
	verbose     bool
	served      string // the address of the sandbox that serves this workspace
	cache       workspaceCache
	former      sync.Once // warns of caches of earlier versions
	profiles    profiles
	events      events
	annotations []annotation
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, s streams, getenv func(string) string) int {
	a := &app{getenv: getenv, begun: time.Now()}
	out := a.output(s.out)
	s.out, s.err = out, a.output(s.err)
	a.streams = s
	root := a.root()
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
		a.endAnnotations(err)
	}
	if cut := a.events.end(err); cut != nil {
		report(s.err, cut)
		if err == nil {
			err = cut
		}
	}
	if err := a.profiles.stop(); err != nil {
		report(s.err, err)
	}
	return exitCode(err)
}

const (
	groupDaily   = "daily"
	groupDecide  = "decide"
	groupLook    = "look"
	groupBringIn = "bring-in"
	groupSetUp   = "setup"
	groupHelp    = "help"
)

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kivaform",
		Short: "Send loan drafts, journals and repayment reports to Kiva, each at most once",
		Long: `kivaform sends to Kiva what your files describe: loan drafts, journals and
repayment reports. "plan" says what would be sent, "apply" sends it and records
it, so that nothing is sent twice.

A new workspace works on a sandbox on this machine; no account is needed.`,
		Example: `  kivaform -C examples/quickstart plan
  kivaform -C examples/quickstart apply`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.profiles.start(a) },
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
	a.profiles.register(flags)
	root.AddGroup(
		&cobra.Group{ID: groupDaily, Title: "Every day:"},
		&cobra.Group{ID: groupDecide, Title: "Decide:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
		&cobra.Group{ID: groupBringIn, Title: "Bring in:"},
		&cobra.Group{ID: groupSetUp, Title: "Set up:"},
		&cobra.Group{ID: groupHelp, Title: "Help yourself:"},
	)
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.planCommand(), a.applyCommand(), a.todoCommand(),
		a.resolveCommand(), a.ackCommand(), a.adoptCommand(),
		a.statusCommand(), a.driftCommand(), a.showCommand(), a.ledgerCommand(),
		a.catalogCommand(), a.convertCommand(),
		a.envCommand(), a.authCommand(), a.sandboxCommand(), a.publicCommand(), a.versionCommand(),
		a.fmtCommand(), a.schemaCommand(), a.explainCommand(),
	)
	for _, c := range root.Commands() {
		wrapUsage(c)
	}
	addHelpPages(root)
	setHelp(root)
	a.completeValues(root)
	return root
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

// check refuses values of the common flags that mean nothing.
func (a *app) check() error {
	var errs []error
	if info, err := os.Stat(a.dir); err == nil && !info.IsDir() {
		return withCode(exitInvalid, hint.With(fmt.Errorf("-C %s: this is a file", a.dir), "name the workspace, the folder of kiva.yaml"))
	}
	if a.color != "auto" && a.color != "always" && a.color != "never" {
		errs = append(errs, fmt.Errorf("--color is auto, always or never, not %q", a.color))
	}
	if a.personal != "auto" && a.personal != "show" && a.personal != "mask" {
		errs = append(errs, fmt.Errorf("--personal is auto, show or mask, not %q", a.personal))
	}
	if err := errors.Join(errs...); err != nil {
		return withCode(exitInvalid, err)
	}
	return nil
}

// terminal returns the width of a stream that is a terminal.
func terminal(w any) (width int, ok bool) {
	f, isFile := behind(w).(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

// colored reports whether a stream gets colours.
func (a *app) colored(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	_, ok := terminal(w)
	return ok && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// showsPersonal reports whether a text for people gets personal data.
func (a *app) showsPersonal(w io.Writer) bool {
	_, ok := terminal(w)
	return a.tellsPersonal() || a.personal == "auto" && ok
}

// tellsPersonal reports whether any other format gets personal data: what
// programs read, and pages. Also on a terminal they don't unasked, because they
// are made to be passed on.
func (a *app) tellsPersonal() bool { return a.personal == "show" }
