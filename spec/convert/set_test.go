package convert_test

import (
	"strings"
	"testing"

	"kivaform/spec/convert"
)

// What is wrong with a value that a flag gave is said of the flag, once, and not
// of the rows.
func TestFaultsOfFlags(t *testing.T) {
	dir := workspace(t, nil)
	const (
		repayments = "loan_id,client_id,amount\nL-1,1,100\nL-2,2,100\n"
		drafts     = "loan_id,client_id,amount\nL-1,1,100\nL-2,2,100\n"
		journals   = "loan_id,client_id,subject,body\nL-1,1,S,B\nL-2,2,S,B\n"
	)
	for _, tt := range []struct {
		kind       convert.Kind
		rows       string
		name, said string
		want       string
	}{
		{convert.Repayment, repayments, "period", "11/2026", "--set period=11/2026: not a month as YYYY-MM; hint: write it as --set period=2026-11"},
		{convert.Repayment, repayments, "period", "2026-13", "--set period=2026-13: not a month as YYYY-MM; hint: write it as --set period=2026-11"},
		{convert.LoanDraft, drafts, "disburse_time", "01/12/2026", "--set disburse_time=01/12/2026: not a date as YYYY-MM-DD; hint: write it as --set disburse_time=2026-12-31"},
		{convert.LoanDraft, drafts, "activity", "Diary", `--set activity=Diary: "Diary" isn't in catalog.yaml; hint: the nearest are Dairy`},
		{convert.LoanDraft, drafts, "activity_id", "x", "--set activity_id=x: not an id of Kiva's list"},
		{convert.LoanDraft, drafts, "client_waiver_signed", "perhaps", "--set client_waiver_signed=perhaps: neither true nor false"},
		{convert.LoanDraft, drafts, "schedule_principal_1", "1,5", "--set schedule_principal_1=1,5: 1,5 has a decimal comma; hint: write 1.50"},
		{convert.Journal, journals, "key", "a\x07b", "--set key=…: an id can't hold a line break"},
		{convert.LoanDraft, drafts, "activity", strings.Repeat("a", 61), "--set activity=…: "},
	} {
		_, err := converted(dir, tt.rows, convert.Options{Kind: tt.kind, Set: map[string]string{tt.name: tt.said}})
		if err == nil || strings.Count(textOf(err), tt.want) != 1 {
			t.Errorf("--set %s=%s: %v", tt.name, tt.said, err)
			continue
		}
		if tt.name != "schedule_principal_1" && strings.Contains(textOf(err), "x.csv") {
			t.Errorf("--set %s=%s: a row is blamed, too: %v", tt.name, tt.said, err)
		}
	}
}

// A value that a flag gave and that doesn't fit some rows is those rows' fault.
func TestRowsThatAFlagDoesntFit(t *testing.T) {
	const rows = "internal_loan_id,internal_client_id,loan_id,client_id,amount,not_pictured\nG,C,M-1,1,100,no\nG,,M-2,2,200,no\n,,L-3,3,5,\n,,L-4,4,5,\n"
	_, err := converted(workspace(t, nil), rows, convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"group_name": "Tumaini"}})
	if err == nil || strings.Contains(textOf(err), "--set") {
		t.Fatal(err)
	}
	for _, want := range []string{"x.csv:4:1: group_name: is for groups only", "x.csv:5:1: group_name: is for groups only"} {
		if !strings.Contains(textOf(err), want) {
			t.Errorf("%q isn't in %v", want, err)
		}
	}
}

// Rows and flags are told apart, and all of it is said at once.
func TestFaultsOfRowsBesideThoseOfFlags(t *testing.T) {
	_, err := converted(workspace(t, nil), "loan_id,client_id,amount\nL-1,1,x\nL-2,2,5\nL-3,3,5\n",
		convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"disburse_time": "soon"}})
	if err == nil || strings.Count(err.Error(), "\t* ") != 2 || !strings.Contains(textOf(err), "--set disburse_time=soon: ") || !strings.Contains(textOf(err), "x.csv:2:7: amount: not an amount") {
		t.Error(err)
	}
}

// A body in Kiva's own form has no date format that could be told.
func TestFaultsOfDatesInJSON(t *testing.T) {
	dir := workspace(t, nil)
	const draft = `{"entreps": [{"loan_id": "L-1", "client_id": "1", "amount": 1}]`
	_, err := convertedJSON(dir, draft+`, "disburse_time": "03/12/2026"}`, convert.Options{})
	if err == nil || !strings.Contains(textOf(err), "disburse_time: not a date as YYYY-MM-DD; hint: write the year first") {
		t.Error(err)
	}
	_, err = convertedJSON(dir, draft+"}", convert.Options{Set: map[string]string{"disburse_time": "03/12/2026"}})
	if err == nil || !strings.Contains(textOf(err), "--set disburse_time=03/12/2026: not a date as YYYY-MM-DD; hint: write it as --set disburse_time=2026-12-31") {
		t.Error(err)
	}
	_, err = convertedJSON(dir, `{"repayments": [{"loan_id": "L-1", "client_id": "1", "amount": 1}]}`, convert.Options{Set: map[string]string{"period": "11/2026"}})
	if err == nil || !strings.Contains(textOf(err), "--set period=11/2026: not a month") {
		t.Error(err)
	}
}
