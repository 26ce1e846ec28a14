package kiva

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
)

func TestDecodeLoan(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	want := LoanPage{Total: 143, Loans: []Loan{{
		KivaID: "2871934", UUID: "0b6c", InternalLoanID: "00871", InternalClientID: "C-\u00e9", PartnerID: "145", Partner: "Example MFI",
		Name: "Amina", Location: "São Paulo: Brazil", Status: "somethingNew", StatusDetail: "-", BorrowerCount: 3,
		Price: money.MustParse("425"), LocalPrice: money.MustParse("55000.5"), Currency: "KES", FundedAmount: money.MustParse("425"),
		Delinquent: true, IssueReportedBy: "7", CreateTime: at(1717000000), PlannedExpirationTime: at(1719600000), EndedTime: at(1720000000),
	}}}
	spellings := map[string]string{
		"snake": `{"total_records":143,"data":[{"kiva_id":"2871934","uuid":"0b6c","internal_loan_id":"00871","internal_client_id":"C-\u00e9",
			"partner_id":"145","partner":"Example MFI","name":"Amina","location":"São Paulo: Brazil","status":"somethingNew","status_detail":"-",
			"borrower_count":3,"loan_price":"425.00","loan_local_price":"55000.50","loan_currency":"KES","funded_amount":"425.0","delinquent":true,
			"issue_reported_by":7,"create_time":1717000000,"planned_expiration_time":1719600000000,"ended_time":"1720000000","refunded_time":null,
			"expired_time":0,"unknown":{"a":[1,"]}"]}}]}`,
		"camel": `{"data":[{"kivaId":2871934,"uuid":"0b6c","internalLoanId":"00871","internalClientId":"C-é","partnerId":145.0,"partner":"Example MFI",
			"name":"Amina","location":"S\u00e3o Paulo: Brazil","status":"somethingNew","statusDetail":"-","borrowerCount":"3","loanPrice":425,
			"loanLocalPrice":5.50005E4,"loanCurrency":"KES","fundedAmount":425.00,"delinquent":"true","issueReportedBy":"7","createTime":"1717000000000",
			"plannedExpirationTime":1.7196E12,"endedTime":"2024-07-03T09:46:40Z","issueFeedbackTime":""}],"totalRecords":"143"}`,
		"one": ` { "TotalRecords" : 143.0 , "Data" : { "KivaID" : " 2871934 " , "UUID":"0b6c","internal_loan_ID":"00871","internalClientID":"C-é",
			"PartnerID":"145","Partner":"Example MFI","Name":"Amina","Location":"São Paulo: Brazil","Status":"somethingNew","StatusDetail":"-",
			"BorrowerCount":3,"LoanPrice":425,"LoanLocalPrice":"55000.5","LoanCurrency":"KES","fundedAmount":null,"funded_amount":425,"Delinquent":1,
			"IssueReportedBy":7,"CreateTime":1717000000,"PlannedExpirationTime":1719600000,"EndedTime":1720000000 } } `,
	}
	for name, body := range spellings {
		got, err := decodeLoanPage([]byte(body))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// One field that makes no sense loses neither the loan nor its neighbours.
func TestDecodeOddLoans(t *testing.T) {
	odd := []string{`null`, `""`, `"x"`, `{}`, `[]`, `[{"a":"}"}]`, `-1`, `1e400`, `"1,000.00"`, `1.23456`, `"NaN"`, `"Infinity"`, `1e99`, `"\ud800"`, `false`}
	fields := []string{"loan_price", "loan_local_price", "fundedAmount", "borrower_count", "create_time", "ended_time", "delinquent", "name", "partner"}
	for _, field := range fields {
		for _, v := range odd {
			body := fmt.Sprintf(`[7,null,{"%s":%s,"kiva_id":7,"status":"raised"},{"kiva_id":"8"}]`, field, v)
			page, err := decodeLoanPage([]byte(body))
			if err != nil || len(page.Loans) != 2 || page.Total != -1 {
				t.Fatalf("%s: %v, %v", body, page, err)
			}
			l := page.Loans[0]
			if l.KivaID != "7" || l.Status != Raised || page.Loans[1].KivaID != "8" {
				t.Errorf("%s: %+v", body, l)
			}
			if !slices.Contains([]int{1, 1970}, l.CreateTime.Year()) || l.BorrowerCount < 0 {
				t.Errorf("%s: %+v", body, l)
			}
		}
	}
}

func TestDecodeListOrNone(t *testing.T) {
	cases := map[string]struct {
		n  int
		ok bool
	}{
		`{"data":[]}`: {0, true}, `[]`: {0, true}, `{"data":null}`: {0, true}, `{"total_records":0}`: {0, true},
		`{"data":[{},{}]}`: {2, true}, `[{}]`: {1, true}, `{"data":{}}`: {1, true},
		`{}`: {}, `{"total_records":3}`: {}, `{"code":"api.failure"}`: {}, `{"data":"none"}`: {}, `{"data":0}`: {},
		``: {}, `null`: {}, `"data"`: {}, `{"data":[`: {}, `{"data":[]}{}`: {}, `<html>`: {},
	}
	for body, c := range cases {
		page, err := decodeLoanPage([]byte(body))
		if (err == nil) != c.ok || len(page.Loans) != c.n {
			t.Errorf("%s: %d loans, %v", body, len(page.Loans), err)
		}
	}
}

func TestDecodeConfig(t *testing.T) {
	asOf := time.Date(2026, 1, 9, 15, 48, 12, 0, time.UTC)
	check := func(name string, want, got any, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for _, body := range []string{
		`{"as_of_date_time":"2026-01-09T15:48:12Z","activities":[{"activity_id":61,"activity":"Dairy"},{"activity_id":110,"activity":"Añu"}],"code":"api.success"}`,
		`{"asOfDateTime":"2026-01-09T18:48:12+03:00","activities":[{"activityId":"61","activityName":"Dairy"},{"activityId":110.0,"activityName":"Añu"}]}`,
	} {
		got, err := decodeConfig([]byte(body), "activities", decodeActivity)
		check("activities", Config[Activity]{asOf, []Activity{{"61", "Dairy"}, {"110", "Añu"}}}, got, err)
	}
	for _, body := range []string{`{"themes":[{"theme_type_id":48,"theme_type":"General"}]}`, `[{"themeTypeId":"48","themeType":"General"}]`} {
		got, err := decodeConfig([]byte(body), "themes", decodeTheme)
		check("themes", Config[Theme]{Items: []Theme{{"48", "General"}}}, got, err)
	}
	for _, body := range []string{
		`{"locales":[{"currency":"KES","language_code":"en","language_name":"English","language_id":1},{"currency":"KES","language_code":"sw","language_name":"Swahili","language_id":9}]}`,
		`{"locales":[{"currency":"KES","languageCode":"en","languageName":"English","languageId":1},{"currency":"KES","languageCode":"sw","languageName":"Swahili","languageId":"9"}]}`,
	} {
		got, err := decodeConfig([]byte(body), "locales", decodeLocale)
		check("locales", Config[Locale]{Items: []Locale{{"KES", "en", "English", "1"}, {"KES", "sw", "Swahili", "9"}}}, got, err)
	}
	for _, body := range []string{
		`{"locations":[{"country":"Brazil","location":"São Paulo","full_name":"São Paulo: Brazil"}]}`,
		`{"locations":{"country":"Brazil","location":"São Paulo","fullName":"São Paulo: Brazil"}}`,
	} {
		got, err := decodeConfig([]byte(body), "locations", decodeLocation)
		check("locations", Config[Location]{Items: []Location{{"Brazil", "São Paulo", "São Paulo: Brazil"}}}, got, err)
	}
	if _, err := decodeConfig([]byte(success), "themes", decodeTheme); err == nil {
		t.Error("an answer without a list is taken for an empty one")
	}
}

func TestReceipts(t *testing.T) {
	post := func(body string) *Client { return newClient(t, newRecorder(t, answers(201, body)).base()) }
	draft, err := post(`{"code":"api.success","message":"Loan draft created","loanDraftUuid":"3d0b"}`).CreateLoanDraft(t.Context(), LoanDraft{})
	if want := (DraftReceipt{201, "api.success", "Loan draft created", "3d0b"}); err != nil || draft != want {
		t.Errorf("%+v, %v", draft, err)
	}
	journals, err := post(`[{"archive_id":12,"confirmUrl":"https://pa2.example/1"},{"code":"api.success","archiveId":"13"}]`).PostJournals(t.Context(), make([]Journal, 2))
	wantJournals := []JournalReceipt{{Status: 201, ArchiveID: "12", ConfirmURL: "https://pa2.example/1"}, {Status: 201, Code: "api.success", ArchiveID: "13"}}
	if diff := cmp.Diff(wantJournals, journals); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, body := range []string{
		`{"upload_id":90213,"problems":[{"loan_id":871,"code":"c","details":"d","severity":"ERROR"},{"loan_id":"L-2","severity":"warning"}]}`,
		`[{"uploadId":"90213","problems":[{"loanId":"871","code":"c","details":"d","severity":"error"},{"internal_loan_id":"L-2","severity":"warning"}]}]`,
	} {
		got, err := post(body).PostRepayments(t.Context(), make([]Repayment, 2))
		want := []RepaymentReceipt{{Status: 201, UploadID: "90213", Problems: []Problem{
			{"871", "c", "d", SeverityError}, {LoanID: "L-2", Severity: SeverityWarning},
		}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func BenchmarkDecodeLoanPage(b *testing.B) {
	loan := `{"kiva_id":"2871934","borrower_count":1,"internal_loan_id":"L-000871","internal_client_id":"C-00412","partner_id":"145","partner":"Example MFI",
		"uuid":"0b6c1e7a-5a3c-4f0e-9a53-0d8f5a3c4f0e","name":"Amina","location":"Kakuma Town: Kenya","status":"payingBack","status_detail":"","loan_price":"425.00",
		"loan_local_price":"55000.00","loan_currency":"KES","create_time":1717000000,"planned_expiration_time":1719600000,
		"planned_inactive_expire_time":1720000000,"delinquent":false,"fundedAmount":425.00}`
	body := []byte(`{"total_records":300,"data":[` + strings.Repeat(loan+",", 299) + loan + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if page, err := decodeLoanPage(body); err != nil || len(page.Loans) != 300 {
			b.Fatal(err)
		}
	}
}
