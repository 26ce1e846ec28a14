package convert_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-multierror"

	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/convert"
	"kivaform/spec/load"
)

const settings = `version: 1
partner_id: "145"
csv_format: three-column
repayment_amounts: cumulative-principal
environments: {sandbox: {today: 2026-11-20}}
`

const catalogYAML = `as_of: 2026-11-20
activities:
  - {activity_id: 61, activity: Dairy}
themes:
  - {theme_type_id: 48, theme_type: General}
locales:
  - {currency: KES, language_code: en, language_name: English, language_id: 1}
locations:
  - {country: Kenya, location: Nakuru, full_name: "Nakuru: Kenya"}
`

// workspace makes one that holds the given files.
func workspace(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("kiva.yaml", settings)
	write("catalog.yaml", catalogYAML)
	for name, text := range files {
		write(name, text)
	}
	return dir
}

// converted converts a CSV text, or returns all that is wrong with it.
func converted(dir, text string, o convert.Options) (string, error) {
	o.File = "x.csv"
	out, err := convert.CSV([]byte(text), o)
	if err != nil {
		return "", err
	}
	if err := out.Check(context.Background(), dir, ""); err != nil {
		return "", err
	}
	data, err := out.Text()
	return string(data), err
}

// load reads what was converted as a workspace's own file.
func loadFiles(t *testing.T, text string) *spec.Set {
	t.Helper()
	set, err := load.Workspace(t.Context(), workspace(t, map[string]string{"all.yaml": text}), load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Err(nil); err != nil {
		t.Fatalf("what was converted doesn't load: %v\n%s", err, text)
	}
	return set
}

func TestRowsThatCantBeConverted(t *testing.T) {
	dir := workspace(t, nil)
	text, err := converted(dir, "\uFEFFLoan No;Client-ID;FIRST NAME;Gender;amount;activity;waiver;location;disbursed;schedule_date_2;schedule_principal_2;Schedule Date 1;schedule principal 1;description\r\n"+
		"true;00884;Ann;F;50000.50;DAIRY;Yes;nakuru: kenya;1/12/2026;5/2/2027;25000.50;5/1/2027;25000;\"One: two\r\nthree # four\"\r\n"+
		" L-2 ;1e;Ben; m ;40.000,00;61;n;;;;;;;\r\n",
		convert.Options{Kind: convert.LoanDraft, DateFormat: "D/M/YYYY",
			Columns: map[string]string{"Loan No": "loan_id", "waiver": "client_waiver_signed", "disbursed": "disburse_time"},
			Set:     map[string]string{"currency": "KES"}})
	if err == nil {
		t.Fatal("an activity's id stood under its name, and a decimal comma")
	}
	for _, want := range []string{`x.csv:4:18: amount: 40.000,00 has a decimal comma; hint: write 40000`, `x.csv:4:28: activity: "61" isn't in catalog.yaml`} {
		if !strings.Contains(textOf(err), want) {
			t.Errorf("%q isn't in\n%v", want, err)
		}
	}
	if text != "" {
		t.Error("documents, although something is wrong")
	}
}

func TestALoanDraftInFull(t *testing.T) {
	text, err := converted(workspace(t, nil), "loan_id,client_id,first_name,gender,amount,activity,client_waiver_signed,location,disburse_time,schedule_date_2,schedule_principal_2,schedule_date_1,schedule_principal_1,description\n"+
		"true,00884,Ann,F,50000.50,DAIRY,Yes,nakuru: kenya,2026-12-01,2027-02-05,25000.50,2027-01-05,25000,\"One: two\nthree # four\"\n",
		convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"currency": "KES"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "description: |-\n  One: two\n  three # four\n") {
		t.Errorf("a text of two lines isn't shown as such:\n%s", text)
	}
	d := loadFiles(t, text).Drafts[0]
	got := fmt.Sprintf("%s %s %s %s %s %s %s %s %q %v", d.LoanID(), d.Entreps[0].ClientID, d.Entreps[0].Gender, d.Amount(), d.Activity.ID,
		d.Currency, d.Location, d.DisburseTime, d.Description, d.Schedule)
	want := `true 00884 female 50000.50 61 KES Nakuru: Kenya 2026-12-01 "One: two\nthree # four" [{2027-01-05 25000 0} {2027-02-05 25000.50 0}]`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

func TestGroups(t *testing.T) {
	const head = "internal_loan_id,internal_client_id,group_name,loan_id,client_id,first_name,amount,not_pictured\n"
	dir := workspace(t, nil)
	o := convert.Options{Kind: convert.LoanDraft}
	text, err := converted(dir, head+"G,C,Tumaini,M-1,1,Ann,100,no\nG,,,M-2,2,Ben,200,yes\nH,D,Amani,M-3,3,Cy,1,0\nG,,Tumaini,M-4,4,Di,300,no\nH,,,M-5,5,Ed,2,0\n", o)
	if err != nil {
		t.Fatal(err)
	}
	set := loadFiles(t, text)
	g := set.Drafts[0]
	if len(set.Drafts) != 2 || len(g.Entreps) != 3 || g.GroupName != "Tumaini" || fmt.Sprint(g.NotPictured) != "[false true false]" || g.Amount().String() != "600" {
		t.Errorf("%d drafts, the first with %d borrowers, named %s", len(set.Drafts), len(g.Entreps), g.GroupName)
	}
	_, err = converted(dir, head+"G,C,Tumaini,M-1,1,Ann,100,no\nG,,Amani,M-2,2,Ben,200,yes\n", o)
	if err == nil || !strings.Contains(textOf(err), "x.csv:3:4: group_name: differs from the group's first row, at line 2") {
		t.Error(err)
	}
}

func TestJournalsAndRepayments(t *testing.T) {
	dir := workspace(t, nil)
	text, err := converted(dir, "Loan ID,client id,Subject,body\nL-1,7,S,B\nL-2,8,S,\" B \"\n", convert.Options{Kind: convert.Journal, Set: map[string]string{"key": "visit"}})
	if err != nil {
		t.Fatal(err)
	}
	if set := loadFiles(t, text); len(set.Journals) != 2 || set.Journals[1].Address() != "journal/L-2/visit" || set.Journals[1].Body != "B" {
		t.Errorf("%+v", set.Journals)
	}
	text, err = converted(dir, "amount\tloan_id\tclient_id\n0.50\tL-1\t7\n100\t#2\t00008\n", convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}})
	if err != nil {
		t.Fatal(err)
	}
	r := loadFiles(t, text).Reports[0]
	if total, _ := r.Total(); r.Period != "2026-11" || len(r.Rows) != 2 || total.String() != "100.50" || r.Rows[1].ClientID != "00008" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(text, `expect: {rows: 2, total: "100.50"}`) {
		t.Errorf("no control total:\n%s", text)
	}
}

