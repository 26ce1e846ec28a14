package load

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/input"
	"kivaform/spec/rule"
	"kivaform/spec/yamldoc"
)

// maxTableFaults bounds the faults of a CSV file; a file of the wrong kind would
// have one in every cell.
const maxTableFaults = 1000

// mostExpected bounds the rows for which memory is reserved before reading: a
// file may consist of line ends.
const mostExpected = 200_000

// A table reads a CSV file of repayments: two or three columns, with or without
// a header.
type table struct {
	file   string
	period string
	format spec.CSVFormat
	data   []byte // without byte order mark
	csv    *csv.Reader
	faults []*spec.Fault

	width                int // of the first row
	loan, client, amount int // columns; client is -1 if absent

	line, lineStart int // the last position returned by pos, so that lines are counted once
}

// readCSV reads a report's CSV file. An unreadable file is a fault at its name.
func (l *loader) readCSV(r *yamldoc.Reader, o *yamldoc.Object, report *spec.RepaymentReport, format spec.CSVFormat) {
	at := r.Pos(o.Find("csv"))
	if input.IsHidden(l.root, report.File) {
		r.Add(hiddenFault(at, "csv"))
		return
	}
	err := l.buffers.Read(l.ctx, l.root, report.File, maxFile, func(data []byte) {
		if l.budget.takeFile(data) {
			t := newTable(l.ctx, report.File, report.Period, data, format)
			report.Rows = t.readRows(l.budget)
			r.AddBounded(t.faults)
		}
	})
	if err != nil {
		r.Add(fileFault(code.Path, at, "csv", err))
	}
}

func newTable(ctx context.Context, file, period string, data []byte, format spec.CSVFormat) *table {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	t := &table{file: file, period: period, format: format, data: data, line: 1}
	t.csv = csv.NewReader(input.Reader{Context: ctx, From: bytes.NewReader(data)})
	t.csv.Comma = guessSeparator(data)
	t.csv.FieldsPerRecord = -1 // checked here, with the row's position
	t.csv.ReuseRecord = true
	return t
}

// guessSeparator returns a tab or a semicolon if each of the first ten lines has
// one, else a comma. So a decimal comma isn't taken for a separator.
func guessSeparator(data []byte) rune {
	const lines = 10
	rest := data
	inAll := map[byte]bool{'\t': true, ';': true}
	seen := 0
	for ; seen < lines && len(rest) > 0; seen++ {
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		rest = after
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		for c := range inAll {
			inAll[c] = inAll[c] && bytes.IndexByte(line, c) >= 0
		}
	}
	switch {
	case seen > 0 && inAll['\t']:
		return '\t'
	case seen > 0 && inAll[';']:
		return ';'
	}
	return ','
}

func (t *table) readRows(left *budget) []spec.Repayment {
	if i := invalidUTF8(t.data); i >= 0 {
		t.addFault(code.NewFault(code.Encoding, yamldoc.PositionAt(t.file, t.data, i), "", "the file isn't UTF-8 text", "save it as CSV UTF-8"))
		return nil
	}
	record, err := t.nextRecord()
	if err != nil {
		t.addFault(code.NewFault(code.NoRows, spec.Pos{File: t.file}, "", "there are no rows", ""))
		return nil
	}
	rows := make([]spec.Repayment, 0, min(bytes.Count(t.data, []byte{'\n'})+1, mostExpected))
	if !t.layOut(record) {
		return nil
	}
	if !t.isHeader(record) {
		rows = append(rows, t.readRow(record))
	}
	for record, err = t.nextRecord(); err == nil && left.rows.Add(-1) >= 0; record, err = t.nextRecord() {
		rows = append(rows, t.readRow(record))
	}
	if len(t.faults) > maxTableFaults {
		t.addFault(code.NewFault(code.TooMany, spec.Pos{File: t.file}, "", "too many faults: the rest of the file wasn't read", ""))
	}
	return rows
}

// nextRecord returns the next valid record that isn't blank, and reports invalid
// ones. After too many faults it returns io.EOF.
func (t *table) nextRecord() ([]string, error) {
	for len(t.faults) <= maxTableFaults {
		record, err := t.csv.Read()
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			t.addFault(code.NewFault(code.CSV, t.syntaxPos(syntax), "", csvProblem(syntax.Err), "double a quote within quotes"))
		case err != nil:
			return nil, err
		case !isBlank(record):
			return record, nil
		}
	}
	return nil, io.EOF
}

