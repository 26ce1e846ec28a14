package cli

import (
	"bytes"
	"testing"
)

// A character that is written in parts stays whole.
func TestTextInParts(t *testing.T) {
	var out bytes.Buffer
	w := (&Console{Getenv: func(string) string { return "" }}).Output(&out)
	for _, c := range []byte("é🌍\x1b[2J\u009b\xff\u202e\tz\n") {
		if n, err := w.Write([]byte{c}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := "é🌍\\x1b[2J\\u009b\uFFFD\\u202e\tz\n"; out.String() != want {
		t.Errorf("%q, not %q", out.String(), want)
	}
}
