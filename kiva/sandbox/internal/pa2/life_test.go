package pa2

import (
	"testing"

	"kivaform/kiva"
)

func TestArrows(t *testing.T) {
	for _, from := range Statuses {
		reached := map[kiva.Status]bool{}
		for _, to := range Statuses {
			reached[to] = canMove(from, to) == nil
		}
		if reached[from] {
			t.Errorf("%s becomes itself", from)
		}
		switch from {
		case kiva.Ended, kiva.Refunded, kiva.Expired, kiva.InactiveExpired, kiva.Deleted:
			for to, yes := range reached {
				if yes {
					t.Errorf("%s is the end, but becomes %s", from, to)
				}
			}
		case kiva.Defaulted:
			if !reached[kiva.Ended] || reached[kiva.PayingBack] {
				t.Error("a defaulted loan can only end")
			}
		}
	}
	for i, s := range mainLine[1:] {
		if canMove(mainLine[i], s) != nil || !isAhead(mainLine[i], s) || isAhead(s, mainLine[i]) {
			t.Errorf("%s doesn't lead to %s", mainLine[i], s)
		}
	}
}
