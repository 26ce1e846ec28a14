package convert

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"kivaform/kiva/hint"
	"kivaform/spec"
)

// maxFaults ends the reading of a file that is clearly of the wrong kind.
const maxFaults = 1000

// A reader reads the rows of one CSV file.
type reader struct {
	faults
	options        Options
	layout         string
	data           []byte // without byte order mark
	lines          [][]byte
	csv            *csv.Reader
	header         []string
	columns        []column // by index; unused columns have no name
	loans, clients zeroStripped
	warnings       []*spec.Fault
}

// CSV converts a CSV file whose first row names the columns by Kiva's names, or
// by Options.Columns. It fails if the file can't be read as such; [Output.Check]
// reports the faults of single rows.
func CSV(data []byte, o Options) (*Output, error) {
	r, err := newReader(o)
	if err != nil {
		return nil, err
	}
	if !r.openText(data) || !r.readHeader() {
		return nil, r.err()
	}
	rows := r.readRows()
	if len(rows) == 0 && len(r.list) == 0 {
		r.add(codeFile, r.originOfLine(1), "there are no rows below the header", "")
		return nil, r.err()
	}
	out := &Output{rows: len(rows), csv: true, documents: r.buildDocuments(rows), Warnings: r.warnings}
	if o.Kind == Repayment {
		out.documents = []document{joinReport(out.documents, o.Set)}
	}
	out.faults = r.list
	return out, nil
}

func newReader(o Options) (*reader, error) {
	if !slices.Contains(Kinds, o.Kind) {
		return nil, fmt.Errorf("the kind is loan-draft, journal or repayment, not %q", o.Kind)
	}
	if err := checkSet(o); err != nil {
		return nil, err
	}
	l, err := parseDateFormat(o.DateFormat)
	if err != nil {
		return nil, err
	}
	return &reader{options: o, layout: l, loans: newZeroStripped(o.Known.Loans), clients: newZeroStripped(o.Known.Clients)}, nil
}

// checkSet refuses fields that a kind doesn't have, and a report without a
// period.
func checkSet(o Options) error {
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		f, ok := columnOf(o.Kind, name)
		if !(o.Kind == Repayment && name == "period") && (!ok || f.name != name || f.borrower) {
			return fmt.Errorf("%q can't be set for every %s", name, o.Kind)
		}
	}
	if o.Kind == Repayment && o.Set["period"] == "" {
		return hint.With(errors.New("which month is the report for?"), "--set period=2026-11")
	}
	return nil
}

// openText checks that the file is UTF-8 and detects its separator.
func (r *reader) openText(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	r.data, r.lines = data, bytes.SplitAfter(data, []byte("\n"))
	if i := firstUnreadable(data); i >= 0 {
		line := bytes.Count(data[:i], []byte("\n")) + 1
		r.add(codeFile, r.originOfLine(line), "not UTF-8 text", "save it as CSV UTF-8; a workbook (.xlsx) has to be exported first")
		return false
	}
	r.csv = csv.NewReader(bytes.NewReader(data))
	r.csv.Comma = detectSeparator(r.lines)
	r.csv.FieldsPerRecord = -1
	return true
}

// firstUnreadable returns the offset of the first byte that isn't UTF-8 text, else
// -1.
func firstUnreadable(data []byte) int {
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && size == 1 || c == 0 {
			return i
		}
		i += size
	}
	return -1
}

// detectSeparator returns the most frequent of comma, semicolon and tab in the
// header.
func detectSeparator(lines [][]byte) rune {
	for _, line := range lines {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		best := ','
		for _, c := range []rune{';', '\t'} {
			if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
				best = c
			}
		}
		return best
	}
	return ','
}

// originOfLine returns line n as an origin.
func (r *reader) originOfLine(n int) origin {
	return origin{Pos: spec.Pos{File: r.options.File, Line: int32(n)}}
}

// originOfCell returns the origin of a cell in the last row read.
func (r *reader) originOfCell(column int) origin {
	line, offset := r.csv.FieldPos(column)
	p := r.originOfLine(line)
	if line <= len(r.lines) {
		text := r.lines[line-1]
		p.Column = int32(utf8.RuneCount(text[:min(offset-1, len(text))])) + 1
	}
	if column < len(r.header) {
		p.name = r.header[column]
	}
	return p
}

// readRecord returns the next row that isn't blank, and reports malformed rows.
func (r *reader) readRecord() []string {
	for len(r.list) < maxFaults {
		record, err := r.csv.Read()
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			r.add(codeFile, r.originOfLine(syntax.StartLine), "a quote that stands alone, or doesn't end", "double a quote that is part of a text")
		case err != nil:
			if err != io.EOF {
				r.add(codeFile, r.originOfLine(1), err.Error(), "")
			}
			return nil
		case slices.ContainsFunc(record, func(c string) bool { return trimCell(c) != "" }):
			return record
		}
	}
	r.add(codeFile, r.originOfLine(len(r.lines)), "too many faults: the rest of the file wasn't read", "")
	return nil
}

