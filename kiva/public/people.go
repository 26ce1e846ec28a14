package public

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// A Journal is a published update about a loan.
type Journal struct {
	ID      Text   `json:"id"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	Date    Moment `json:"date"`
	Author  string `json:"author"`
	Bulk    Truth  `json:"bulk"` // the same text for many loans
}

type journalPage struct {
	paged
	Journals []Journal `json:"journal_entries"`
}

// Journals yields the journals of a loan, including those for many loans.
func (c *Client) Journals(ctx context.Context, loanID string) iter.Seq2[Journal, error] {
	if err := checkID("loan", loanID); err != nil {
		return func(yield func(Journal, error) bool) { yield(Journal{}, err) }
	}
	return eachPage(ctx, c, "loans/"+loanID+"/journal_entries", url.Values{"include_bulk": {"1"}},
		func(a journalPage) []Journal { return a.Journals }, func(j Journal) string { return string(j.ID) })
}

// An Update is an event of a loan: a journal or a payment.
type Update struct {
	Type    string   `json:"update_type"`
	Journal *Journal `json:"journal_entry,omitempty"`
	Payment *Payment `json:"payment,omitempty"`
}

// Updates returns the events of a loan.
func (c *Client) Updates(ctx context.Context, loanID string) ([]Update, error) {
	if err := checkID("loan", loanID); err != nil {
		return nil, err
	}
	var answer struct {
		Updates []Update `json:"loan_updates"`
	}
	err := c.getJSON(ctx, "loans/"+loanID+"/updates", nil, &answer)
	return answer.Updates, err
}

// A Partner is a lending partner as lenders see it.
type Partner struct {
	ID              Text      `json:"id"`
	Name            string    `json:"name"`
	Status          string    `json:"status"`
	Rating          Text      `json:"rating"`
	StartDate       Day       `json:"start_date"`
	LoansPosted     Text      `json:"loans_posted"`
	TotalRaised     Money     `json:"total_amount_raised"` // US dollars
	DelinquencyRate Text      `json:"delinquency_rate"`    // percent
	DefaultRate     Text      `json:"default_rate"`        // percent
	Countries       []Country `json:"countries"`
}

// A Country is a country in which a partner lends.
type Country struct {
	Code string `json:"iso_code"`
	Name string `json:"name"`
}

type partnerPage struct {
	paged
	Partners []Partner `json:"partners"`
}

// Partners yields Kiva's lending partners.
func (c *Client) Partners(ctx context.Context) iter.Seq2[Partner, error] {
	return eachPage(ctx, c, "partners", url.Values{}, func(a partnerPage) []Partner { return a.Partners }, func(p Partner) string { return string(p.ID) })
}

// A Lender is a lender's public profile.
type Lender struct {
	ID          Text   `json:"lender_id"`
	Name        string `json:"name"`
	Whereabouts string `json:"whereabouts"`
	CountryCode string `json:"country_code"`
}

type lenderPage struct {
	paged
	Lenders []Lender `json:"lenders"`
}

// LoanLenders yields the lenders of a loan. Anonymous ones have no id.
func (c *Client) LoanLenders(ctx context.Context, loanID string) iter.Seq2[Lender, error] {
	if err := checkID("loan", loanID); err != nil {
		return func(yield func(Lender, error) bool) { yield(Lender{}, err) }
	}
	return eachPage(ctx, c, "loans/"+loanID+"/lenders", url.Values{}, func(a lenderPage) []Lender { return a.Lenders }, func(l Lender) string { return string(l.ID) })
}

// maxLenders is the number of lenders in one request.
const maxLenders = 50

// Lenders returns lenders by their ids. It omits unknown ones.
func (c *Client) Lenders(ctx context.Context, ids ...string) ([]Lender, error) {
	var lenders []Lender
	for some := range slices.Chunk(ids, maxLenders) {
		escaped := make([]string, len(some))
		for i, id := range some {
			escaped[i] = url.PathEscape(id)
		}
		var answer lenderPage
		err := c.getJSON(ctx, "lenders/"+strings.Join(escaped, ","), nil, &answer)
		if e := (*Error)(nil); errors.As(err, &e) && e.NotFound() {
			continue
		}
		if err != nil {
			return nil, err
		}
		lenders = append(lenders, answer.Lenders...)
	}
	return lenders, nil
}

// An Account is the account of the lender who gave access.
type Account struct {
	LenderID  Text   `json:"lender_id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Developer Truth  `json:"is_developer"`
	Public    Truth  `json:"is_public"`
}

// Account returns the account of the lender whose token signs the requests.
func (c *Client) Account(ctx context.Context) (Account, error) {
	var answer struct {
		Account Account `json:"user_account"`
	}
	err := c.getJSON(ctx, "my/account", nil, &answer)
	return answer.Account, err
}