func TestTheSameInputMakesTheSameText(t *testing.T) {
	dir := workspace(t, nil)
	const in = "loan_id,client_id,amount,schedule_principal_10,schedule_date_10,schedule_date_9\nL-1,7,1,1,2027-01-01,2026-12-31\n"
	o := convert.Options{Kind: convert.LoanDraft, Set: map[string]string{"currency": "KES", "location": "Nakuru: Kenya", "loanuse": "to eat"}}
	first, err := converted(dir, in, o)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := converted(dir, in, o); again != first {
			t.Fatalf("%s\nis not\n%s", again, first)
		}
	}
	if strings.Index(first, "2026-12-31") > strings.Index(first, "2027-01-01") {
		t.Errorf("instalment 9 comes after 10:\n%s", first)
	}
}

func TestDateFormats(t *testing.T) {
	dir := workspace(t, nil)
	for _, tt := range []struct{ format, cell, want string }{
		{"", "2026-12-03", "2026-12-03"},
		{"DD/MM/YYYY", "03/12/2026", "2026-12-03"},
		{"MM/DD/YYYY", "12/03/2026", "2026-12-03"},
		{"D.M.YY", "3.12.26", "2026-12-03"},
		{"DD-MMM-YYYY", "03-Dec-2026", "2026-12-03"},
		{"YYYY-MM-DD hh:mm:ss", "2026-12-03 00:00:00", "2026-12-03"},
		{"", "03/12/2026", "x.csv:2:5: disburse_time: not a date as YYYY-MM-DD; hint: say how dates are written, for example --date-format DD/MM/YYYY"},
		{"DD/MM/YYYY", "12/31/2026", `x.csv:2:5: disburse_time: "12/31/2026" isn't a date as DD/MM/YYYY`},
		{"MM/YYYY", "12/2026", "doesn't tell day, month and year"},
		{"yyyy", "2026", "doesn't tell day, month and year"},
	} {
		text, err := converted(dir, "loan_id,disburse_time,amount,client_id\nL-1,"+tt.cell+",5,6\n", convert.Options{Kind: convert.LoanDraft, DateFormat: tt.format})
		if !strings.Contains(text+textOf(err), tt.want) {
			t.Errorf("%q as %q: %s%v", tt.cell, tt.format, text, err)
		}
	}
}

func TestIDsThatLostTheirZeros(t *testing.T) {
	var known convert.Known
	known.Add("0042", "00884")
	known.Add("55", "0055")
	for _, tt := range []struct{ cell, want string }{
		{"42,00884", "loan_id: 42 isn't known, but 0042 is"},
		{"0042,00884", ""},
		{"55,0055", ""},
		{"7,7", ""},
		{"0042,884", "client_id: 884 isn't known, but 00884 is: a spreadsheet has dropped the zeros"},
		{"0042,0884", "client_id: 0884 isn't known, but 00884 is"},
		{"042,00884", "loan_id: 042 isn't known, but 0042 is"},
	} {
		_, err := converted(workspace(t, nil), "loan_id,client_id,amount\n"+tt.cell+",1\n",
			convert.Options{Kind: convert.Repayment, Set: map[string]string{"period": "2026-11"}, Known: known})
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(textOf(err), tt.want) {
			t.Errorf("%s: %v", tt.cell, err)
		}
	}
}

// textOf returns the text of an error with its remedies, each fault in a line.
func textOf(err error) string {
	var faults *multierror.Error
	if err == nil {
		return ""
	} else if !errors.As(err, &faults) {
		return hint.Text(err)
	}
	var text strings.Builder
	for _, f := range faults.Errors {
		text.WriteString(hint.Text(f) + "\n")
	}
	return text.String()
}
