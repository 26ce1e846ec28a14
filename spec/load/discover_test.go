package load

import (
	"math/rand/v2"
	"path"
	"strings"
	"testing"
)

// matchByTrying is matchGlob as its definition says it: ** is tried with every
// number of elements.
func matchByTrying(pattern, file []string) bool {
	switch {
	case len(pattern) == 0:
		return len(file) == 0
	case pattern[0] == "**":
		return matchByTrying(pattern[1:], file) || len(file) > 0 && matchByTrying(pattern, file[1:])
	case len(file) == 0:
		return false
	}
	ok, err := path.Match(pattern[0], file[0])
	return ok && err == nil && matchByTrying(pattern[1:], file[1:])
}

func TestMatchGlobAsDefined(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words []string) []string {
		some := make([]string, 1+random.IntN(7))
		for i := range some {
			some[i] = words[random.IntN(len(words))]
		}
		return some
	}
	matched := 0
	for range 200_000 {
		pattern, file := pick([]string{"**", "**", "*", "a", "b", "a*", "?b", "[ab]", "["}), pick([]string{"a", "b", "ab", "bb"})
		want := matchByTrying(pattern, file)
		if matched += map[bool]int{true: 1}[want]; matchGlob(strings.Join(pattern, "/"), strings.Join(file, "/")) != want {
			t.Fatalf("%q matches %q: want %v", pattern, file, want)
		}
	}
	if matched < 10_000 {
		t.Errorf("only %d pairs match", matched)
	}
}

// TestMatchGlobEnds gives patterns for which trying every number of elements would
// take longer than the sun shines.
func TestMatchGlobEnds(t *testing.T) {
	long := strings.Repeat("a/", 1500)
	for _, tt := range []struct {
		pattern string
		want    bool
	}{
		{strings.Repeat("**/", 40) + "b", false},
		{strings.Repeat("**/", 40) + "c.yaml", true},
		{strings.Repeat("**/a/", 40) + "b", false},
		{strings.Repeat("**/a/a/", 40) + "**/c.yaml", true},
		{strings.Repeat("**/*a*a*a*a*a*/", 40) + "b", false},
	} {
		if got := matchGlob(tt.pattern, long+"c.yaml"); got != tt.want {
			t.Errorf("%.40q: %v", tt.pattern, got)
		}
	}
}
