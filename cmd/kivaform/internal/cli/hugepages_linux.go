package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// hugePageReserve is the memory for a plan of a hundred thousand drafts, in
// bytes. The system allocates it when it is used.
const hugePageReserve = 256 << 20

// UseHugePages asks Linux for large pages for the memory that the program is
// about to use. Allocating small ones takes a third of the time of a plan whose
// files are all cached. Go doesn't ask for them; so this allocates memory, marks
// it, and frees it for later use.
func UseHugePages() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return // the user has tuned it
	}
	var space syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &space) != nil || space.Cur != ^uint64(0) {
		return // ulimit -v counts reserved memory, too
	}
	debug.SetGCPercent(-1) // it counts as garbage once, below, never as needed
	room := make([]byte, hugePageReserve)
	_ = syscall.Madvise(room, syscall.MADV_HUGEPAGE) // a kernel without them uses small ones
	runtime.KeepAlive(room)
	runtime.GC()
	debug.SetGCPercent(mostPercent)
}
