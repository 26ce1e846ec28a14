package sandbox

import (
	"context"
	"testing"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/pa2"
)

// A fixedToken is a token source that has one token.
type fixedToken string

func (f fixedToken) Token(context.Context) (string, error) { return string(f), nil }

func (f fixedToken) Renew(context.Context, string) (string, error) { return "", kiva.ErrNoNewToken }

// TestClient checks that the client and the sandbox understand each other, in
// either spelling.
func TestClient(t *testing.T) {
	for name, o := range map[string]Options{
		"as on the wire": {},
		"otherwise":      {JournalsB: true, Style: Style{Camel: true, Array: true, Created: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, o)
			options := kiva.Options{BaseURL: p.url, PartnerID: PartnerID, Tokens: fixedToken(p.bearer)}
			if o.JournalsB {
				options.JournalsPath, options.JournalsArray = "partners", true
			}
			c, err := kiva.New(options)
			if err != nil {
				t.Fatal(err)
			}
			talk(t, c)
			if got := len(p.record()); got != 3 {
				t.Errorf("%d entries", got)
			}
		})
	}
}

func talk(t *testing.T, c *kiva.Client) {
	ctx := t.Context()
	want := pa2.Seed()
	for l, err := range c.Loans(ctx, kiva.LoanQuery{Limit: 10}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(want) == 0 || l.InternalLoanID != want[0].InternalLoanID || l.LocalPrice != want[0].LocalPrice || l.Status != want[0].Status || l.FundedAmount != want[0].FundedAmount {
			t.Fatalf("loan %+v", l)
		}
		want = want[1:]
	}
	if len(want) != 0 {
		t.Errorf("%d loans didn't come", len(want))
	}
	draft, err := c.CreateLoanDraft(ctx, kiva.LoanDraft{Entreps: []kiva.Entrep{{LoanID: "L-1", Amount: money.FromInt(5)}}})
	if err != nil || draft.UUID == "" {
		t.Errorf("draft %+v, %v", draft, err)
	}
	journals, err := c.PostJournals(ctx, []kiva.Journal{{InternalLoanID: "L-0871", Subject: "s", Body: "b"}})
	if err != nil || len(journals) != 1 || journals[0].ArchiveID == "" || journals[0].ConfirmURL == "" {
		t.Errorf("journals %+v, %v", journals, err)
	}
	uploads, err := c.PostRepayments(ctx, []kiva.Repayment{
		{LoanID: "L-0871", ClientID: "00871", Amount: money.MustParse("10.50")}, {LoanID: "L-9999", Amount: money.FromInt(1)},
	})
	if err != nil || len(uploads) != 1 || uploads[0].UploadID != "90001" || len(uploads[0].Problems) != 1 {
		t.Errorf("repayments %+v, %v", uploads, err)
	}
	activities, err := c.Activities(ctx)
	if err != nil || len(activities.Items) == 0 || activities.Items[0] != (kiva.Activity{ID: "11", Name: "Agriculture"}) {
		t.Errorf("activities %+v, %v", activities, err)
	}
}
