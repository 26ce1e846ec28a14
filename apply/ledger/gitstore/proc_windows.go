package gitstore

import (
	"os/exec"
	"syscall"
)

// detachTerminal keeps git away from the console: an interrupt there is for the program,
// which finishes its work.
func detachTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
