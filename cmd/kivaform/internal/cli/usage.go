package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kivaform/kiva/hint"
	"kivaform/spec/yamldoc"
)

// WrongFlag adds a remedy for an unknown flag or an invalid value.
func WrongFlag(c *cobra.Command, err error) error {
	remedy := "see " + c.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" {
			remedy = "did you mean --" + near + "?"
		}
	case errors.As(err, &value) && value.GetFlag().Value.Type() == "duration":
		remedy = "give a number and a unit: 90s, 15m, 72h"
	}
	return WithCode(ExitInvalid, hint.With(err, "%s", remedy))
}

// nearestFlag returns the probably intended flag, or "".
func nearestFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return yamldoc.Nearest(name, names)
}

// NoFile refuses arguments, and says how to show or apply a saved plan.
func NoFile(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	file := quoteWord(args[0])
	return WithCode(ExitInvalid, hint.With(fmt.Errorf("%s takes no file", c.CommandPath()),
		"a saved plan is shown by kivaform show %s and carried out by kivaform apply %s; another workspace is chosen with -C", file, file))
}
