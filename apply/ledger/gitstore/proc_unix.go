//go:build !windows

package gitstore

import (
	"os/exec"
	"syscall"
)

// detachTerminal keeps git away from the terminal: an interrupt there is for the
// program, which finishes its work, and nothing asks for a password. When git's
// time is over, its child processes end with it.
func detachTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
