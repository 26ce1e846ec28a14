package load

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
)

func readRows(data string, format spec.CSVFormat) ([]spec.Repayment, []*spec.Fault) {
	t := newTable(context.Background(), "rows.csv", "2026-11", []byte(data), format)
	rows := t.readRows(newBudget())
	return rows, t.faults
}

// TestCSVForms holds that each form in which spreadsheets write a table gives
// the same rows.
func TestCSVForms(t *testing.T) {
	for name, data := range map[string]string{
		"plain":            "L-1,C-1,10.50\nL-2,C-2,0\n",
		"no last newline":  "L-1,C-1,10.50\nL-2,C-2,0",
		"byte order mark":  "\xEF\xBB\xBFL-1,C-1,10.50\nL-2,C-2,0\n",
		"semicolons":       "L-1;C-1;10.50\nL-2;C-2;0\n",
		"tabs":             "L-1\tC-1\t10.50\nL-2\tC-2\t0\n",
		"carriage returns": "L-1,C-1,10.50\r\nL-2,C-2,0\r\n",
		"quotes":           "\"L-1\",\"C-1\",\"10.50\"\nL-2,C-2,\"0\"\n",
		"blank lines":      "\n\nL-1,C-1,10.50\n,,\nL-2,C-2,0\n , ,\n\n",
		"header":           "loan_id,client_id,amount\nL-1,C-1,10.50\nL-2,C-2,0\n",
		"other order":      "Amount;INTERNAL LOAN ID;internal-client-id\n10.50;L-1;C-1\n0;L-2;C-2\n",
		"marked header":    "\xEF\xBB\xBF\"Loan ID\",Client_ID,AMOUNT\r\nL-1,C-1,10.50\r\nL-2,C-2,0\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, format := range []spec.CSVFormat{spec.ThreeColumn, ""} {
				rows, faults := readRows(data, format)
				for i := range rows {
					rows[i].Line, rows[i].Column = 0, 0
				}
				want := []spec.Repayment{
					{LoanID: "L-1", ClientID: "C-1", Amount: money.MustParse("10.50")},
					{LoanID: "L-2", ClientID: "C-2"},
				}
				if diff := cmp.Diff(want, rows); diff != "" || len(faults) > 0 {
					t.Error(diff, faults)
				}
			}
		})
	}
}

func TestSeparator(t *testing.T) {
	for data, want := range map[string]rune{
		"L-1,5\nL;2,5\n":         ',',
		"L;1,5\nL-2,5\n":         ',',
		"L-1;1234,50\nL-2;7,5\n": ';',
		"\n\nL-1;5\n\n":          ';',
		"L;1\t5\nL,2\t5\n":       '\t',
		"":                       ',',
		"L-1 5":                  ',',
		"L-1;5\r\n\r\nL-2;5\r\n": ';',
	} {
		if got := guessSeparator([]byte(data)); got != want {
			t.Errorf("%q: separated by %q, want %q", data, got, want)
		}
	}
}

func TestTwoColumns(t *testing.T) {
	for _, data := range []string{"L-1,10\n", "loan id;amount\nL-1;10\n"} {
		for _, format := range []spec.CSVFormat{spec.TwoColumn, ""} {
			rows, faults := readRows(data, format)
			if len(rows) != 1 || rows[0].LoanID != "L-1" || rows[0].ClientID != "" || len(faults) > 0 {
				t.Errorf("%q as %s: %+v %v", data, format, rows, faults)
			}
		}
	}
	rows, faults := readRows("L-1,C-1,10\n", spec.TwoColumn)
	if rows[0].ClientID != "" || len(faults) != 1 || faults[0].Severity != spec.Warning {
		t.Errorf("a client id was kept: %+v %v", rows, faults)
	}
}

