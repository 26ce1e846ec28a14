package html

import (
	"math/bits"
	"strconv"
	"strings"

	"kivaform/kiva/money"
)

// tenths is how finely charts are drawn: tenths of a unit of the drawing.
const tenths = 10

// units returns an amount as a whole number of its smallest part, 1/10000, for
// lengths and for sorting; below zero there is nothing to draw.
func units(a money.Amount) uint64 {
	whole, decimals, _ := strings.Cut(a.String(), ".")
	n, err := strconv.ParseUint(whole+(decimals + "0000")[:4], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// share returns the part of a length that value is of whole: the value if the
// whole is nothing.
func share(value, whole uint64, length int) int {
	if whole == 0 {
		return 0
	}
	hi, lo := bits.Mul64(min(value, whole), uint64(length))
	q, _ := bits.Div64(hi, lo, whole)
	return int(q)
}

// The drawing of a calendar, in its own units.
const (
	barsHeight = 60
	barsWidth  = 240
	barGap     = 3
)

// draw makes the chart's two paths: principal at the bottom, interest upon it.
func (s *calendar) draw() {
	var most uint64
	for _, r := range s.Instalments {
		most = max(most, units(r.Principal)+units(r.Interest))
	}
	step := min(barsWidth*tenths/len(s.Instalments), 36*tenths)
	gap := min(barGap*tenths, step/4)
	s.Width = max((step*len(s.Instalments)-gap+tenths-1)/tenths, 1)
	var principal, interest path
	for i, r := range s.Instalments {
		high := share(units(r.Principal), most, barsHeight*tenths)
		both := share(units(r.Principal)+units(r.Interest), most, barsHeight*tenths)
		principal.bar(i*step, barsHeight*tenths-high, step-gap, high)
		interest.bar(i*step, barsHeight*tenths-both, step-gap, both-high)
	}
	s.PrincipalPath, s.InterestPath = principal.String(), interest.String()
}

// A path is the d of an SVG path under way.
type path struct{ strings.Builder }

// bar adds a rectangle, in tenths.
func (p *path) bar(x, y, width, height int) {
	if height == 0 {
		return
	}
	for _, part := range []struct {
		letter byte
		n      int
	}{{'M', x}, {' ', y}, {'h', width}, {'v', height}, {'h', -width}} {
		p.WriteByte(part.letter)
		p.tenths(part.n)
	}
	p.WriteByte('z')
}

func (p *path) tenths(n int) {
	if n < 0 {
		p.WriteByte('-')
		n = -n
	}
	p.WriteString(strconv.Itoa(n / tenths))
	if n%tenths != 0 {
		p.WriteByte('.')
		p.WriteString(strconv.Itoa(n % tenths))
	}
}

// A histogram counts the amounts of one currency in steps of the same size.
type histogram struct {
	Currency string
	Count    int
	Steps    []histogramStep
	Width    int // of the drawing
}

type histogramStep struct {
	From, To money.Amount // at least, and below
	Count    int
	X, Y     int // of its bar in the drawing
	W, H     int
}

// First and Last are the ends of the axis.
func (h *histogram) First() money.Amount { return h.Steps[0].From }

// Last is the right end.
func (h *histogram) Last() money.Amount { return h.Steps[len(h.Steps)-1].To }

// The drawing of a histogram.
const (
	histogramHeight = 120
	histogramWidth  = 600
	histogramSteps  = 20 // at most
)

// histogramOf counts amounts; nil where there are too few to see a shape.
func histogramOf(currency string, amounts []money.Amount) *histogram {
	const few = 5
	if len(amounts) < few {
		return nil
	}
	least, most := amounts[0], amounts[0]
	for _, a := range amounts {
		if a.Cmp(least) < 0 {
			least = a
		}
		if a.Cmp(most) > 0 {
			most = a
		}
	}
	first, size := stepsFor(whole(least), whole(most))
	h := &histogram{Currency: currency, Count: len(amounts), Width: histogramWidth}
	for from := first; from <= whole(most); from += size {
		h.Steps = append(h.Steps, histogramStep{From: money.FromInt(from), To: money.FromInt(from + size)})
	}
	for _, a := range amounts {
		h.Steps[(whole(a)-first)/size].Count++
	}
	h.draw()
	return h
}

// whole returns the whole units of an amount that isn't below zero.
func whole(a money.Amount) int64 { return int64(units(a) / 10_000) }

// stepsFor returns where the first step begins, and the size of the steps: 1, 2
// or 5 times a power of ten.
func stepsFor(least, most int64) (first, size int64) {
	size = 1
	for _, next := range stepSizes() {
		if size = next; most/size-least/size < histogramSteps {
			break
		}
	}
	return least / size * size, size
}

// stepSizes are 1, 2, 5, 10, … up to the largest amount.
func stepSizes() []int64 {
	var sizes []int64
	for power := int64(1); power <= 1_000_000_000_000_000; power *= 10 {
		sizes = append(sizes, power, 2*power, 5*power)
	}
	return sizes
}

func (h *histogram) draw() {
	most := 0
	for _, s := range h.Steps {
		most = max(most, s.Count)
	}
	width := histogramWidth / len(h.Steps)
	h.Width = width * len(h.Steps)
	for i := range h.Steps {
		s := &h.Steps[i]
		s.X, s.W = i*width+1, max(width-2, 1)
		if s.Count > 0 { // one among thousands is seen, too
			s.H = max(share(uint64(s.Count), uint64(most), histogramHeight), 2)
		}
		s.Y = histogramHeight - s.H
	}
}
