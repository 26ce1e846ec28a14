package apply

import (
	"testing"
	"time"
	"unsafe"
)

// asleep returns a time as a machine that has slept since remembers it: long ago
// on the wall, just now on the clock that only goes forward. The seconds on the
// wall begin at bit 30 of what a time.Time holds first.
func asleep(at time.Time, slept time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&at)) -= uint64(slept/time.Second) << 30
	return at
}

// A machine that slept between an intent and its request doesn't take the intent
// for a fresh one.
func TestAgeCountsSleep(t *testing.T) {
	const night = 8 * time.Hour
	at := asleep(time.Now(), night)
	if time.Since(at) > time.Minute || time.Since(at.Round(0)) < night {
		t.Fatal("a time.Time isn't what it was")
	}
	if got := age(at); got < night {
		t.Errorf("%s", got)
	}
	if got := age(asleep(time.Now().Add(-time.Hour), -night)); got < time.Hour { // the clock on the wall was set back
		t.Errorf("set back: %s", got)
	}
}