// TestCSVPlaces holds that places count characters, not bytes, also below a
// cell that goes over several lines.
func TestCSVPlaces(t *testing.T) {
	_, faults := readRows("\xEF\xBB\xBFloan_id,name,amount\r\nL-1,\"Ána\r\nMaría\",x\r\nLó,ñ,y\r\n", "")
	var places []string
	for _, f := range faults {
		places = append(places, f.Pos.String()+" "+f.Path)
	}
	want := []string{"rows.csv:1:1 ", "rows.csv:3:8 amount", "rows.csv:4:6 amount"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
	_, faults = readRows("amount,client id,loan_id\nñ1,\"a\nb\", L\nx2,c,\"open\nand on\n", "")
	places = nil
	for _, f := range faults {
		places = append(places, f.Pos.String()+" "+f.Path)
	}
	want = []string{"rows.csv:3:4 loan_id", "rows.csv:2:4 client_id", "rows.csv:2:1 amount", "rows.csv:4:1 "}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}

func TestCSVEncoding(t *testing.T) {
	_, faults := readRows("L-1,5\nL-\xE91,5\n", "")
	if len(faults) != 1 || faults[0].Code != code.Encoding.String() || faults[0].Pos.String() != "rows.csv:2:3" || !strings.Contains(faults[0].Remedy, "UTF-8") {
		t.Errorf("latin-1: %v", faults)
	}
}

// TestRowAddresses holds that a row's fault belongs to its repayment, and a
// report's own to the report.
func TestRowAddresses(t *testing.T) {
	s := load(t, "-- kiva.yaml --\nversion: 1\n-- r.yaml --\nkind: RepaymentReport\nperiod: 2026-11\ncsv: r.csv\nrow: 1\n-- r.csv --\nL/1,x1\n")
	var got []spec.Address
	for _, f := range s.Faults {
		if f.Severity == spec.Error {
			got = append(got, f.Address)
		}
	}
	if diff := cmp.Diff([]spec.Address{"repayment/2026-11/L%2F1", "repayments/2026-11"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTooManyFaults(t *testing.T) {
	for name, line := range map[string]string{"cells": "L-1,x1\n", "quotes": "L\"1,5\n"} {
		_, faults := readRows("L-0,5\n"+strings.Repeat(line, 5_000), "")
		last := faults[len(faults)-1]
		if len(faults) != maxTableFaults+2 || last.Code != code.TooMany.String() {
			t.Errorf("%s: %d faults, the last %v", name, len(faults), last)
		}
	}
}

func TestReportOverflow(t *testing.T) {
	var rows strings.Builder
	for i := range 1_000 {
		fmt.Fprintf(&rows, "L-%d,999999999999\n", i)
	}
	s := load(t, "-- kiva.yaml --\nversion: 1\n-- r.yaml --\nkind: RepaymentReport\nperiod: 2026-11\ncsv: r.csv\n-- r.csv --\n"+rows.String())
	if err := s.Err(nil); err == nil || err.Error() != "r.yaml:1:1: the report's total is too large" {
		t.Error(err)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"L-1,C-1,10.50\n", "loan_id;amount\r\nL-1;1.04E+06\r\n", "a\t\"b\nc\"\t1\n\"", "0,\"0\n", "\xEF\xBB\xBF,,\n", "L-1,5\nL-1,5,6\n"} {
		f.Add([]byte(s), 0)
		f.Add([]byte(s), 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, format int) {
		tab := newTable(t.Context(), "rows.csv", "2026-11", data, []spec.CSVFormat{"", spec.TwoColumn, spec.ThreeColumn}[format&1+format&2>>1])
		rows := tab.readRows(newBudget())
		checkPlaces(t, tab.faults, tab.data)
		if tab.format == spec.ThreeColumn && len(tab.faults) == 0 {
			for _, r := range rows {
				if r.LoanID == "" || r.ClientID == "" {
					t.Errorf("row without id: %+v", r)
				}
			}
		}
	})
}

// checkPlaces fails where a fault isn't somewhere in the file.
func checkPlaces(t *testing.T, faults []*spec.Fault, data []byte) {
	t.Helper()
	lines := strings.Split(string(data), "\n")
	for _, f := range faults {
		line, column := int(f.Pos.Line), int(f.Pos.Column)
		if line == 0 && column == 0 {
			continue // of the whole file
		}
		if line < 1 || line > len(lines) || column < 1 || column > len([]rune(lines[line-1]))+1 {
			t.Errorf("%v is at no place of the file", f)
		}
	}
}

// TestColumnsWithoutAName holds that the empty columns that spreadsheets leave at
// the end aren't spoken of, and those that hold something by their number.
func TestColumnsWithoutAName(t *testing.T) {
	for data, want := range map[string]string{
		"loan_id;amount;;\nL-1;5;; \n":                                  "[]",
		"loan_id,amount,Officer,,\nL-1,5,Jane,,\n":                      `[rows.csv:1:1: columns that aren't used: "Officer"]`,
		"loan_id,,amount, \nL-1,,5,\nL\"3,,5,\nL-2,7,5,\n":              "[rows.csv:1:1: columns that aren't used: number 2 (without a name)",
		"loan_id,,amount,Officer,\nL-1,a,5,,\nL-2,,5,,b\nL-3,,5,,,,c\n": `[rows.csv:1:1: columns that aren't used: "Officer", number 2 (without a name), number 5 (without a name) rows.csv:4:1: 7 cells`,
	} {
		if _, faults := readRows(data, ""); !strings.HasPrefix(fmt.Sprint(faults), want) {
			t.Errorf("%q: %v", data, faults)
		}
	}
}
