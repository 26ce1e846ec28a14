package text

import (
	"strconv"
	"strings"

	"kivaform/plan/view"
)

// printRowGroups shows rows in columns, below the reason that they have in
// common.
func (p *printer) printRowGroups(r *view.Report, groups view.Groups) {
	p.eachGroup(groups, func(a view.Action, g *view.Group) {
		if g.Why != "" {
			p.printReason(view.Count(len(g.Members), "row"), g.Why)
		}
		n := min(len(g.Members), p.limit())
		p.printRows(r, a, g.Members[:n])
		p.printLeftOut(len(g.Members)-n, "")
	})
}

// rowColumns are the widths of the columns of a table of rows.
type rowColumns struct {
	loan, client, currency int
	was, now               numberColumn
	position               int
}

func (p *printer) printRows(r *view.Report, a view.Action, members []int) {
	table := make([]view.RowCells, len(members))
	lines := make([]int, len(members))
	var c rowColumns
	for k, i := range members {
		row := r.Row(i)
		table[k], lines[k] = row.Cells(), row.Place.Line
		c.fit(&table[k])
	}
	short := c.total() > p.Width
	before, after := p.around(colorOf(a))
	for k := range table {
		if short {
			table[k].Place = "line " + strconv.Itoa(lines[k])
		}
		p.println(before, "  ", string(a), " ", c.text(&table[k]), after)
	}
}

// maxID is how wide a column of ids becomes: a longer id moves its own row
// only.
const maxID = 24

func (c *rowColumns) fit(r *view.RowCells) {
	c.loan = max(c.loan, min(widthOf(r.Loan), maxID))
	c.client = max(c.client, min(widthOf(r.Client), maxID))
	c.currency = max(c.currency, widthOf(r.Currency))
	c.was.fit(r.Was)
	c.now.fit(r.Now)
	c.position = max(c.position, widthOf(r.Place))
}

// total returns how wide a line becomes.
func (c *rowColumns) total() int {
	return len("  + ") + c.loan + len("  ") + c.client + len("  ") + c.currency + len(" ") +
		c.was.total() + len("  ") + c.now.total() + len("  ") + c.position
}

func (c *rowColumns) text(r *view.RowCells) string {
	var b strings.Builder
	b.WriteString(cellText(r.Loan, c.loan, "  "))
	b.WriteString(cellText(r.Client, c.client, "  "))
	b.WriteString(cellText(r.Currency, c.currency, " "))
	if c.was.total() > 0 {
		arrow := view.Arrow
		if r.Was == "" {
			arrow = spaces(widthOf(arrow))
		}
		b.WriteString(c.was.text(r.Was) + arrow)
	}
	b.WriteString(c.now.text(r.Now) + "  " + r.Place)
	return b.String()
}

// cellText returns a cell of a column, which doesn't exist where no row has it.
func cellText(s string, n int, gap string) string {
	if n == 0 {
		return ""
	}
	return padRight(s, n) + gap
}

// A numberColumn holds amounts one below the other by their decimal point.
type numberColumn struct{ whole, decimals int }

func (c numberColumn) total() int { return c.whole + c.decimals }

func (c *numberColumn) fit(number string) {
	point := pointOf(number)
	c.whole = max(c.whole, point)
	c.decimals = max(c.decimals, len(number)-point)
}

func (c numberColumn) text(number string) string {
	point := pointOf(number)
	return spaces(c.whole-point) + number + spaces(c.decimals-(len(number)-point))
}

// pointOf returns where the decimals of a number begin.
func pointOf(number string) int {
	if point := strings.IndexByte(number, '.'); point >= 0 {
		return point
	}
	return len(number)
}
