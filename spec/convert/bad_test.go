package convert_test

import (
	"strings"
	"testing"

	"kivaform/spec/convert"
)

// Files that nobody should be able to turn into documents, and what is said of
// them.
func TestBadFiles(t *testing.T) {
	const head = "loan_id,client_id,amount\n"
	dir := workspace(t, nil)
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "x.csv:1: the file is empty"},
		{"blank lines", "\n\n , ,\n", "the file is empty"},
		{"a header alone", head, "no rows below the header"},
		{"no header", "L-1,1,100\nL-2,2,100\n", `no column is loan_id; the columns are L-1, 1, 100; hint: say which one it is: --map "…=loan_id"`},
		{"a header in another language", "prêt,client,montant\nL-1,1,100\n", "no column is amount"},
		{"two columns of one name", "loan_id,Loan ID,amount\nL-1,L-1,1\n", `loan_id stands in two columns, also in "loan_id"`},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00", "x.csv:1: not UTF-8 text; hint: save it as CSV UTF-8; a workbook (.xlsx) has to be exported first"},
		{"Latin-1", head + "L-1,1,100\nJos\xe9,2,100\n", "x.csv:3: not UTF-8 text"},
		{"UTF-16", "\xff\xfel\x00o\x00", "not UTF-8 text"},
		{"a zero byte", head + "L-1,\x001,100\n", "x.csv:2: not UTF-8 text"},
		{"a quote that never ends", head + "L-1,1,100\n\"L-2,2,100\nL-3,3,100\n", "x.csv:3: a quote that stands alone, or doesn't end"},
		{"a quote in a cell", head + "L\"1,1,100\n", "x.csv:2: a quote that stands alone"},
		{"text after a quote", head + "\"L\"1,1,100\n", "x.csv:2: a quote that stands alone"},
		{"a cell too few", head + "L-1,1\n", "x.csv:2:1: 2 cells, where the header has 3"},
		{"a cell too many", head + "L-1,1,1,000.00\n", "x.csv:2:1: 4 cells, where the header has 3; hint: quote a cell that holds the separator"},
		{"an id in exponents", head + "1.04E+06,1,100\n", "x.csv:2:1: loan_id: 1.04E+06: a spreadsheet has changed this id"},
		{"an id in exponents with a comma", "loan_id;client_id;amount\n1,04E+06;1;100\n", "x.csv:2:1: loan_id: 1,04E+06: a spreadsheet"},
		{"a client id in exponents", head + "L-1,2e5,100\n", "x.csv:2:5: client_id: 2e5: a spreadsheet"},
		{"an id with decimals", head + "1042.0,1,100\n", "loan_id: 1042.0: a spreadsheet has made a number of this id"},
		{"an amount in exponents", head + "L-1,1,1.2E+06\n", "x.csv:2:7: amount: in exponent notation"},
		{"a decimal comma", head + "L-1,1,\"1234,50\"\n", "x.csv:2:7: amount: 1234,50 has a decimal comma; hint: write 1234.50"},
		{"dots between thousands", "loan_id;client_id;amount\nL-1;1;1.234.567,50\n", "amount: 1.234.567,50 has a decimal comma; hint: write 1234567.50"},
		{"commas between thousands", head + "L-1,1,\"1,234,567.50\"\n", "write nothing between the thousands"},
		{"spaces between thousands", head + "L-1,1,1 234 567\n", "write nothing between the thousands"},
		{"a currency", head + "L-1,1,KES 100\n", "write the number alone, without currency"},
		{"three decimals", head + "L-1,1,100.125\n", "thousands, or decimals"},
		{"thousands with a point", head + "L-1,1,20.000\n", "write 20000, or two decimals"},
		{"a negative amount", head + "L-1,1,-5\n", "x.csv:2:7: amount: a repayment can't be below zero"},
		{"brackets for minus", head + "L-1,1,(5)\n", "amount: not an amount"},
		{"an amount beyond all money", head + "L-1,1,99999999999999999999\n", "amount: too large"},
		{"no amount", head + "L-1,1,\n", "x.csv:2:1: amount is missing in this row"},
		{"a dash for nothing", head + "L-1,1,-\n", "amount: not an amount"},
		{"no loan id", head + ",1,100\n", "x.csv:2:1: loan_id is missing in this row"},
		{"no client id", head + "L-1,,100\n", "x.csv:2:5: client_id: is missing"},
		{"#N/A", head + "L-1,1,#N/A\n", "amount: a spreadsheet's error stands in place of the value"},
		{"a column too narrow", head + "L-1,1,########\n", "a spreadsheet's error"},
		{"#REF! for an id", head + "#REF!,1,100\n", "loan_id: a spreadsheet's error"},
		{"a loan twice", head + "L-1,1,100\nL-2,2,100\nL-1,1,200\n", "x.csv:4:1: loan_id: L-1 stands twice, first at line 2"},
		{"a total below the rows", head + "L-1,1,100\n,,100\n", "x.csv:3:1: loan_id is missing in this row"},
		{"a control character", head + "L-\x071,1,100\n", "loan_id: an id can't hold a line break or another control character"},
		{"a line break in an id", head + "\"L-\n1\",1,100\n", "an id can't hold a line break"},
		{"a header again in the middle", head + "L-1,1,100\n" + head, "x.csv:3:19: amount: not an amount"},
		{"JSON", `{"loan_id": "L-1", "amount": 1}`, "stands alone"},
		{"HTML", "<html><body>Log in</body></html>", "no column is loan_id"},
		{"an amount that is text", head + "L-1,1,paid\n", "amount: not an amount"},
		{"a fault behind letters of two bytes", head + "Größe,1,x\n", "x.csv:2:9: amount"},
		{"rows as one cell", head + "\"L-1,1,100\"\n", "1 cells, where the header has 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := converted(dir, tt.text, convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
			if err == nil {
				t.Fatalf("converted to\n%s", text)
			}
			if !strings.Contains(textOf(err), tt.want) {
				t.Errorf("%q isn't in: %v", tt.want, err)
			}
			if !strings.Contains(textOf(err), "x.csv:") {
				t.Errorf("no place in: %v", err)
			}
		})
	}
}

