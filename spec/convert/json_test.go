package convert_test

import (
	"context"
	"strings"
	"testing"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/spec/convert"
)

func convertedJSON(dir, text string, o convert.Options) (string, error) {
	o.File = "x.json"
	out, err := convert.JSON([]byte(text), o)
	if err != nil {
		return "", err
	}
	if err := out.Check(context.Background(), dir, ""); err != nil {
		return "", err
	}
	data, err := out.Text()
	return string(data), err
}

func TestJSONKeepsWhatItSays(t *testing.T) {
	text, err := convertedJSON(workspace(t, nil), `[{"entreps": [{"loan_id": "00012", "client_id": 7, "amount": 32500.50, "first_name": "\ud83d\ude00 \"x\": #"}],
  "theme_type_id": 0, "image_url": null, "client_waiver_signed": true, "description": "a\r\nb",
  "schedule": [{"date": "2027-01-05", "principal": 32500.50, "interest": 0}]}]`, convert.Options{Set: map[string]string{"currency": "KES"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "image_url") {
		t.Errorf("what is null stands there:\n%s", text)
	}
	d := loadFiles(t, text).Drafts[0]
	if e := d.Entreps[0]; e.LoanID != "00012" || e.ClientID != "7" || e.FirstName != `😀 "x": #` || e.Amount != money.MustParse("32500.50") {
		t.Errorf("%+v", e)
	}
	if d.Description != "a\nb" || d.Currency != "KES" || d.Theme.ID != "" || len(d.Schedule) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestJSONOfEveryKind(t *testing.T) {
	dir := workspace(t, nil)
	for _, tt := range []struct {
		text string
		set  map[string]string
		want string
	}{
		{`{"repayments": [{"loan_id": "L-1", "client_id": "2", "amount": 5}]}`, map[string]string{"period": "2026-11"}, "kind: RepaymentReport"},
		{`[{"loan_id": "L-1", "client_id": "2", "amount": "5.25"}]`, map[string]string{"period": "2026-11"}, `expect: {rows: 1, total: "5.25"}`},
		{`{"journals": [{"internal_loan_id": "L-1", "internal_client_id": "2", "subject": "S", "body": "B"}]}`, map[string]string{"key": "v"}, "kind: Journal"},
		{`[{"internal_loan_id": "L-1", "internal_client_id": "2", "subject": "S", "body": "B"}]`, map[string]string{"key": "v"}, "key: v"},
		{`{"entreps": [{"loan_id": "L-1", "client_id": "2", "amount": 5}]}`, nil, "kind: LoanDraft"},
	} {
		text, err := convertedJSON(dir, tt.text, convert.Options{Set: tt.set})
		if err != nil || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %s %v", tt.text, text, err)
			continue
		}
		loadFiles(t, text)
	}
}

func TestBadJSON(t *testing.T) {
	dir := workspace(t, nil)
	for _, tt := range []struct{ text, want string }{
		{``, "x.json:1:1: not JSON: it ends too early"},
		{`{"entreps": [}`, "not JSON"},
		{"{\"entreps\": []\n", "x.json:1:15: not JSON: it ends too early"},
		{`{} {}`, "there is more after its end"},
		{strings.Repeat("[", 100000), "nested too deep"},
		{"\xff", "not UTF-8 text"},
		{`7`, "a body is expected here, in braces"},
		{`[]`, "there is nothing in it"},
		{`{"a": 1}`, "neither a loan draft, journals nor repayments"},
		{`{"repayments": []}`, "which month"},
		{"{\"entreps\": [{\"loan_id\": \"L-1\", \"client_id\": \"1\",\n\"amount\": 5e4}]}", "x.json:2:14: entreps[0].amount: in exponent notation"},
		{`{"entreps": [{"loan_id": "L-1", "client_id": "1", "amount": -1}], "partner_token": "t"}`, `unknown key "partner_token"`},
		{`{"entreps": [{"loan_id": {"a": 1}, "client_id": "1", "amount": 1}]}`, "entreps[0].loan_id: a single value is expected here"},
		{`{"entreps": 5}`, "entreps: "},
		{`{"journals": [{"subject": "S", "body": "B"}]}`, "internal_loan_id: is missing"},
		{`{"entreps": [{"loan_id": "L-1", "client_id": "1", "amount": 1}], "group_name": " x "}`, "group_name: is for groups only"},
	} {
		if text, err := convertedJSON(dir, tt.text, convert.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60q: %q isn't in %v%s", tt.text, tt.want, err, text)
		}
	}
}

func TestStubs(t *testing.T) {
	dir := workspace(t, nil)
	l := kiva.Loan{KivaID: "9", InternalLoanID: "00/12", InternalClientID: "7", Name: "Ann", Status: kiva.PayingBack,
		LocalPrice: money.MustParse("50000.50"), Currency: "KES", Location: "Nakuru: Kenya", BorrowerCount: 1}
	other := l
	other.InternalLoanID = "L-1"
	for _, tt := range []struct {
		name    string
		change  func(*kiva.Loan)
		drafts  int
		comment string
	}{
		{"a loan", func(*kiva.Loan) {}, 1, "# Kiva doesn't tell: activity"},
		{"a group", func(l *kiva.Loan) { l.BorrowerCount = 4 }, 0, "# A group of 4"},
		{"a name that would end the comment", func(l *kiva.Loan) { l.BorrowerCount, l.Name = 2, "x\nkind: Journal\u2028\x1b" }, 0, "# A group of 2, x kind: Journal . "},
		{"no price", func(l *kiva.Loan) { l.LocalPrice = money.Amount{} }, 0, "# Kiva doesn't tell its local price"},
		{"a place that is in no list", func(l *kiva.Loan) { l.Location = "Gulu: Uganda" }, 0, "these files couldn't hold it: location: "},
		{"no client id", func(l *kiva.Loan) { l.InternalClientID = "" }, 0, "client_id: is missing"},
		{"an id that is listed twice", func(l *kiva.Loan) { l.InternalLoanID = "L-1" }, 0, "couldn't hold it"},
		{"nothing else known", func(l *kiva.Loan) { l.Currency, l.Location, l.Name, l.BorrowerCount = "", "", "", 0 }, 1, "# 00/12: Kiva lists it as 9, payingBack"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one := l
			tt.change(&one)
			files, err := convert.Stubs(t.Context(), []kiva.Loan{other, one}, dir, "")
			if err != nil {
				t.Fatal(err)
			}
			if set := loadFiles(t, string(files[0])); len(set.Drafts) != 1 {
				t.Errorf("another loan's fault is on\n%s", files[0])
			}
			data := files[1]
			if set := loadFiles(t, string(data)); len(set.Drafts) != tt.drafts || len(set.Journals) > 0 {
				t.Errorf("%d drafts in\n%s", len(set.Drafts), data)
			}
			if !strings.Contains(string(data), tt.comment) {
				t.Errorf("%q isn't in\n%s", tt.comment, data)
			}
		})
	}
}
