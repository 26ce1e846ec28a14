package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"kivaform/examples/scale/standin/counts"
	"kivaform/examples/scale/workspace"
	"kivaform/kiva"
	"kivaform/kiva/money"
)

type anyToken struct{}

func (anyToken) Token(context.Context) (string, error)         { return "standin", nil }
func (anyToken) Renew(context.Context, string) (string, error) { return "", kiva.ErrNoNewToken }

// start serves a stand-in that lists some loans of a report.
func start(t *testing.T, paying int) (*server, *httptest.Server, *kiva.Client) {
	t.Helper()
	s := newServer(0, paying)
	web := httptest.NewUnstartedServer(s.handler())
	web.Config.ConnState = s.connection
	web.Start()
	t.Cleanup(web.Close)
	client, err := kiva.New(kiva.Options{BaseURL: web.URL, PartnerID: workspace.PartnerID, Tokens: anyToken{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return s, web, client
}

func draft(id string) kiva.LoanDraft { return kiva.LoanDraft{Entreps: []kiva.Entrep{{LoanID: id}}} }

func TestDraftsBecomeLoansThatAreListed(t *testing.T) {
	_, _, client := start(t, 2)
	for _, id := range []string{"S-1", "S-2", "S-3"} {
		if receipt, err := client.CreateLoanDraft(t.Context(), draft(id)); err != nil || receipt.UUID != "uuid-"+id {
			t.Fatalf("%+v, %v", receipt, err)
		}
	}
	for _, test := range []struct {
		query kiva.LoanQuery
		total int
		ids   []string
	}{
		{kiva.LoanQuery{}, 5, []string{"R-0000000", "R-0000001", "S-1", "S-2", "S-3"}},
		{kiva.LoanQuery{Offset: 1, Limit: 2}, 5, []string{"R-0000001", "S-1"}},
		{kiva.LoanQuery{Status: kiva.PayingBack}, 2, []string{"R-0000000", "R-0000001"}},
		{kiva.LoanQuery{Status: kiva.FundRaising, Offset: 2}, 3, []string{"S-3"}},
		{kiva.LoanQuery{Query: "S-2"}, 1, []string{"S-2"}},
		{kiva.LoanQuery{Query: "nobody"}, 0, nil},
	} {
		page, err := client.LoanPage(t.Context(), test.query)
		if err != nil || page.Total != test.total || len(page.Loans) != len(test.ids) {
			t.Errorf("%+v: %+v, %v", test.query, page, err)
			continue
		}
		for i, id := range test.ids {
			if page.Loans[i].InternalLoanID != id {
				t.Errorf("%+v: loan %d is %s, not %s", test.query, i, page.Loans[i].InternalLoanID, id)
			}
		}
	}
}

// A row's client id must be the one that the report has, or kivaform would
// warn of every row.
func TestLoansHaveTheClientIDsOfTheReport(t *testing.T) {
	_, _, client := start(t, 1)
	page, err := client.LoanPage(t.Context(), kiva.LoanQuery{})
	if err != nil || page.Loans[0].InternalClientID != "0000000" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestItCountsWhatComes(t *testing.T) {
	s, web, client := start(t, 0)
	amount, _ := money.Parse("5")
	rows := []kiva.Repayment{{LoanID: "R-1", Amount: amount}, {LoanID: "R-2", Amount: amount}}
	_, err1 := client.CreateLoanDraft(t.Context(), draft("S-1"))
	_, err2 := client.CreateLoanDraft(t.Context(), draft("S-1"))
	_, err3 := client.PostRepayments(t.Context(), rows)
	_, err4 := client.LoanPage(t.Context(), kiva.LoanQuery{})
	_, err5 := client.Activities(t.Context())
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := told(t, web.URL)
	if got.FirstWrite.IsZero() || got.LastWrite.Before(got.FirstWrite) {
		t.Errorf("from %s to %s", got.FirstWrite, got.LastWrite)
	}
	got.FirstWrite, got.LastWrite = counts.Counts{}.FirstWrite, counts.Counts{}.LastWrite
	want := counts.Counts{Connections: 2, Lists: 1, Writes: 3, Others: 1, Accepted: 4, Doubled: 1} // one more connection is ours
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.recount()
	if got := told(t, web.URL); got != (counts.Counts{}) {
		t.Errorf("after counting anew: %+v", got)
	}
	client.CreateLoanDraft(t.Context(), draft("S-1"))
	if got := told(t, web.URL); got.Doubled != 1 {
		t.Error("counting anew has made it forget what it took")
	}
	s.forget()
	client.CreateLoanDraft(t.Context(), draft("S-1"))
	if got := told(t, web.URL); got.Doubled != 0 || got.Accepted != 1 {
		t.Errorf("it has forgotten nothing: %+v", got)
	}
}

func told(t *testing.T, url string) (c counts.Counts) {
	t.Helper()
	answer, err := http.Get(url + counts.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigurationLists(t *testing.T) {
	_, _, client := start(t, 0)
	activities, err1 := client.Activities(t.Context())
	themes, err2 := client.Themes(t.Context())
	locales, err3 := client.Locales(t.Context())
	locations, err4 := client.Locations(t.Context())
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(activities.Items) != 1 || len(themes.Items) != 1 || len(locales.Items) != 1 || len(locations.Items) != len(workspace.Places) {
		t.Errorf("%v %v %v %v", activities, themes, locales, locations)
	}
}
