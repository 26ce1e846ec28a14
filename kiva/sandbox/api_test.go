package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
)

func TestListLoans(t *testing.T) {
	p := start(t, Options{})
	seeded := pa2.Seed()
	for query, want := range map[string]struct{ total, shown int }{
		"":                                {len(seeded), 20},
		"limit=300":                       {len(seeded), len(seeded)},
		"limit=0":                         {len(seeded), 0},
		"limit=30&offset=40":              {len(seeded), len(seeded) - 40},
		"offset=1000":                     {len(seeded), 0},
		"status=payingBack&limit=1":       {46, 1},
		"status=fundRaising":              {2, 2},
		"status=refunded":                 {0, 0},
		"query=L-0871":                    {1, 1},
		"query=l-087":                     {1, 1},
		"query=00871":                     {1, 1},
		"query=" + seeded[0].KivaID:       {1, 1},
		"query=wanjiru&status=payingBack": {3, 3},
		"query=L-0871&status=ended":       {0, 0},
		"query=nobody":                    {0, 0},
		"query=%20":                       {len(seeded), 20},
	} {
		var page struct {
			Total int               `json:"total_records"`
			Data  []json.RawMessage `json:"data"`
		}
		p.api("GET", "loans?"+query, "").want(200).decode(&page)
		if page.Total != want.total || len(page.Data) != want.shown || page.Data == nil {
			t.Errorf("%s: %d of %d, want %d of %d", query, len(page.Data), page.Total, want.shown, want.total)
		}
	}
	for _, query := range []string{"limit=301", "limit=-1", "limit=x", "limit=", "offset=-1", "offset=1.5", "status=PayingBack", "status=draft"} {
		p.api("GET", "loans?"+query, "").want(400)
	}
	p.api("POST", "loans", "{}").want(405)
}

func TestPagesHoldEachLoanOnce(t *testing.T) {
	p := start(t, Options{})
	seen := map[string]int{}
	for offset := 0; offset < len(pa2.Seed()); offset += 7 {
		var page struct {
			Data []struct {
				ID string `json:"internal_loan_id"`
			}
		}
		p.api("GET", fmt.Sprintf("loans?limit=7&offset=%d", offset), "").want(200).decode(&page)
		for _, l := range page.Data {
			seen[l.ID]++
		}
	}
	for _, l := range pa2.Seed() {
		if seen[l.InternalLoanID] != 1 {
			t.Errorf("%s came %d times", l.InternalLoanID, seen[l.InternalLoanID])
		}
	}
}

