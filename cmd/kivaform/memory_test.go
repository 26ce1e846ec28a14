//go:build linux && !race

package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// The program works where a process may have little memory, also of what is only
// reserved: shared machines limit that. The C library reserves much for each thread
// unless it is told not to.
func TestLittleAddressSpace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"validate", "plan"} {
		c := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -v 1500000; exec kivaform -C "$0" `+command, dir)
		c.Env = append(c.Environ(), "MALLOC_ARENA_MAX=1", "KIVAFORM_CACHE_DIR="+t.TempDir())
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%.2000s", command, err, out)
		}
	}
}
