package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kivaform/kiva/hint"
	"kivaform/spec/yamldoc"
)

// WrongFlag says what to do about a flag that isn't there, or a value that it
// doesn't take.
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

// nearestFlag returns the flag that somebody may have meant, "" where none is
// near.
func nearestFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return yamldoc.Nearest(name, names)
}

// NoFile refuses arguments where none is expected; who gives a saved plan wants
// to see it or to carry it out.
func NoFile(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	file := quoted(args[0])
	return WithCode(ExitInvalid, hint.With(fmt.Errorf("%s takes no file", c.CommandPath()),
		"a saved plan is shown by kivaform show %s and carried out by kivaform apply %s; another workspace is chosen with -C", file, file))
}
