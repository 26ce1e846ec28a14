package convert_test

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/spec/convert"
)

// Columns without a name are spoken of by their number, and only where they hold
// something: spreadsheets leave empty ones at the end.
func TestColumnsWithoutAName(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty ones at the end", "loan_id;client_id;amount;;\nL-1;1;5;; \n", "[]"},
		{"beside one that has a name", "loan_id,client_id,amount,Officer,,\nL-1,1,5,Jane,,\n", `[x.csv:1:1: columns that aren't used: "Officer"]`},
		{"one that holds something in one row", "loan_id,client_id,,amount,\nL-1,1,,5,\nL-2,2,7,5,\nL-3,3,,5,\n", "[x.csv:1:1: columns that aren't used: number 3 (without a name)]"},
		{"two of them, and one with a name", "loan_id,,client_id,amount,Officer,\nL-1,a,1,5,,b\n",
			`[x.csv:1:1: columns that aren't used: "Officer", number 2 (without a name), number 6 (without a name)]`},
	} {
		out, err := convert.CSV([]byte(tt.text), convert.Options{File: "x.csv", Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := fmt.Sprint(out.Warnings); got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

func TestWhichColumnsThereAre(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Loan;client_id;amount;;\nL-1;1;5;;\n", "no column is loan_id; the columns are Loan, client_id, amount; hint"},
		{"Loan;client_id;amount;;\nL-1;1;5;;x\nL-2;2;5;;;;y\n", "no column is loan_id; the columns are Loan, client_id, amount, number 5 (without a name); hint"},
		{"Loan;;client_id;\"\"\nL-1;1;5\n\"x;1\n", "the columns are Loan, client_id, number 2 (without a name); hint"},
	} {
		_, err := convert.CSV([]byte(tt.text), convert.Options{File: "x.csv", Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
		if err == nil || !strings.Contains(textOf(err), tt.want) {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
	_, err := convert.CSV([]byte("loan_id,amount,,\nL-1,5,,x\n"), convert.Options{File: "x.csv", Kind: convert.Repayment,
		Set: map[string]string{"period": "2026-11"}, Columns: map[string]string{"Nr": "client_id"}})
	if err == nil || !strings.Contains(textOf(err), "hint: the columns are loan_id, amount, number 4 (without a name)\n") {
		t.Error(err)
	}
}
