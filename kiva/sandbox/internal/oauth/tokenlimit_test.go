package oauth

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTokenLimitWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &tokenLimit{perMinute: 2}
		take := func(want bool, retry string) {
			t.Helper()
			a, ok := l.takeSlot(time.Now())
			if ok != want || a.Header.Get("Retry-After") != retry {
				t.Errorf("%v, Retry-After %q", ok, a.Header.Get("Retry-After"))
			}
		}
		take(true, "")
		time.Sleep(20500 * time.Millisecond)
		take(true, "")
		take(false, "40")
		time.Sleep(39500 * time.Millisecond)
		take(true, "")
		take(false, "21")
	})
}
