package main

import (
	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/help"
)

// addHelpPages makes each page a topic of "kivaform help". A page that is named
// like a command is that command's description.
func addHelpPages(root *cobra.Command) {
	commands := make(map[string]*cobra.Command)
	for _, c := range root.Commands() {
		commands[c.Name()] = c
	}
	for _, p := range help.Pages() {
		if c := commands[p.Topic]; c != nil {
			c.Long = p.Text
			continue
		}
		root.AddCommand(&cobra.Command{Use: p.Topic, Short: p.Title, Long: p.Text})
	}
}

// setHelp makes the help of a command that isn't there a mistake of usage.
func setHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Example = "  kivaform help apply\n  kivaform help exit-codes"
			c.Run, c.RunE = nil, func(_ *cobra.Command, args []string) error { return helpFor(root, args) }
		}
	}
}

func helpFor(root *cobra.Command, args []string) error {
	found, rest, err := root.Find(args)
	if err == nil {
		err = knownCommand(found, rest)
	}
	if err != nil {
		return err
	}
	found.InitDefaultHelpFlag()
	return found.Help()
}
