//go:build !windows

package gitstore

import (
	"os/exec"
	"syscall"
)

// apart keeps git away from the terminal: an interrupt there is for the
// program, which finishes what it has begun, and nothing asks for a password.
// When git's time is over, what it has started ends with it.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
