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

// A sheet writes CSV in which no text is a formula, whoever wrote it.
type sheet struct {
	csv     *csv.Writer
	numeric []bool // columns that stay as they are where they hold a number
}

// newSheet writes the header. Columns are text unless they are named as numeric.
func newSheet(out io.Writer, columns []string, numeric ...string) (*sheet, error) {
	s := &sheet{csv: csv.NewWriter(out), numeric: make([]bool, len(columns))}
	for i, name := range columns {
		s.numeric[i] = slices.Contains(numeric, name)
	}
	return s, s.csv.Write(columns)
}

var plainNumber = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?$`)

// write writes a row, whose cells it changes.
func (s *sheet) write(cells []string) error {
	for i, cell := range cells {
		if !s.numeric[i] || !plainNumber.MatchString(cell) {
			cells[i] = spec.GuardCell(cell)
		}
	}
	return s.csv.Write(cells)
}

// end writes what is left.
func (s *sheet) end() error {
	s.csv.Flush()
	return s.csv.Error()
}