// syntaxPos returns the position to mend: for a quote that never ends, which
// the parser reports at the end of the file, its row's first line.
func (t *table) syntaxPos(err *csv.ParseError) spec.Pos {
	if err.StartLine != err.Line {
		return t.pos(err.StartLine, 1)
	}
	return t.pos(err.Line, err.Column)
}

func csvProblem(err error) string {
	if errors.Is(err, csv.ErrBareQuote) {
		return "a quote within a cell that has none around it"
	}
	return "a quote that doesn't end its cell"
}

// isBlank reports whether a row has no text. Spreadsheets append such rows.
func isBlank(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// columnNames maps folded headers to columns.
var columnNames = map[string]string{
	"loanid": "loan_id", "internalloanid": "loan_id",
	"clientid": "client_id", "internalclientid": "client_id",
	"amount": "amount",
}

func columnName(header string) string {
	fold := strings.NewReplacer(" ", "", "_", "", "-", "")
	return columnNames[strings.ToLower(fold.Replace(header))]
}

func (t *table) isHeader(record []string) bool {
	for _, cell := range record {
		if columnName(cell) != "" {
			return true
		}
	}
	return false
}

// layOut assigns the columns: by name in a header, else by number, in the order
// of PA2's own uploads. It reports whether all required ones exist.
func (t *table) layOut(record []string) bool {
	t.width = len(record)
	if t.isHeader(record) {
		return t.layOutByName(record)
	}
	switch t.width {
	case 2:
		t.loan, t.client, t.amount = 0, -1, 1
	case 3:
		t.loan, t.client, t.amount = 0, 1, 2
	default:
		t.addFault(code.NewFault(code.CSVColumns, t.cellPos(0), "", fmt.Sprintf("%d columns where two or three are expected", t.width),
			"name them in a header: loan_id, client_id, amount; write amounts with a decimal point and without grouping"))
		return false
	}
	if !strings.ContainsAny(record[t.amount], "0123456789") {
		t.addFault(code.NewFault(code.CSVColumns, t.cellPos(0), "", "the first row has no amount, and as a header it names no column that is known",
			"name the columns loan_id, client_id, amount"))
		return false
	}
	return t.checkFormat()
}

func (t *table) layOutByName(record []string) bool {
	columns := map[string]int{}
	var extra []string
	for i, cell := range record {
		name := columnName(cell)
		if _, twice := columns[name]; twice && name != "" {
			t.addFault(code.NewFault(code.CSVColumns, t.cellPos(i), "", "the column "+name+" stands twice", "keep one of the two"))
			return false
		}
		columns[name] = i
		if name == "" && strings.TrimSpace(cell) != "" {
			extra = append(extra, fmt.Sprintf("%q", yamldoc.Shortened(cell)))
		}
	}
	var named [3]bool
	t.loan, named[0] = columns["loan_id"]
	t.amount, named[1] = columns["amount"]
	if t.client, named[2] = columns["client_id"]; !named[2] {
		t.client = -1
	}
	if !named[0] || !named[1] {
		t.addFault(code.NewFault(code.CSVColumns, t.cellPos(0), "", "the header doesn't name both loan_id and amount", "name the columns loan_id, client_id, amount"))
		return false
	}
	if extra = append(extra, t.filledNameless(record)...); len(extra) > 0 {
		columns := rule.Enumerate(extra)
		t.addFault(code.NewFault(code.CSVExtra, t.cellPos(0), "", "columns that aren't used: "+columns, "").With("columns", columns))
	}
	return t.checkFormat()
}

// filledNameless lists the columns that have cells and no name. Empty ones are
// ignored: spreadsheets append them.
func (t *table) filledNameless(header []string) []string {
	var blank []int
	for i, cell := range header {
		if strings.TrimSpace(cell) == "" {
			blank = append(blank, i)
		}
	}
	if blank == nil {
		return nil
	}
	filled := t.filledColumns(len(header))
	var all []string
	for _, i := range blank {
		if filled[i] {
			all = append(all, fmt.Sprintf("number %d (without a name)", i+1))
		}
	}
	return all
}

// filledColumns reads the whole file and reports which columns have a cell with
// text.
func (t *table) filledColumns(columns int) []bool {
	again := csv.NewReader(bytes.NewReader(t.data))
	again.Comma, again.FieldsPerRecord, again.ReuseRecord = t.csv.Comma, -1, true
	all := make([]bool, columns)
	for {
		record, err := again.Read()
		if err != nil && !errors.As(err, new(*csv.ParseError)) {
			return all
		}
		for i, cell := range record[:min(columns, len(record))] {
			all[i] = all[i] || strings.TrimSpace(cell) != ""
		}
	}
}

// checkFormat checks the columns against the partner's CSV format.
func (t *table) checkFormat() bool {
	switch {
	case t.format == spec.ThreeColumn && t.client < 0:
		t.addFault(code.NewFault(code.ClientID, t.cellPos(0), "client_id", "there is no such column, and a three-column partner must give it", "add a column client_id"))
		return false
	case t.format == spec.TwoColumn && t.client >= 0:
		t.addFault(code.NewFault(code.ClientIDDropped, t.cellPos(t.client), "client_id", "a two-column partner doesn't send this column",
			"remove it, or set csv_format: three-column if PA2 says so").InCase("column"))
	}
	return true
}

func (t *table) readRow(record []string) spec.Repayment {
	line, _ := t.csv.FieldPos(0)
	row := spec.Repayment{Line: int32(line), Column: 1}
	if len(record) != t.width {
		t.addFault(code.NewFault(code.CSVColumns, t.cellPos(0), "", fmt.Sprintf("%d cells, where the first row has %d", len(record), t.width), cellsHint(t.csv.Comma)))
		return row
	}
	row.LoanID = spec.UnguardCell(record[t.loan])
	if c, problem, hint := cellID(row.LoanID); c == code.IDForm && problem != "" {
		t.addCellFault(c, t.loan, "loan_id", problem, hint, row.LoanID).Pending = t.period != ""
	} else if problem != "" {
		f := t.addCellFault(c, t.loan, "loan_id", problem, hint, "")
		if row.LoanID == "" {
			f.InCase(code.CaseMissing)
		}
	}
	if t.client >= 0 && t.format != spec.TwoColumn {
		row.ClientID = t.clientID(record)
	}
	amount, problem, hint := cellAmount(record[t.amount])
	if problem != "" {
		t.addCellFault(code.Amount, t.amount, "amount", problem, hint, row.LoanID)
	}
	row.Amount = amount
	return row
}

func cellsHint(comma rune) string {
	if comma == ',' {
		return "write amounts with a decimal point and without grouping, or quote the cell"
	}
	return ""
}

// clientID returns a row's client id, which only partners of the three-column
// format must give.
func (t *table) clientID(record []string) string {
	id, loan := spec.UnguardCell(record[t.client]), spec.UnguardCell(record[t.loan])
	if id == "" {
		if t.format == spec.ThreeColumn {
			t.addCellFault(code.ClientID, t.client, "client_id", "is missing, and a three-column partner must give it", "", loan)
		}
		return ""
	}
	if c, problem, hint := cellID(id); problem != "" {
		t.addCellFault(c, t.client, "client_id", problem, hint, loan)
	}
	return id
}

func (t *table) addCellFault(c code.Code, column int, path, problem, hint, loanID string) *spec.Fault {
	f := code.NewFault(c, t.cellPos(column), path, problem, hint)
	if loanID != "" && t.period != "" {
		f.Address = spec.RepaymentAddress(t.period, loanID)
	}
	t.addFault(f)
	return f
}

func (t *table) addFault(f *spec.Fault) { t.faults = append(t.faults, f) }

// cellPos returns the position of a cell in the current record.
func (t *table) cellPos(column int) spec.Pos {
	line, offset := t.csv.FieldPos(column)
	return t.pos(line, offset)
}

// pos converts a line and a byte in it to a position in characters. It is fast
// if called in the order of lines.
func (t *table) pos(line, column int) spec.Pos {
	if line < t.line {
		t.line, t.lineStart = 1, 0
	}
	for ; t.line < line; t.line++ {
		i := bytes.IndexByte(t.data[t.lineStart:], '\n')
		if i < 0 {
			break
		}
		t.lineStart += i + 1
	}
	text, _, _ := bytes.Cut(t.data[t.lineStart:], []byte{'\n'})
	before := text[:min(column-1, len(text))]
	return spec.Pos{File: t.file, Line: int32(line), Column: int32(utf8.RuneCount(before)) + 1}
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
