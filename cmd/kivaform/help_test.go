package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

// allCommands calls f for each command that a user can run, without those that
// the CLI library makes itself.
func allCommands(c *cobra.Command, f func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		allCommands(sub, f)
	}
	if c.Runnable() {
		f(c)
	}
}

func TestHelpShowsAnExample(t *testing.T) {
	allCommands(newRoot(new(session.App), new(cli.Profiles)), func(c *cobra.Command) {
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(strings.TrimSpace(line), "kivaform") {
				t.Errorf("%s: the example %q doesn't call kivaform", c.CommandPath(), line)
			}
		}
		if !strings.Contains(c.Example, c.CommandPath()) && c.HasParent() {
			t.Errorf("%s: no example shows the command", c.CommandPath())
		}
	})
}

// A command line in a help text names a command and flags that exist.
func TestHelpNamesWhatExists(t *testing.T) {
	line := regexp.MustCompile(`kivaform((?: --?[a-zA-Z-]+| [a-zA-Z0-9_%./-]+)*)`)
	flag := regexp.MustCompile(`^--?[a-zA-Z-]+$`)
	root := newRoot(new(session.App), new(cli.Profiles))
	allCommands(root, func(c *cobra.Command) {
		for _, match := range line.FindAllStringSubmatch(c.Long+"\n"+c.Example, -1) {
			words := strings.Fields(match[1])
			if len(words) == 0 || strings.HasPrefix(match[0], "kivaform sends") {
				continue
			}
			found, rest, err := root.Find(words)
			if err != nil || found == root && !strings.HasPrefix(words[0], "-") {
				t.Errorf("%s: the help names %q, which isn't a command", c.CommandPath(), match[0])
				continue
			}
			for _, word := range rest {
				if word == "--" { // what follows is another program's
					break
				}
				if flag.MatchString(word) && found.Flags().Lookup(strings.TrimLeft(word, "-")) == nil &&
					found.InheritedFlags().Lookup(strings.TrimLeft(word, "-")) == nil && word != "-C" {
					t.Errorf("%s: the help names %s of %s, which isn't there", c.CommandPath(), word, found.CommandPath())
				}
			}
		}
	})
}