func TestDraftBodies(t *testing.T) {
	p := start(t, Options{})
	for body, status := range map[string]int{
		`{}`: 200, ` {"entreps":[]} `: 200, `{"schedule_parameters":{"nRepeat":1}}`: 200,
		`{"entreps":null,"activity_id":null}`: 200, `{"entreps":[{"amount":1.0E7}]}`: 200,
		`{"disburse_time":""}`: 200, goodDraft: 200, goodGroup: 200,
		``: 400, `null`: 400, `[]`: 400, `{`: 400, `{}{}`: 400, `{"a":}`: 400, "{\"loanuse\":\"\xff\"}": 400,
		`{"activity_id":"61"}`: 400, `{"activity_id":61.5}`: 400, `{"client_waiver_signed":"true"}`: 400,
		`{"entreps":{}}`: 400, `{"entreps":[{"amount":"50000"}]}`: 400, `{"entreps":[{"amount":true}]}`: 400,
		`{"entreps":[{"loan_id":12}]}`: 400, `{"entreps":[{"client_id":884}]}`: 400, `{"entreps":[{"amount":1.23456}]}`: 400,
		`{"disburse_time":"01/12/2026"}`: 400, `{"disburse_time":20261201}`: 400, `{"schedule":[{"date":"2027-02-30"}]}`: 400,
		`{"not_pictured":[0]}`: 400, `{"image_encoded":"data:image/png,abc"}`: 400, `{"image_encoded":"not base64!"}`: 400,
		`{"description":5}`: 400,
	} {
		r := p.api("POST", "loan_draft", body)
		if r.status != status {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
		if r.status != 200 && (r.object()["code"] != "api.error.bad_request" || r.object()["message"] == "") {
			t.Errorf("%s: %s", body, r.body)
		}
	}
	if got := len(p.record()); got != 8 {
		t.Errorf("%d drafts were taken", got)
	}
}

func TestContentTypes(t *testing.T) {
	p := start(t, Options{})
	for kind, status := range map[string]int{
		"": 200, "application/json": 200, "application/json; charset=utf-8": 200, "application/json;charset=UTF-8": 200,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=latin1": 415, ";": 415,
	} {
		p.send("POST", "/v3/partner/145/loan_draft", "{}", "Authorization", "Bearer "+p.bearer, "Content-Type", kind).want(status)
	}
}

func TestTooLarge(t *testing.T) {
	p := start(t, Options{})
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, httptest.NewRequest("POST", "http://127.0.0.1/oauth/token", io.LimitReader(endless{}, exchange.MaxBody+1)))
	if w.Code != 413 || p.requests("token", 413) != 1 {
		t.Errorf("status %d", w.Code)
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

const journal = `{"internal_loan_id":"L-0871","internal_client_id":"00871","subject":"A cowshed","body":"It stands."}`

func TestJournalVariants(t *testing.T) {
	object, array := `{"journals":[`+journal+`]}`, `[`+journal+`]`
	for _, tt := range []struct {
		b          bool
		path, body string
		status     int
	}{
		{false, "partner", object, 200},
		{false, "partner", array, 400},
		{false, "partners", object, 404},
		{true, "partners", array, 200},
		{true, "partners", object, 400},
		{true, "partner", array, 404},
	} {
		p := start(t, Options{JournalsB: tt.b})
		r := p.send("POST", "/v3/"+tt.path+"/145/journals", tt.body, "Authorization", "Bearer "+p.bearer).want(tt.status)
		if taken := len(p.record()) == 1; taken != (tt.status == 200) {
			t.Errorf("%+v: taken is %v", tt, taken)
		}
		if tt.status == 200 && r.object()["code"] != "api.success" {
			t.Errorf("%s", r.body)
		}
	}
}

func TestJournalsAllOrNone(t *testing.T) {
	p := start(t, Options{})
	for bad, message := range map[string]string{
		`{"internal_loan_id":"L-9999","subject":"s","body":"b"}`:                              "journals[1]: loan L-9999 isn't listed",
		`{"internal_loan_id":"L-0901","subject":"s","body":"b"}`:                              "journals[1]: loan L-0901 is fundRaising",
		`{"internal_loan_id":"L-0801","internal_client_id":"00802","subject":"s","body":"b"}`: "journals[1]: loan L-0801 isn't of client 00802",
		`{"internal_loan_id":"L-0801","body":"b"}`:                                            "subject and body are needed",
		`{"subject":"s","body":"b"}`:                                                          "internal_loan_id is needed",
		`{"internal_loan_id":801,"subject":"s","body":"b"}`:                                   "journals.internal_loan_id",
	} {
		r := p.api("POST", "journals", `{"journals":[`+journal+`,`+bad+`]}`).want(400)
		if got := r.object()["message"].(string); !strings.Contains(got, message) {
			t.Errorf("%s: %s", bad, got)
		}
	}
	p.api("POST", "journals", `{"journals":[]}`).want(400)
	p.api("POST", "journals", `{}`).want(400)
	if got := len(p.record()); got != 0 {
		t.Errorf("%d journals were taken", got)
	}
	p.api("POST", "journals", `{"journals":[`+journal+`,`+journal+`]}`).want(200)
	rec := p.record()
	if len(rec) != 2 || rec[0].Batch != rec[1].Batch || rec[0].Key() != "L-0871/A cowshed" {
		t.Errorf("recorded %+v", rec)
	}
	var archives []page.ArchiveView
	p.step("GET", "journals", "").want(200).decode(&archives)
	if len(archives) != 1 || archives[0].Count != 2 || archives[0].Confirmed || archives[0].ID != rec[0].Batch {
		t.Errorf("archives %+v", archives)
	}
	var one page.ArchiveView
	p.step("GET", "journals/"+archives[0].ID, "").want(200).decode(&one)
	if len(one.Journals) != 2 || one.Journals[0].Body != "It stands." {
		t.Errorf("archive %+v", one)
	}
	p.step("GET", "journals/none", "").want(404)
	p.step("POST", "journals/none/confirm", "").want(404)
}

func TestRepaymentProblems(t *testing.T) {
	p := start(t, Options{})
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0802","client_id":"00802","amount":900}]}`).want(200)
	for name, tt := range map[string]struct {
		row  string
		want string
	}{
		"fine":             {`{"loan_id":"L-0801","client_id":"00801","amount":1250.75}`, ""},
		"zero":             {`{"loan_id":"L-0803","client_id":"00803","amount":0}`, ""},
		"defaulted":        {`{"loan_id":"L-0904","client_id":"00904","amount":10}`, ""},
		"same again":       {`{"loan_id":"L-0802","client_id":"00802","amount":900.00}`, ""},
		"two columns":      {`{"loan_id":"L-0804","amount":10}`, "warning no_client"},
		"fell":             {`{"loan_id":"L-0802","client_id":"00802","amount":899.99}`, "warning amount_fell"},
		"above the price":  {`{"loan_id":"L-0805","client_id":"00805","amount":9000000}`, "warning above_price"},
		"unknown loan":     {`{"loan_id":"L-9999","client_id":"00801","amount":10}`, "error unknown_loan"},
		"not paying back":  {`{"loan_id":"L-0903","client_id":"00903","amount":10}`, "error wrong_status"},
		"another's client": {`{"loan_id":"L-0806","client_id":"806","amount":10}`, "error wrong_client"},
		"below zero":       {`{"loan_id":"L-0807","client_id":"00807","amount":-1}`, "error negative_amount"},
		"twice":            {`{"loan_id":"L-0808","client_id":"00808","amount":1},{"loan_id":"L-0808","client_id":"00808","amount":2}`, "error repeated_loan"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(p.record())
			var answer struct {
				UploadID int64 `json:"upload_id"`
				Problems []pa2.Problem
			}
			p.api("POST", "repayments", `{"repayments":[`+tt.row+`]}`).want(200).decode(&answer)
			var got []string
			for _, q := range answer.Problems {
				got = append(got, fmt.Sprint(q.Severity, " ", q.Code))
			}
			if strings.Join(got, ", ") != tt.want || answer.UploadID == 0 || answer.Problems == nil {
				t.Errorf("upload %d with %v, want %q", answer.UploadID, got, tt.want)
			}
			rows := strings.Count(tt.row, "loan_id") - strings.Count(tt.want, "error")
			if taken := len(p.record()) - before; taken != rows {
				t.Errorf("%d rows were taken, want %d", taken, rows)
			}
		})
	}
}

func TestRefusedAmountIsNotTheLast(t *testing.T) {
	p := start(t, Options{})
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0801","client_id":"wrong","amount":900}]}`).want(200)
	r := p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0801","client_id":"00801","amount":10}]}`).want(200)
	if problems := r.object()["problems"].([]any); len(problems) != 0 {
		t.Errorf("problems %v", problems)
	}
}

func TestRepaymentBodies(t *testing.T) {
	p := start(t, Options{})
	rows := func(n int) string {
		return `{"repayments":[` + strings.TrimSuffix(strings.Repeat(`{"loan_id":"L-9999","amount":1},`, n), ",") + `]}`
	}
	for body, status := range map[string]int{
		rows(300): 200, rows(301): 400, rows(0): 400, `{}`: 400, `[]`: 400, `{"repayments":{}}`: 400,
		`{"repayments":[{"amount":1}]}`: 400, `{"repayments":[{"loan_id":"L-0801"}]}`: 400,
		`{"repayments":[{"loan_id":"L-0801","amount":null}]}`: 400, `{"repayments":[{"loan_id":"L-0801","amount":"1"}]}`: 400,
		`{"repayments":[{"loan_id":801,"amount":1}]}`: 400,
	} {
		if r := p.api("POST", "repayments", body); r.status != status {
			t.Errorf("%.80s: %d %s", body, r.status, r.body)
		}
	}
}

func TestConfigLists(t *testing.T) {
	p := start(t, Options{})
	for list, keys := range map[string][]string{
		"activities": {"activity", "activity_id"},
		"themes":     {"theme_type", "theme_type_id"},
		"locales":    {"currency", "language_code", "language_id", "language_name"},
		"locations":  {"country", "full_name", "location"},
	} {
		m := p.api("GET", "config/"+list, "").want(200).object()
		items := m[list].([]any)
		if got := slices.Sorted(maps.Keys(items[0].(map[string]any))); !slices.Equal(got, keys) {
			t.Errorf("%s: keys %v", list, got)
		}
		want := fmt.Sprintf("Found %d value(s) for configuration '%s'", len(items), list)
		if m["code"] != "api.success" || m["message"] != want || m["as_of_date_time"] != "2026-11-20T15:00:00Z" {
			t.Errorf("%s: %v", list, m)
		}
	}
	p.api("GET", "config/partners", "").want(404)
}

func TestStyles(t *testing.T) {
	p := start(t, Options{Style: Style{Camel: true, Array: true, Created: true}})
	if draft := p.api("POST", "loan_draft", "{}").want(201).object(); draft["loanDraftUuid"] == nil || draft["loan_draft_uuid"] != nil {
		t.Errorf("draft %v", draft)
	}
	var archives, uploads []map[string]any
	p.api("POST", "journals", `{"journals":[`+journal+`]}`).want(201).decode(&archives)
	if len(archives) != 1 || archives[0]["archiveId"] == nil || archives[0]["confirmUrl"] == nil {
		t.Errorf("journals %v", archives)
	}
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-9999","amount":1}]}`).want(201).decode(&uploads)
	if len(uploads) != 1 || uploads[0]["uploadId"] != json.Number("90001") {
		t.Errorf("repayments %v", uploads)
	}
	if problem := uploads[0]["problems"].([]any)[0].(map[string]any); problem["loanId"] != "L-9999" {
		t.Errorf("problem %v", problem)
	}
	loans := p.api("GET", "loans?limit=1", "").want(200).object()
	if loans["totalRecords"] == nil || loans["data"].([]any)[0].(map[string]any)["loanLocalPrice"] == nil {
		t.Errorf("loans %v", loans)
	}
	activity := p.api("GET", "config/activities", "").want(200).object()["activities"].([]any)[0].(map[string]any)
	if activity["activityId"] == nil || activity["activityName"] == nil {
		t.Errorf("activity %v", activity)
	}
	p.api("POST", "journals", "{").want(400).object() // a refusal is an object all the same
	p.step("GET", "drafts", "").want(200)
}

func TestNonASCII(t *testing.T) {
	p := start(t, Options{})
	if body := string(p.api("GET", "config/locations", "").want(200).body); !strings.Contains(body, "São Paulo: Brazil") {
		t.Errorf("locations %s", body)
	}
}

func TestSeed(t *testing.T) {
	byStatus := map[kiva.Status]int{}
	ids := map[string]bool{}
	for _, l := range pa2.Seed() {
		byStatus[l.Status]++
		ids[l.InternalLoanID], ids[l.KivaID] = true, true
		if l.InternalClientID != "0"+l.InternalLoanID[2:] || l.Price.IsZero() || l.PartnerID != PartnerID {
			t.Errorf("%+v", l)
		}
	}
	want := map[kiva.Status]int{kiva.PayingBack: 46, kiva.FundRaising: 2, kiva.Raised: 1, kiva.Defaulted: 1, kiva.Ended: 1, kiva.Issue: 1}
	if !maps.Equal(byStatus, want) || len(ids) != 2*52 {
		t.Errorf("statuses %v, %d ids", byStatus, len(ids))
	}
	for _, id := range []string{"L-0801", "L-0845", "L-0871", "L-0906"} {
		if !ids[id] {
			t.Errorf("%s is missing", id)
		}
	}
}
