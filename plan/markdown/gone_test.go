package markdown

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
		page := strings.NewReplacer("<code>", "", "</code>", "").Replace(markdownOf(t, viewOf(tt.plan, false), Options{}))
		if !strings.Contains(page, "\n"+tt.want+"\n") || strings.Contains(page, "| | Rows |") {
			t.Errorf("%q isn't alone in\n%s", tt.want, page)
		}
	}
	if got := markdownOf(t, viewOf(viewtest.GoneOnly(), false), Options{}); strings.Contains(got, "no longer") || strings.Contains(got, "2026-11.csv") {
		t.Errorf("nothing is gone, and yet it is told\n%.2000s", got)
	}
}

func TestManyRowsAreGone(t *testing.T) {
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("M-%02d", i))
	}
	long := markdownOf(t, viewOf(viewtest.GoneOnly(append(ids, strings.Repeat("x", 2000))...), false), Options{MaxBytes: 2200})
	if !strings.Contains(long, "and 29 more") || strings.Contains(long, "| | Rows |") || strings.Contains(long, "one by one") {
		t.Errorf("%s", long)
	}
}
