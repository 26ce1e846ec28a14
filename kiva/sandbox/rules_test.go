package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
	"maps"
	"slices"
	"strings"
	"testing"
)

// picture is a small photo, as a data URI.
var picture = dataURI(2, 2)

// dataURI is a photo of so many pixels.
func dataURI(width, height int) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// goodDraft and goodGroup have nothing that PA2 would mind.
var (
	goodDraft = `{"activity_id":61,"client_waiver_signed":true,"currency":"KES","description":"Mary keeps cows.",
		"description_language_id":1,"disburse_time":"2026-12-01","image_encoded":"` + picture + `",
		"loanuse":"to buy a cow","location":"Nakuru: Kenya","theme_type_id":48,
		"entreps":[{"loan_id":"LOAN/12/2026","client_id":"00884","first_name":"Mary","last_name":"Wanjiku","gender":"female","amount":50000}],
		"schedule":[{"date":"2027-01-05","principal":50000,"interest":750.25}]}`
	goodGroup = edited(goodDraft, func(d map[string]any) {
		mary := d["entreps"].([]any)[0].(map[string]any)
		joy := maps.Clone(mary)
		joy["loan_id"], joy["first_name"] = "L-2", "Joy"
		d["entreps"] = []any{mary, joy}
		d["group_name"], d["internal_loan_id"], d["internal_client_id"] = "Tumaini", "G-1", "C-1"
		d["not_pictured"] = []any{false, true}
	})
)

// edited returns a draft with something changed.
func edited(draft string, change func(map[string]any)) string {
	var m map[string]any
	if err := json.Unmarshal([]byte(draft), &m); err != nil {
		panic(err)
	}
	change(m)
	return string(exchange.EncodeJSON(m))
}

func with(draft, key string, value any) string {
	return edited(draft, func(d map[string]any) { d[key] = value })
}

func withBorrower(draft, key string, value any) string {
	return edited(draft, func(d map[string]any) { d["entreps"].([]any)[0].(map[string]any)[key] = value })
}

func without(draft, key string) string {
	return edited(draft, func(d map[string]any) { delete(d, key) })
}

func TestPublish(t *testing.T) {
	for name, tt := range map[string]struct {
		draft string
		want  string // the fields with a flaw
	}{
		"individual":               {goodDraft, ""},
		"group":                    {goodGroup, ""},
		"group name on one":        {with(goodDraft, "group_name", " "), "group_name"},
		"all group fields on one":  {edited(goodGroup, func(d map[string]any) { d["entreps"] = d["entreps"].([]any)[:1] }), "group_name internal_client_id internal_loan_id not_pictured"},
		"empty not_pictured":       {with(goodDraft, "not_pictured", []bool{}), "not_pictured"},
		"null group fields":        {with(goodDraft, "group_name", nil), ""},
		"group without its fields": {without(without(goodGroup, "group_name"), "not_pictured"), "group_name not_pictured"},
		"not_pictured too short":   {with(goodGroup, "not_pictured", []bool{true}), "not_pictured"},
		"no activity":              {without(goodDraft, "activity_id"), "activity_id"},
		"no currency":              {without(goodDraft, "currency"), "currency"},
		"no description":           {with(goodDraft, "description", " "), "description"},
		"no language":              {without(goodDraft, "description_language_id"), "description_language_id"},
		"no disbursal":             {without(goodDraft, "disburse_time"), "disburse_time"},
		"no photo":                 {without(goodDraft, "image_encoded"), "image_encoded"},
		"photo by address":         {with(without(goodDraft, "image_encoded"), "image_url", "https://www.example.org/a.jpg"), ""},
		"photo in bare base64":     {with(goodDraft, "image_encoded", strings.TrimPrefix(picture, "data:image/png;base64,")), ""},
		"photo wrongly labelled":   {with(goodDraft, "image_encoded", strings.Replace(picture, "png", "jpeg", 1)), ""},
		"photo is text":            {with(goodDraft, "image_encoded", "aGVsbG8="), "image_encoded"},
		"no use":                   {without(goodDraft, "loanuse"), "loanuse"},
		"no location":              {without(goodDraft, "location"), "location"},
		"no schedule":              {with(goodDraft, "schedule", []any{}), "schedule"},
		"no theme":                 {without(goodDraft, "theme_type_id"), "theme_type_id"},
		"no waiver":                {without(goodDraft, "client_waiver_signed"), "client_waiver_signed"},
		"waiver not signed":        {with(goodDraft, "client_waiver_signed", false), "client_waiver_signed"},
		"unknown activity":         {with(goodDraft, "activity_id", 9), "activity_id"},
		"unknown theme":            {with(goodDraft, "theme_type_id", 0), "theme_type_id"},
		"unknown language":         {with(goodDraft, "description_language_id", 77), "description_language_id"},
		"unknown currency":         {with(goodDraft, "currency", "EUR"), "currency"},
		"unknown location":         {with(goodDraft, "location", "nakuru: Kenya"), "location"},
		"no borrower":              {without(goodDraft, "entreps"), "entreps"},
		"no first name":            {withBorrower(goodDraft, "first_name", ""), "entreps[0].first_name"},
		"no family name":           {withBorrower(goodDraft, "last_name", ""), ""},
		"no loan id":               {withBorrower(goodDraft, "loan_id", ""), "entreps[0].loan_id"},
		"no client id":             {withBorrower(goodDraft, "client_id", nil), "entreps[0].client_id"},
		"unknown gender":           {withBorrower(goodDraft, "gender", "F"), "entreps[0].gender"},
		"no amount":                {withBorrower(goodDraft, "amount", nil), "entreps entreps[0].amount"},
		"one borrower with zero":   {withBorrower(goodGroup, "amount", 0), "entreps[0].amount"},
		"5 dollars":                {withBorrower(goodDraft, "amount", 645), "entreps"},
		"above 5 dollars":          {withBorrower(goodDraft, "amount", 645.01), ""},
		"disbursed 30 days ago":    {with(goodDraft, "disburse_time", "2026-10-21"), "disburse_time"},
		"disbursed 29 days ago":    {with(goodDraft, "disburse_time", "2026-10-22"), ""},
		"disbursed in 90 days":     {with(goodDraft, "disburse_time", "2027-02-18"), ""},
		"disbursed in 91 days":     {with(goodDraft, "disburse_time", "2027-02-19"), "disburse_time"},
		"a Loan ID that is listed": {withBorrower(goodDraft, "loan_id", "L-0801"), "loan_id"},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, Options{})
			uuid := p.api("POST", "loan_draft", tt.draft).want(200).object()["loan_draft_uuid"].(string)
			r := p.step("POST", "drafts/"+uuid+"/publish", "")
			if got := flawedFields(t, r); got != tt.want {
				t.Errorf("flaws in %q, want %q: %s", got, tt.want, r.body)
			}
			loans := p.api("GET", "loans?status=inactive", "").want(200).object()["data"].([]any)
			if published := len(loans) == 1; published != (tt.want == "") {
				t.Errorf("%d loans are listed", len(loans))
			}
		})
	}
}

