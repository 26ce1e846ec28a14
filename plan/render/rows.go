package render

import (
	"cmp"
	"strconv"
	"strings"

	"kivaform/plan"
	"kivaform/spec"
)

func modeText(mode spec.AmountMode) string {
	if mode == "" {
		return "as Kiva reads them for this partner"
	}
	return strings.ReplaceAll(string(mode), "-", " ")
}

// rowGroups shows rows in columns, below the reason that they have in common.
func (t *text) rowGroups(r plan.Report, found groups) {
	t.each(found, func(a plan.Action, g *group) {
		if g.why != "" {
			t.why(count(len(g.members), "row"), g.why)
		}
		n := t.limit(len(g.members))
		t.rows(r, a, g.members[:n])
		t.leftOut(len(g.members)-n, "")
	})
}

// A rowCells is one row of a repayment report as it is shown.
type rowCells struct{ loan, client, currency, was, now, place string }

// rowColumns are the widths of the columns of a table of rows.
type rowColumns struct {
	loan, client, currency int
	was, now               numberColumn
	place                  int
}

func (t *text) rows(r plan.Report, a plan.Action, members []int) {
	table := make([]rowCells, len(members))
	var c rowColumns
	for k, i := range members {
		table[k] = cellsOf(r, i)
		c.fit(&table[k])
	}
	short := c.total() > t.Width
	before, after := t.around(colorOf(a))
	for k, i := range members {
		if short {
			table[k].place = "line " + strconv.Itoa(int(r.Report.Rows[i].Line))
		}
		t.write(before, "  ", string(a), " ")
		c.write(t, &table[k])
		t.line(after)
	}
}

func cellsOf(r plan.Report, i int) rowCells {
	row, want := &r.Rows[i], &r.Report.Rows[i]
	cells := rowCells{
		loan: clean(want.LoanID), client: clean(want.ClientID), currency: clean(row.Currency),
		now: want.Amount.Format(), place: clean(r.Report.RowPos(i).Short()),
	}
	if row.Last == nil || row.Action == plan.Unchanged {
		return cells
	}
	if row.Was != want.Amount {
		cells.was = row.Was.Format()
	}
	if was := row.Last.ClientID; was != "" && was != want.ClientID {
		cells.client = clean(was) + arrow + clean(cmp.Or(want.ClientID, none))
	}
	return cells
}

// maxID is how wide a column of ids becomes: a longer id moves its own row
// only.
const maxID = 24

func (c *rowColumns) fit(r *rowCells) {
	c.loan = max(c.loan, min(width(r.loan), maxID))
	c.client = max(c.client, min(width(r.client), maxID))
	c.currency = max(c.currency, width(r.currency))
	c.was.fit(r.was)
	c.now.fit(r.now)
	c.place = max(c.place, width(r.place))
}

// total returns how wide a line becomes.
func (c *rowColumns) total() int {
	n := len("  + ") + c.loan + len("  ") + c.now.total() + len("  ") + c.place
	for _, column := range []int{c.client + len("  "), c.currency + len(" "), c.was.total() + len("  ")} {
		n += column
	}
	return n
}

func (c *rowColumns) write(t *text, r *rowCells) {
	t.cell(r.loan, c.loan, "  ")
	t.cell(r.client, c.client, "  ")
	t.cell(r.currency, c.currency, " ")
	if c.was.total() > 0 {
		t.number(r.was, c.was)
		if r.was == "" {
			t.write(spaces(width(arrow)))
		} else {
			t.write(arrow)
		}
	}
	t.number(r.now, c.now)
	t.write("  ", r.place)
}

// cell writes a cell of a column, which doesn't exist where no row has it.
func (t *text) cell(s string, n int, gap string) {
	if n > 0 {
		t.write(s, spaces(n-width(s)), gap)
	}
}

// A numberColumn holds amounts one below the other by their decimal point.
type numberColumn struct{ whole, decimals int }

func (c numberColumn) total() int { return c.whole + c.decimals }

func (c *numberColumn) fit(number string) {
	p := point(number)
	c.whole = max(c.whole, p)
	c.decimals = max(c.decimals, len(number)-p)
}

func (t *text) number(s string, c numberColumn) {
	p := point(s)
	t.write(spaces(c.whole-p), s, spaces(c.decimals-(len(s)-p)))
}

// point returns where the decimals of a number begin.
func point(number string) int {
	if p := strings.IndexByte(number, '.'); p >= 0 {
		return p
	}
	return len(number)
}
