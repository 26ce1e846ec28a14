package html

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"kivaform/kiva/money"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

// bars reads the bars of a path: x, y, width and height, in tenths.
func bars(t *testing.T, path string) (list [][4]int) {
	t.Helper()
	for _, m := range regexp.MustCompile(`M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-([\d.]+)z`).FindAllStringSubmatch(path, -1) {
		var bar [4]int
		for i := range bar {
			n, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			bar[i] = int(n*tenths + 0.5)
		}
		list = append(list, bar)
	}
	return list
}

// The bars of a schedule stay in the drawing, don't touch, and are as high as
// their amounts.
func TestScheduleChart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 5, 24, 60, 400} {
		var fields []view.Field
		for i := range n {
			at := fmt.Sprintf("schedule[%d].", i)
			fields = append(fields,
				view.Field{Path: at + "date", Value: "2027-01-05"},
				view.Field{Path: at + "interest", Value: fmt.Sprint(30_000 + r.IntN(100_000))},
				view.Field{Path: at + "principal", Value: fmt.Sprintf("%d.5", 1000+r.IntN(1_000_000))})
		}
		c := calendarOf(fields)
		principal, interest := bars(t, c.PrincipalPath), bars(t, c.InterestPath)
		if len(principal) != n || len(c.Instalments) != n {
			t.Fatalf("%d bars of %d instalments, not %d", len(principal), len(c.Instalments), n)
		}
		most := 0
		for i, b := range principal {
			most = max(most, b[3])
			if b[0]+b[2] > c.Width*tenths || b[1]+b[3] != barsHeight*tenths {
				t.Errorf("%d instalments: bar %v leaves the drawing, %d wide", n, b, c.Width)
			}
			if i > 0 && principal[i-1][0]+principal[i-1][2] > b[0] {
				t.Errorf("%d instalments: bars %v and %v overlap", n, principal[i-1], b)
			}
		}
		for i, b := range interest {
			if b[1] < 0 || b[1]+b[3] != principal[i][1] {
				t.Errorf("interest %v isn't upon %v", b, principal[i])
			}
		}
		if c.Width > barsWidth || most < barsHeight*tenths/2 {
			t.Errorf("%d instalments: %d wide, %d high", n, c.Width, most)
		}
		if sum := addShown(c.Principal, c.Interest); sum != c.Total {
			t.Errorf("%v and %v are %v", c.Principal, c.Interest, c.Total)
		}
	}
}

// FuzzHistogram counts amounts: each is in its step, and none is lost.
func FuzzHistogram(f *testing.F) {
	f.Add(int64(0), int64(0), uint8(5))
	f.Add(int64(1), int64(999_999_999_999), uint8(200))
	f.Add(int64(37_001), int64(37_350), uint8(40))
	f.Fuzz(func(t *testing.T, a, b int64, n uint8) {
		least, most := min(a, b), max(a, b)
		if least < 0 || most >= 1_000_000_000_000 {
			t.Skip()
		}
		r := rand.New(rand.NewPCG(uint64(a), uint64(b)))
		var amounts []money.Amount
		for range n {
			amounts = append(amounts, addShown(money.FromInt(least+r.Int64N(most-least+1)), viewtest.Cents(r.IntN(100))))
		}
		h := histogramOf("KES", amounts)
		if h == nil {
			if n >= 5 {
				t.Error("no histogram")
			}
			return
		}
		if len(h.Steps) > histogramSteps || h.Width > histogramWidth {
			t.Errorf("%d steps, %d wide", len(h.Steps), h.Width)
		}
		for _, s := range h.Steps {
			count := 0
			for _, a := range amounts {
				if a.Cmp(s.From) >= 0 && a.Cmp(s.To) < 0 {
					count++
				}
			}
			if count != s.Count || s.H > histogramHeight || s.X+s.W > h.Width || s.Y+s.H != histogramHeight {
				t.Errorf("%d amounts, and %+v", count, s)
			}
		}
	})
}

func TestHistogramNeedsSome(t *testing.T) {
	if h := histogramOf("KES", []money.Amount{{}, {}, {}, {}}); h != nil {
		t.Errorf("%+v of four amounts", h)
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		value, whole uint64
		length, want int
	}{{0, 0, 60, 0}, {1, 0, 60, 0}, {1, 2, 60, 30}, {3, 2, 60, 60}, {1 << 63, 1<<64 - 1, 600, 300}} {
		if got := share(tt.value, tt.whole, tt.length); got != tt.want {
			t.Errorf("%d of %d is %d, not %d", tt.value, tt.whole, got, tt.want)
		}
	}
}
