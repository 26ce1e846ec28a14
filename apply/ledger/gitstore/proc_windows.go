package gitstore

import (
	"os/exec"
	"syscall"
)

// apart keeps git away from the console: an interrupt there is for the program,
// which finishes what it has begun.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
