package page

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMessagesFitACookie(t *testing.T) {
	for _, s := range []string{strings.Repeat("\x01", 10_000), strings.Repeat("長", 10_000)} {
		w := httptest.NewRecorder()
		setNotice(w, notice{Text: s})
		if n := len(w.Header().Get("Set-Cookie")); n > 4096 {
			t.Errorf("a cookie of %d bytes, which a browser drops", n)
		}
	}
}
