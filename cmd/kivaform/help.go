package main

import "github.com/spf13/cobra"

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
