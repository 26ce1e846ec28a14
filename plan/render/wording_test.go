package render

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/mattn/go-runewidth"

	"kivaform/kiva/money"
)

// TestWordingAmount holds the quick way to show an amount against the other
// one, for amounts of any size and for texts that are none.
func TestWordingAmount(t *testing.T) {
	texts := []string{"", "-", "-5", "-5000", "007", "0", "0.50", "5.", "5000.", "5000.5", "5000.00", "1000.125", "1e5", "1000,5", "12a", "1000.5x", "999999999999", "1000000000000"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		digits := r.IntN(17)
		texts = append(texts, money.FromUnits(r.Int64N(1+pow10(digits))).String(), money.FromInt(r.Int64N(1+pow10(digits%12))).String())
	}
	var w wording
	for _, s := range texts {
		if got, want := w.amount(s), amount(s); got != want {
			t.Errorf("%q is shown as %q, not %q", s, got, want)
		}
	}
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// TestWordingStays makes texts until there are many pieces of memory: those
// that were handed out don't change.
func TestWordingStays(t *testing.T) {
	var w wording
	var got []string
	for i := range 5 * wordingSize / 10 {
		got = append(got, w.join("text ", string(rune('a'+i%26))))
	}
	for i, s := range got {
		if want := "text " + string(rune('a'+i%26)); s != want {
			t.Fatalf("text %d is %q, not %q", i, s, want)
		}
	}
}

// TestWidth holds widths against the library's, where people write in any
// script.
func TestWidth(t *testing.T) {
	texts := []string{
		"", "Mary", mask, mask + " " + mask + ",", "2027-01-05 10,000 + 750 " + middleDot, middleDot + mask,
		mask + "\u0301", mask + "\uFE0F", "a" + middleDot + "\u20E3", "•", "Nairobi é", "王", mask + "王", "👩🏾‍🌾", middleDot + "👩🏾‍🌾",
	}
	c := runewidth.DefaultCondition
	defer func(before bool) { c.EastAsianWidth = before }(c.EastAsianWidth)
	for _, c.EastAsianWidth = range []bool{false, true} {
		for _, s := range texts {
			if got, want := width(s), runewidth.StringWidth(s); got != want {
				t.Errorf("east asian %t: %q takes %d columns, not %d", c.EastAsianWidth, s, got, want)
			}
		}
	}
}

// A full writer takes some bytes, fails once, and has room again.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		f.left = 1 << 30
		return 0, errFull
	}
	return len(p), nil
}

// TestTextFails has the writer fail early, in a list and at the end.
func TestTextFails(t *testing.T) {
	p := manyDrafts(3 * pieceSize)
	for _, room := range []int{0, 10_000, len(textOf(t, p, Options{})) - 1} {
		if err := Text(&full{left: room}, p, Options{}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}
