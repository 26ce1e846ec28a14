package cli

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"
)

// collecting tells a process started by TestGarbage which of its parts it is.
// Each is a process of its own, because the collector's setting belongs to the
// whole process.
const collecting = "KIVAFORM_TEST_COLLECTING"

func TestGarbage(t *testing.T) {
	switch os.Getenv(collecting) {
	case "delayed":
		garbageWaits(t)
		return
	case "tuned":
		garbageAsTuned(t)
		return
	}
	for _, tt := range []struct {
		part string
		tune []string
	}{
		{"delayed", nil},
		{"tuned", []string{"GOGC=55"}},
		{"tuned", []string{"GOGC=55", "GOMEMLIMIT=4GiB"}},
		{"tuned", []string{"GOMEMLIMIT=4GiB"}},
	} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGarbage$")
		child.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
			return strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, "GOMEMLIMIT=")
		})
		child.Env = append(child.Env, append(tt.tune, collecting+"="+tt.part)...)
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%s, with %q: %v\n%s", tt.part, tt.tune, err, out)
		}
	}
}

// garbagePercent is how much garbage there may be, in percent of what is used.
func garbagePercent() int {
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(percent)
	return int(percent[0].Value.Uint64())
}

// garbageWaits holds that the percentage follows the memory in use, up and
// down, so that garbage takes about spareMemory.
func garbageWaits(t *testing.T) {
	DelayCollection()
	if got := garbagePercent(); got <= 1000 || got > mostPercent {
		t.Errorf("%d%% before anything is used", got)
	}
	for _, step := range []struct{ used, least, most int }{ // bytes and percent
		{64 << 20, 200, 250},
		{224 << 20, leastPercent, leastPercent},
		{32 << 20, 300, 500},
		{0, 1000, mostPercent},
	} {
		held := make([]byte, step.used) // none of it is written, so it takes no room
		got := 0
		for patience := time.Now().Add(10 * time.Second); time.Now().Before(patience); time.Sleep(time.Millisecond) {
			runtime.GC()
			if got = garbagePercent(); step.least <= got && got <= step.most {
				break
			}
		}
		runtime.KeepAlive(held)
		if got < step.least || got > step.most {
			t.Fatalf("%d bytes used: %d%%, not %d to %d", step.used, got, step.least, step.most)
		}
	}
}

// garbageAsTuned holds that what the user has set stays.
func garbageAsTuned(t *testing.T) {
	before := garbagePercent()
	for range 3 {
		DelayCollection()
		runtime.GC()
		time.Sleep(time.Millisecond)
		if got := garbagePercent(); got != before {
			t.Fatalf("%d%%, and %d%% before", got, before)
		}
	}
}
