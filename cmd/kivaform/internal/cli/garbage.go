package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Most runs end before they use as much memory as any machine can spare, so
// collecting garbage gains nothing. The collector waits until then, and keeps
// large workspaces to about twice the memory in use.
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

// adjustAfterCollection sets the limit of garbage by the memory in use after
// each collection.
func adjustAfterCollection(int) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() > 0 {
		percent := 100 * spareMemory / live[0].Value.Uint64()
		debug.SetGCPercent(int(min(max(percent, leastPercent), mostPercent)))
	}
	runtime.AddCleanup(new([16]byte), adjustAfterCollection, 0) // the next collection frees it and calls this again
}
