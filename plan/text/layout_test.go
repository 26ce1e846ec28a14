package text

import (
	"errors"
	"testing"

	"github.com/mattn/go-runewidth"

	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
)

// TestWidth holds widths against the library's, where people write in any
// script.
func TestWidth(t *testing.T) {
	texts := []string{
		"", "Mary", view.Mask, view.Mask + " " + view.Mask + ",", "2027-01-05 10,000 + 750 ·", "·" + view.Mask,
		view.Mask + "\u0301", view.Mask + "\uFE0F", "a" + "·" + "\u20E3", "•", "Nairobi é", "王", view.Mask + "王", "👩🏾‍🌾", "·" + "👩🏾‍🌾",
	}
	c := runewidth.DefaultCondition
	defer func(before bool) { c.EastAsianWidth = before }(c.EastAsianWidth)
	for _, c.EastAsianWidth = range []bool{false, true} {
		for _, s := range texts {
			if got, want := widthOf(s), runewidth.StringWidth(s); got != want {
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
	p := viewtest.ManyDrafts(3 * pieceSize)
	for _, room := range []int{0, 10_000, len(textOf(t, p, options{})) - 1} {
		if err := write(&full{left: room}, p, options{}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}
