package text

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view/viewtest"
)

const (
	oneGone = "1 row that was reported is no longer in the file; Kiva keeps it, as the API can't take a row back: L-0803"
	twoGone = "2 rows that were reported are no longer in the file; Kiva keeps them, as the API can't take a row back: L-0803, L-0805"
)

func TestRowsThatAreGone(t *testing.T) {
	for _, tt := range []struct {
		plan *plan.Plan
		want string
	}{{viewtest.GoneOnly("L-0803"), oneGone}, {viewtest.GoneOnly("L-0803", "L-0805"), twoGone}} {
		if got := textOf(t, tt.plan, options{Width: 160}); !strings.Contains(got, "\n  "+tt.want+"\n") {
			t.Errorf("%q isn't in\n%s", tt.want, got)
		}
	}
	if got := textOf(t, viewtest.GoneOnly(), options{}); strings.Contains(got, "no longer") || strings.Contains(got, "2026-11.csv") {
		t.Errorf("nothing is gone, and yet it is told\n%.2000s", got)
	}
}

// A few of many are named, all where all is asked for.
func TestManyRowsAreGone(t *testing.T) {
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("M-%02d", i))
	}
	p := viewtest.GoneOnly(ids...)
	inOneLine := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	few, full := inOneLine(textOf(t, p, options{})), inOneLine(textOf(t, p, options{Full: true}))
	if !strings.Contains(few, "row back: M-00, M-01,") || strings.Count(few, "M-") != 12 || !strings.Contains(few, "M-11, and 28 more") {
		t.Errorf("%s", few)
	}
	if strings.Count(full, "M-") != 40 || strings.Contains(full, "more") {
		t.Errorf("%s", full)
	}
}
