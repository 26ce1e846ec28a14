package convert_test

import (
	"slices"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/convert"
)

// Whatever a CSV file holds: it is refused with a place, or what comes of it
// loads, and holds its cells as they were.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"loan_id,client_id,amount\nL-1,1,100\n", "loan_id;client_id;amount\r\n\"a;b\";1;5.50\r\n",
		"\uFEFFLoan ID\tamount\tclient_id\n- x\t1\t: y\n", "amount,loan_id,client_id\n1,'q',\"\"\"\"\n", "loan_id,client_id,amount\n\"a\nb\",~,1\n",
		"loan_id,client_id,amount\n!!int 5,*a,1\n|,>,0\n@,`,1\n%,?,2\n",
	} {
		f.Add(seed)
	}
	dir := workspace(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		yaml, err := converted(dir, text, convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
		if err != nil {
			if !strings.Contains(err.Error(), "x.csv:") {
				t.Fatalf("no place in %v", err)
			}
			return
		}
		for _, row := range loadFiles(t, yaml).Reports[0].Rows {
			if !strings.Contains(strings.ReplaceAll(text, `""`, `"`), row.LoanID) {
				t.Fatalf("%q isn't in %q", row.LoanID, text)
			}
		}
	})
}

// Texts come through a document as they were.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"plain", "a: b", "two\nlines", " # no comment", "- x", "'", `"`, "|", "no", "007", "1.5", "~", "é\n\n  indented", "tab\there", "\u2028", "x\n", "😀", "😀\uE000\U000E0067", "😀\n: \\U0001F600\"'", "---", "key: |\n  a"} {
		f.Add(seed)
	}
	dir := workspace(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		cell := `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		yaml, err := converted(dir, "loan_id,client_id,key,body\nL-1,1,k,"+cell+"\n", convert.Options{Kind: convert.Journal})
		if err != nil {
			return
		}
		want := strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
		got := loadFiles(t, yaml).Journals
		if !slices.ContainsFunc(got, func(j *spec.Journal) bool {
			return strings.Trim(j.Body, "\uFEFF\u200B \n\t") == strings.Trim(want, "\uFEFF\u200B \n\t")
		}) {
			t.Fatalf("%q became %q\n%s", want, got[0].Body, yaml)
		}
	})
}
