package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Most runs are over before they have used as much memory as any machine has to
// spare, so that collecting garbage gains them nothing. The collector is made
// to wait until there is so much of it, and for large workspaces to keep to
// about twice what is needed.
const (
	spareMemory  = 160 << 20                     // bytes
	mostPercent  = 100 * spareMemory / (4 << 20) // of the runtime's smallest heap
	leastPercent = 75
)

// DelayCollection tunes the garbage collector for a short run, unless the user
// has tuned it.
func DelayCollection() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(mostPercent)
	adjustAfterCollection(0)
}

// adjustAfterCollection sets how much garbage there may be after each
// collection, by what it has left.
func adjustAfterCollection(int) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() > 0 {
		percent := 100 * spareMemory / live[0].Value.Uint64()
		debug.SetGCPercent(int(min(max(percent, leastPercent), mostPercent)))
	}
	runtime.AddCleanup(new([16]byte), adjustAfterCollection, 0) // the next collection finds it unused
}
