package ledgertest

import (
	"os"
	"os/exec"
	"testing"
)

// Need returns the path of a program that a test starts. Where it isn't
// installed the test is left out, with a line that says how to install it; in
// CI that is a failure.
func Need(t testing.TB, program, howToInstall string, folders ...string) string {
	t.Helper()
	for _, dir := range folders {
		if path, err := exec.LookPath(dir + "/" + program); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	missing("%s is not installed; install it: %s", program, howToInstall)
	return ""
}
