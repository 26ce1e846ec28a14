package rule

import (
	"strings"
	"testing"
)

func TestHoldsName(t *testing.T) {
	for _, tt := range []struct {
		text, name string
		want       bool
	}{
		{"Mary Wanjiku keeps cows", "Wanjiku", true},
		{"wanjiku's cows", "Wanjiku", true},
		{"Wanjikuru and Awanjiku", "Wanjiku", false},
		{"Wanjikuru, and Wanjiku", "Wanjiku", true},
		{"Ána Muñoz", "MUÑOZ", true},
		{"the éli", "li", false},
		{"Mary keeps cows", "", false},
		{"Mary keeps a cow", "A", false},
		{"Ana de la Cruz", " de la Cruz ", true},
	} {
		if got := holdsName(strings.ToLower(tt.text), tt.name); got != tt.want {
			t.Errorf("%q holds %q: %v", tt.text, tt.name, got)
		}
	}
}
