package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kivaform/spec"
)

const (
	borrowed  = "kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5}]\n"
	grouped   = "kind: LoanDraft\nentreps: [{amount: 5}, {amount: 5}]\n"
	updated   = "kind: Journal\nkey: a\ninternal_loan_id: L-1\nbody: b\n"
	reported  = "kind: RepaymentReport\nperiod: 2026-11\n"
	whole     = "version: 1\n"
	groupKeys = "group_name: G\ninternal_loan_id: G-1\n"
)

// refused are faulty documents: what the schema refuses, with the place where
// it sees the fault, and the code that spec gives it.
var refused = []struct{ text, code, place string }{
	{"kind: LoanDarft", "KF006", "/kind"},
	{"kind: [LoanDraft]", "KF007", "/kind"},
	{"entreps: [{loan_id: L-1, amount: 5}]", "KF006", ""},
	{"period: 2026-11", "KF006", ""},
	{"- a\n- b", "KF007", ""},
	{"kind: LoanDraft", "KF059", ""},
	{"kind: LoanDraft\nentreps: []", "KF059", "/entreps"},
	{"kind: LoanDraft\nentreps: {loan_id: L-1, amount: 5}", "KF007", "/entreps"},
	{"kind: LoanDraft\nentreps: [L-1]", "KF007", "/entreps/0"},
	{"kind: LoanDraft\nentreps: [{amount: 5}]", "KF040", "/entreps/0"},
	{"kind: LoanDraft\nentreps: [{loan_id: \"\", amount: 5}]", "KF040", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1}]", "KF045", "/entreps/0"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 0}]", "KF045", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: -5}]", "KF045", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: \"0.00\"}]", "KF045", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: \"1,234.50\"}]", "KF012", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: KES 50}]", "KF012", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: \"1.005\"}]", "KF012", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 99999999999999}]", "KF012", "/entreps/0/amount"},
	{"kind: LoanDraft\nentreps: [{loan_id: true, amount: 5}]", "KF011", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: 10.5, amount: 5}]", "KF011", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: -5, amount: 5}]", "KF011", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: \" L-1\", amount: 5}]", "KF011", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: \"L\\n1\", amount: 5}]", "KF011", "/entreps/0/loan_id"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5, gender: woman}]", "KF015", "/entreps/0/gender"},
	{"kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5, frist_name: Mary}]", "KF005", "/entreps/0"},
	{borrowed + "currancy: KES", "KF005", ""},
	{borrowed + "schedule_parameters: {nRepeat: 1}", "KF005", "/schedule_parameters"},
	{borrowed + "currency: Ksh", "KF015", "/currency"},
	{borrowed + "disburse_time: 31/12/2026", "KF013", "/disburse_time"},
	{borrowed + "disburse_time: 2026-12-32", "KF013", "/disburse_time"},
	{borrowed + "disburse_time: 2026-13-01", "KF013", "/disburse_time"},
	{borrowed + "disburse_time: 1970-01-01", "KF013", "/disburse_time"},
	{borrowed + "disburse_time: 2026-12-05T00:00:00Z", "KF013", "/disburse_time"},
	{borrowed + "client_waiver_signed: \"true\"", "KF014", "/client_waiver_signed"},
	{borrowed + "client_waiver_signed: yes", "KF014", "/client_waiver_signed"},
	{borrowed + "activity: Dairy\nactivity_id: 61", "KF017", "/activity_id"},
	{borrowed + "theme_type_id: General", "KF011", "/theme_type_id"},
	{borrowed + "image: photos\\1.jpg", "KF009", "/image"},
	{borrowed + "image: /photos/1.jpg", "KF009", "/image"},
	{borrowed + "image_url: photos/1.jpg", "KF026", "/image_url"},
	{borrowed + "image_url: https://x/1.jpg\nimage: 1.jpg", "KF017", "/image_url"},
	{borrowed + "description: \"a\\u0007b\"", "KF010", "/description"},
	{borrowed + "description: [a, b]", "KF007", "/description"},
	{borrowed + "group_name: G", "KF042", "/group_name"},
	{borrowed + "not_pictured: [false]", "KF042", "/not_pictured"},
	{borrowed + "schedule: 12", "KF007", "/schedule"},
	{borrowed + "schedule: [{principal: 5}]", "KF016", "/schedule/0"},
	{borrowed + "schedule: [{date: 2026-2-3}]", "KF013", "/schedule/0/date"},
	{grouped + groupKeys, "KF044", ""},
	{grouped + groupKeys + "not_pictured: [true]", "KF044", "/not_pictured"},
	{grouped + groupKeys + "not_pictured: [yes, no]", "KF014", "/not_pictured/0"},
	{grouped + "group_name: G\nnot_pictured: [true, false]", "KF043", ""},
	{grouped + "internal_loan_id: G-1\ngroup_name: \nnot_pictured: [true, false]", "KF043", "/group_name"},
	{"kind: Journal\ninternal_loan_id: L-1\nbody: b", "KF016", ""},
	{"kind: Journal\nkey: a\nbody: b", "KF040", ""},
	{"kind: Journal\nkey: a\ninternal_loan_id: L-1", "KF070", ""},
	{"kind: Journal\nkey: a\ninternal_loan_id: L-1\nbody: \"\"", "KF070", "/body"},
	{updated + "image_encoded: iVBORw0KGgo=", "KF005", ""},
	{"kind: RepaymentReport\nrepayments: [{loan_id: L-1, amount: 5}]", "KF016", ""},
	{"kind: RepaymentReport\nperiod: 2026-13\nrepayments: [{loan_id: L-1, amount: 5}]", "KF013", "/period"},
	{reported, "KF016", ""},
	{reported + "csv: a.csv\nrepayments: [{loan_id: L-1, amount: 5}]", "KF017", "/repayments"},
	{reported + "repayments: [{amount: 5}]", "KF016", "/repayments/0"},
	{reported + "repayments: [{loan_id: L-1}]", "KF016", "/repayments/0"},
	{reported + "repayments: [{loan_id: L-1, amount: -5}]", "KF087", "/repayments/0/amount"},
	{reported + "repayments: []\nexpect: {rows: many}", "KF018", "/expect/rows"},
	{"environment: sandbox", "KF021", ""},
	{"version: 2", "KF021", "/version"},
	{whole + "client_secret: something", "KF022", ""},
	{whole + "partner_id: A145", "KF011", "/partner_id"},
	{whole + "csv_format: three-colum", "KF015", "/csv_format"},
	{whole + "environments: {pilot: {today: 2026-01-01}}", "KF024", "/environments/pilot"},
	{whole + "environments: {pilot: {api_url: auth.example.org}}", "KF026", "/environments/pilot/api_url"},
	{whole + "environments: {pilot: {answer_timeout: 5}}", "KF027", "/environments/pilot/answer_timeout"},
	{whole + "limits: {amount: {kes: 5}}", "KF015", "/limits/amount"},
	{whole + "limits: {drafts: -1}", "KF018", "/limits/drafts"},
	{whole + "journal_statuses: payingBack", "KF007", "/journal_statuses"},
	{whole + "defaults: {loan_draft: {entreps: []}}", "KF005", "/defaults/loan_draft"},
	{"activities: [{activity_id: x}]", "KF011", "/activities/0/activity_id"},
	{"themes: [{theme_id: 1}]", "KF005", "/themes/0"},
}