func TestAFileOfTheWrongKindEndsSoon(t *testing.T) {
	_, err := converted(workspace(t, nil), "loan_id,client_id,amount\n"+strings.Repeat("x\n", 5000), convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
	if n := strings.Count(textOf(err), "x.csv:"); n > 1001 || !strings.Contains(textOf(err), "too many faults") {
		t.Errorf("%d faults", n)
	}
}

func TestMappingsThatMeanNothing(t *testing.T) {
	dir := workspace(t, nil)
	for _, tt := range []struct {
		o    convert.Options
		want string
	}{
		{convert.Options{Kind: "loan"}, "the kind is loan-draft, journal or repayment"},
		{convert.Options{Kind: convert.Repayment}, "--set period=2026-11"},
		{convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "November"}}, "not a month as YYYY-MM"},
		{convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"amount": "5"}}, `"amount" can't be set for every loan-draft`},
		{convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"colour": "5"}}, `"colour" can't be set`},
		{convert.Options{Kind: convert.LoanDraft, Columns: map[string]string{"Nr": "loan_id"}}, `there is no column "Nr", which is mapped to loan_id; hint: the columns are loan_id, client_id, amount`},
		{convert.Options{Kind: convert.LoanDraft, Columns: map[string]string{"amount": "money"}}, `"amount" is mapped to money, which isn't a field of a loan-draft`},
		{convert.Options{Kind: convert.LoanDraft, Columns: map[string]string{"client_id": "loan_id"}}, "loan_id stands in two columns"},
	} {
		if _, err := converted(dir, "loan_id,client_id,amount\nL-1,1,100\n", tt.o); err == nil || !strings.Contains(textOf(err), tt.want) {
			t.Errorf("%+v: %v", tt.o, err)
		}
	}
}