// flawedFields returns the fields that an answer to publishing names, sorted.
func flawedFields(t *testing.T, r response) string {
	t.Helper()
	var answer struct{ Errors []pa2.Flaw }
	r.decode(&answer)
	if (r.status == 409) != (len(answer.Errors) > 0) {
		t.Errorf("status %d with %d errors", r.status, len(answer.Errors))
	}
	var fields []string
	for _, f := range answer.Errors {
		fields = append(fields, f.Field)
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

func TestPublishedLoan(t *testing.T) {
	p := start(t, Options{})
	uuid := p.api("POST", "loan_draft", goodGroup).want(200).object()["loan_draft_uuid"].(string)
	p.step("POST", "drafts/"+uuid+"/publish", "").want(200)
	loan := p.api("GET", "loans?query=G-1", "").want(200).object()["data"].([]any)[0].(map[string]any)
	for key, want := range map[string]any{
		"internal_loan_id": "G-1", "internal_client_id": "C-1", "name": "Tumaini", "borrower_count": json.Number("2"),
		"loan_local_price": "100000.00", "loan_currency": "KES", "loan_price": "800.00", "partner_id": "145",
		"location": "Nakuru: Kenya", "create_time": json.Number("1795186800"), "delinquent": false,
	} {
		if loan[key] != want {
			t.Errorf("%s is %v, want %v", key, loan[key], want)
		}
	}
	if loan["uuid"] == uuid || loan["uuid"] == "" {
		t.Errorf("the loan's uuid is %v, the draft's %v", loan["uuid"], uuid)
	}
	if _, there := loan["ended_time"]; there {
		t.Error("a time that hasn't come is shown")
	}
}

func TestDraftAsPA2ShowsIt(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		p := start(t, Options{Dir: dir})
		uuid := p.api("POST", "loan_draft", without(goodDraft, "loanuse")).want(200).object()["loan_draft_uuid"].(string)
		draft := p.step("GET", "drafts/"+uuid, "").want(200).object()
		if got := draft["body"].(map[string]any)["description"]; got != "Mary keeps cows." {
			t.Errorf("description %v", got)
		}
		if got := draft["errors"].([]any)[0].(map[string]any)["field"]; got != "loanuse" {
			t.Errorf("errors %v", draft["errors"])
		}
		photo := draft["photo"].(map[string]any)
		r := p.step("GET", "photos/"+photo["digest"].(string), "").want(200)
		sent, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(picture, "data:image/png;base64,"))
		if !bytes.Equal(r.body, sent) || photo["type"] != "image/png" {
			t.Errorf("the photo came back as %d bytes of %v", len(r.body), photo["type"])
		}
		p.step("GET", "photos/"+strings.Repeat("0", 64), "").want(404)
		p.step("GET", "photos/..%2Fkey.pem", "").want(404)
		p.step("GET", "photos/..%2Fphotos%2F"+photo["digest"].(string), "").want(404)
		p.step("GET", "drafts/none", "").want(404)
		var all []page.DraftView
		if p.step("GET", "drafts", "").want(200).decode(&all); len(all) != 1 || all[0].UUID != uuid || all[0].LoanID != "LOAN/12/2026" {
			t.Errorf("the drafts are %+v", all)
		}
	}
}
