package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wrongFlag says what to do about a flag that isn't there, or a value that it
// doesn't take.
func wrongFlag(c *cobra.Command, err error) error {
	hint := "see " + c.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" {
			hint = "did you mean --" + near + "?"
		}
	case errors.As(err, &value) && value.GetFlag().Value.Type() == "duration":
		hint = "give a number and a unit: 90s, 15m, 72h"
	}
	return withCode(exitInvalid, fmt.Errorf("%w; hint: %s", err, hint))
}

// nearestFlag returns the flag that somebody may have meant: hyphens don't
// count, and two characters may be wrong.
func nearestFlag(c *cobra.Command, name string) string {
	plain := func(s string) string { return strings.ReplaceAll(s, "-", "") }
	nearest, least := "", 3
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if n := distance(plain(f.Name), plain(name)); !f.Hidden && n < least && n < len(f.Name)/2 {
			nearest, least = f.Name, n
		}
	})
	return nearest
}

// distance counts the characters that must be changed, added or taken away to
// make one word of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := above
			if a[i] != b[j] {
				replaced++
			}
			above = row[j+1]
			row[j+1] = min(replaced, above+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// noFile refuses arguments where none is expected; who gives a saved plan wants
// to see it or to carry it out.
func noFile(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	file := quoted(args[0])
	return withCode(exitInvalid, fmt.Errorf("%s takes no file; hint: a saved plan is shown by kivaform show %s and carried out by kivaform apply %s; another workspace is chosen with -C",
		c.CommandPath(), file, file))
}
