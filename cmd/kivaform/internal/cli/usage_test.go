package cli

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestNearestFlag(t *testing.T) {
	c := &cobra.Command{}
	for _, flag := range []string{"auto-approve", "confirm-production", "parallelism", "deadline", "json", "json-into", "max-wait", "full"} {
		c.Flags().Bool(flag, false, "")
	}
	for name, want := range map[string]string{
		"autoapprove": "auto-approve", "auto-aprove": "auto-approve", "paralelism": "parallelism", "dead-line": "deadline",
		"json-in-to": "json-into", "x": "", "nothing": "", "formattt": "",
	} {
		if got := nearestFlag(c, name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}