func TestFaultyDocumentsAreRefused(t *testing.T) {
	s := compiled(t, nil)
	for _, tt := range refused {
		err := s.Validate(documents(t, tt.text)[0])
		if places := placesOf(err); !strings.Contains(places, "("+tt.place+")") {
			t.Errorf("refused at %s, not at %q:\n%s", places, tt.place, tt.text)
		}
		file := "a.yaml"
		switch {
		case strings.HasPrefix(tt.text, "version") || strings.HasPrefix(tt.text, "environment"):
			file = "kiva.yaml"
		case strings.HasPrefix(tt.text, "activities") || strings.HasPrefix(tt.text, "themes"):
			file = "catalog.yaml"
		}
		if codes := codesOf(loadFiles(t, map[string]string{file: tt.text})); !strings.Contains(codes, tt.code) {
			t.Errorf("spec finds %s, not %s, in\n%s", codes, tt.code, tt.text)
		}
	}
}

func codesOf(set *spec.Set) string {
	var all strings.Builder
	for _, f := range set.Faults {
		if f.Severity == spec.Error {
			all.WriteString(f.Code + " ")
		}
	}
	return all.String()
}

// placesOf are the places at which a validator sees faults.
func placesOf(err error) string {
	v, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return "none"
	}
	place := ""
	for _, step := range v.InstanceLocation {
		place += "/" + step
	}
	all := fmt.Sprintf("(%s)", place)
	if len(v.Causes) > 0 {
		all = ""
	}
	for _, cause := range v.Causes {
		all += placesOf(cause)
	}
	return all
}
