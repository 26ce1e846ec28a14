package format

import (
	"strings"
	"testing"
)

// The last guard sees what a mistake in this package could do to a file.
func TestGuardSeesWhatChanged(t *testing.T) {
	const text = "kind: Journal\nkey: a # why\nbody: >\n  b\n  c\nx: [1, {y: \"2\"}]\nz: &z !!str 1\nw: *z\nv: &v 1\n"
	roots, err := parseNodes("a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f, err := scanFile("a.yaml", text, roots)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		was, is string
		want    bool
	}{
		{"", "", true},
		{`"2"`, `'2'`, true},
		{"kind: Journal\nkey: a # why\n", "key: a # why\nkind: Journal\n", true},
		{"v: &v 1", "v: &v 1\n---\nkind: Journal", false},
		{" # why", "", false},
		{"why", "who", false},
		{">", "|", false},
		{`"2"`, "2", false},
		{"key: a", `key: "a"`, false},
		{"key: a", "key: b", false},
		{"1, {y: \"2\"}", "{y: \"2\"}, 1", false},
		{"!!str 1", `"1"`, false},
		{"*z", "1", false},
		{"&v ", "", false},
		{"key", "kye", false},
		{"body", "key", false},
		{"]", "", false},
	} {
		if got := f.isSame(roots, "a.yaml", strings.Replace(text, tt.was, tt.is, 1)); got != tt.want {
			t.Errorf("%v for %q in place of %q", got, tt.is, tt.was)
		}
	}
}
