package money

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/quick"
)

// edges are units at which something changes: the sign, the number of digits,
// what Parse reads, what an Amount holds.
var edges = []int64{
	0, 1, -1, 9, 10, 99, 100, 9_999, -9_999, scale, -scale, scale + 1, 10*scale - 1, 1_000 * scale, -1_000*scale - 5,
	maxUnits - 1, -maxUnits + 1, maxUnits, -maxUnits, math.MaxInt64, -math.MaxInt64, math.MinInt64,
}

// readable is a million millions in units; Parse reads what is below.
const readable = 1_000_000 * 1_000_000 * 10_000

// holds checks that something is true of all edges and of many other units.
func holds(t *testing.T, what string, of func(units int64) bool) {
	t.Helper()
	for _, n := range edges {
		if !of(n) {
			t.Errorf("%s: not for %d", what, n)
		}
	}
	small := func(n int64) bool { return of(n) && of(n%maxUnits) && of(n%(1_000*scale)) }
	if err := quick.Check(small, nil); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// number is the exact number that a text says.
func number(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
	if !ok {
		return nil
	}
	return r
}

func TestUnits(t *testing.T) {
	holds(t, "units come back", func(n int64) bool { return FromUnits(n).Units() == n })
	holds(t, "the texts say so many ten-thousandths", func(n int64) bool {
		want, a := big.NewRat(n, scale), FromUnits(n)
		for _, text := range []string{a.String(), a.Format()} {
			if got := number(text); got == nil || got.Cmp(want) != 0 {
				return false
			}
		}
		return true
	})
	holds(t, "no decimals for whole amounts, else two at least and no more than needed", func(n int64) bool {
		a := FromUnits(n)
		_, decimals, point := strings.Cut(a.String(), ".")
		return point == (n%scale != 0) && (!point || len(decimals) == max(2, a.Decimals()))
	})
	holds(t, "the text is read back, up to what Parse reads", func(n int64) bool {
		a, err := Parse(FromUnits(n).String())
		if -readable < n && n < readable {
			return err == nil && a.Units() == n
		}
		return err == ErrRange
	})
	holds(t, "whole amounts have whole units", func(n int64) bool {
		n /= scale
		return FromInt(n) == FromUnits(n*scale) && FromInt(n).Decimals() == 0
	})
}

// Sums and differences are those of the units, or are refused where no Amount
// holds them.
func TestUnitsAdd(t *testing.T) {
	add := func(n, m int64) bool {
		sum, ok := FromUnits(n).Add(FromUnits(m))
		want := new(big.Int).Add(big.NewInt(n), big.NewInt(m))
		return ok == want.IsInt64() && (!ok || sum.Units() == want.Int64())
	}
	sub := func(n, m int64) bool {
		difference, ok := FromUnits(n).Sub(FromUnits(m))
		want := new(big.Int).Sub(big.NewInt(n), big.NewInt(m))
		return ok == want.IsInt64() && (!ok || difference.Units() == want.Int64())
	}
	order := func(n, m int64) bool {
		return FromUnits(n).Cmp(FromUnits(m)) == big.NewInt(n).Cmp(big.NewInt(m)) && FromUnits(n).Sign() == big.NewInt(n).Sign()
	}
	for what, law := range map[string]func(n, m int64) bool{"add": add, "sub": sub, "order": order} {
		for _, n := range edges {
			for _, m := range edges {
				if !law(n, m) {
					t.Errorf("%s: not for %d and %d", what, n, m)
				}
			}
		}
		if err := quick.Check(law, nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
