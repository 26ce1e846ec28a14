package look

import (
	"encoding/csv"
	"io"
	"regexp"
	"slices"

	"kivaform/spec"
)

const sheetHelp = `In CSV, an apostrophe stands before each text that a spreadsheet would take for a
formula: '=1 is the text =1. A CSV file of repayments may have such ids; other
programs should drop the apostrophe, or read JSON.`

// A sheet writes CSV in which no text is a formula.
type sheet struct {
	csv     *csv.Writer
	numeric []bool // columns whose numbers aren't guarded
}

// newSheet writes the header. All columns but the numeric ones are text.
func newSheet(out io.Writer, columns []string, numeric ...string) (*sheet, error) {
	s := &sheet{csv: csv.NewWriter(out), numeric: make([]bool, len(columns))}
	for i, name := range columns {
		s.numeric[i] = slices.Contains(numeric, name)
	}
	return s, s.csv.Write(columns)
}

var plainNumber = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?$`)

// writeRow writes a row, and changes cells.
func (s *sheet) writeRow(cells []string) error {
	for i, cell := range cells {
		if !s.numeric[i] || !plainNumber.MatchString(cell) {
			cells[i] = spec.GuardCell(cell)
		}
	}
	return s.csv.Write(cells)
}

// flush writes the buffered rows.
func (s *sheet) flush() error {
	s.csv.Flush()
	return s.csv.Error()
}
