package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// manyPages is as much memory as a plan of a hundred thousand drafts needs, in
// bytes. None of it is used before it is needed.
const manyPages = 256 << 20

// UseHugePages has the memory that the program is about to use come in large
// pages, where Linux gives them to those who ask. Getting small ones, one after
// the other, takes a third of the time of a plan whose files are all known.
// Go doesn't ask for them; so a piece of memory is taken, they are asked for,
// and it is given back unused, for what comes next.
func UseHugePages() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return // the user has tuned it
	}
	var space syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &space) != nil || space.Cur != ^uint64(0) {
		return // ulimit -v: what is only reserved counts, too
	}
	debug.SetGCPercent(-1) // it counts as garbage once, below, and as needed never
	room := make([]byte, manyPages)
	_ = syscall.Madvise(room, syscall.MADV_HUGEPAGE) // a kernel without them goes on with small ones
	runtime.KeepAlive(room)
	runtime.GC()
	debug.SetGCPercent(mostPercent)
}