// readHeader assigns a field to each column.
func (r *reader) readHeader() bool {
	names := r.readRecord()
	if names == nil {
		if len(r.list) == 0 {
			r.add(codeFile, r.originOfLine(1), "the file is empty", "")
		}
		return false
	}
	for _, name := range names {
		r.header = append(r.header, trimCell(name))
	}
	r.columns = make([]column, len(r.header))
	used := map[string]bool{} // of Options.Columns
	first := map[string]int{}
	var extra []string
	for i, name := range r.header {
		f, ok := r.matchColumn(name, used)
		if !ok {
			if name != "" {
				extra = append(extra, fmt.Sprintf("%q", name))
			}
			continue
		}
		if before, twice := first[f.name]; twice {
			r.add(codeColumns, r.originOfCell(i), fmt.Sprintf("%s stands in two columns, also in %q", f.name, r.header[before]), "take one of them out, or map it to another field")
		}
		first[f.name] = i
		r.columns[i] = f
	}
	nameless := r.namelessColumns()
	r.checkColumns(first, used, nameless)
	if extra = append(extra, nameless...); len(extra) > 0 {
		f := &spec.Fault{Code: codeColumns, Severity: spec.Warning, Pos: r.originOfCell(0).Pos, Message: "columns that aren't used: " + strings.Join(extra, ", ")}
		r.warnings = append(r.warnings, f)
	}
	return len(r.list) == 0
}

// matchColumn finds a column's field by the mapping, else by its name.
func (r *reader) matchColumn(name string, used map[string]bool) (column, bool) {
	for _, from := range slices.Sorted(maps.Keys(r.options.Columns)) {
		to := r.options.Columns[from]
		if trimCell(from) == name || foldName(from) == foldName(name) {
			used[from] = true
			return columnOf(r.options.Kind, to)
		}
	}
	return columnOf(r.options.Kind, name)
}

// checkColumns reports mappings of unknown columns or fields, and missing
// fields.
func (r *reader) checkColumns(there map[string]int, used map[string]bool, nameless []string) {
	kind, top := r.options.Kind, origin{Pos: r.originOfCell(0).Pos}
	named := slices.DeleteFunc(slices.Clone(r.header), func(name string) bool { return name == "" })
	columns := strings.Join(append(named, nameless...), ", ")
	for _, from := range slices.Sorted(maps.Keys(r.options.Columns)) {
		to := r.options.Columns[from]
		if !used[from] {
			r.add(codeColumns, top, fmt.Sprintf("there is no column %q, which is mapped to %s", from, to), "the columns are "+columns)
		}
		if _, ok := columnOf(kind, to); !ok {
			r.add(codeColumns, top, fmt.Sprintf("%q is mapped to %s, which isn't a field of a %s", from, to, kind), "the fields are "+listFields(kind))
		}
	}
	for _, name := range requiredFields[kind] {
		if _, ok := there[name]; !ok && r.options.Set[name] == "" {
			r.add(codeColumns, top, fmt.Sprintf("no column is %s; the columns are %s", name, columns),
				fmt.Sprintf("say which one it is: --map \"…=%s\"", name))
		}
	}
}

// A row is one row's cells, by field.
type row struct {
	pos   spec.Pos
	cells map[string]cell
}

func (r *reader) readRows() []row {
	var rows []row
	for record := r.readRecord(); record != nil; record = r.readRecord() {
		if len(record) != len(r.header) {
			at := r.originOfCell(0)
			at.name = ""
			r.add(codeFile, at, fmt.Sprintf("%d cells, where the header has %d", len(record), len(r.header)),
				"quote a cell that holds the separator")
			continue
		}
		rows = append(rows, r.buildRow(record))
	}
	return rows
}

func (r *reader) buildRow(record []string) row {
	w := row{pos: r.originOfCell(0).Pos, cells: map[string]cell{}}
	for i, f := range r.columns {
		if f.name == "" {
			continue
		}
		c := cell{origin: r.originOfCell(i), column: f, text: trimCell(record[i])}
		if message, hint := describeDamage(c, r.loans, r.clients); message != "" {
			r.add(codeDamage, c.origin, message, hint)
		}
		c.text = r.normalizeValue(c)
		w.cells[f.name] = c
	}
	for name, value := range r.options.Set {
		if c, ok := w.cells[name]; name != "period" && (!ok || c.text == "") {
			f, _ := columnOf(r.options.Kind, name)
			w.cells[name] = cell{origin: originOfSet(w.pos, name, value), column: f, text: value}
		}
	}
	for _, name := range requiredFields[r.options.Kind] {
		if c := w.cells[name]; c.text == "" {
			r.add(codeValue, origin{Pos: w.pos}, name+" is missing in this row", "")
		}
	}
	return w
}
