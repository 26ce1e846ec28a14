package public

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// MaxLoans is the number of loans in one request.
const MaxLoans = 100

// A Loan is a published loan as lenders see it. Amounts are US dollars unless
// noted.
type Loan struct {
	ID            Text          `json:"id"` // the Kiva ID of PA2
	Name          string        `json:"name"`
	Status        string        `json:"status"` // fundraising, funded, in_repayment, paid, defaulted, refunded, expired, or another
	Activity      string        `json:"activity"`
	Sector        string        `json:"sector"`
	Use           string        `json:"use"`
	Location      Location      `json:"location"`
	PartnerID     Text          `json:"partner_id"`
	PostedDate    Moment        `json:"posted_date"`
	FundedDate    Moment        `json:"funded_date"`
	LoanAmount    Money         `json:"loan_amount"`
	FundedAmount  Money         `json:"funded_amount"`
	PaidAmount    Money         `json:"paid_amount"`
	BorrowerCount int           `json:"borrower_count,omitempty"` // in lists, in place of Borrowers
	Borrowers     []Borrower    `json:"borrowers,omitempty"`
	Terms         Terms         `json:"terms,omitzero"`
	Payments      []Payment     `json:"payments,omitempty"`
	JournalTotals JournalTotals `json:"journal_totals,omitzero"`
	Delinquent    Truth         `json:"delinquent"`
}

// A Location is where a borrower lives; the town may be missing.
type Location struct {
	CountryCode string `json:"country_code"`
	Country     string `json:"country"`
	Town        string `json:"town"`
}

// A Borrower is one borrower of a loan; the last name isn't public.
type Borrower struct {
	FirstName string `json:"first_name"`
	Gender    string `json:"gender"` // M or F
	Pictured  Truth  `json:"pictured"`
}

// Terms are a loan's terms.
type Terms struct {
	DisbursalDate     Day           `json:"disbursal_date"`
	DisbursalCurrency string        `json:"disbursal_currency"`
	DisbursalAmount   Money         `json:"disbursal_amount"` // in the local currency
	LoanAmount        Money         `json:"loan_amount"`
	LocalPayments     []Instalment  `json:"local_payments,omitempty"`     // in the local currency
	ScheduledPayments []Instalment  `json:"scheduled_payments,omitempty"` // in US dollars; rounded otherwise than PA2's
	LossLiability     LossLiability `json:"loss_liability"`
}

// An Instalment is a scheduled payment.
type Instalment struct {
	DueDate Day   `json:"due_date"`
	Amount  Money `json:"amount"`
}

// LossLiability says who bears a loss.
type LossLiability struct {
	Nonpayment       string `json:"nonpayment"`
	CurrencyExchange string `json:"currency_exchange"`
}

// A Payment is an amount credited to lenders. Reported payments are settled once
// a month.
type Payment struct {
	ID             Text  `json:"payment_id"`
	Amount         Money `json:"amount"`
	LocalAmount    Money `json:"local_amount"`
	ProcessedDate  Day   `json:"processed_date"`
	SettlementDate Day   `json:"settlement_date"`
}

// JournalTotals count a loan's journals.
type JournalTotals struct {
	Entries     int `json:"entries"`
	BulkEntries int `json:"bulkEntries"`
}

// Loans returns loans by their Kiva IDs, in no order. It omits unknown ones; if
// Kiva knows none of a request, its answer may be an [Error] that is NotFound,
// which counts as none.
func (c *Client) Loans(ctx context.Context, ids ...string) ([]Loan, error) {
	var loans []Loan
	for _, id := range ids {
		if err := checkID("loan", id); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(ids, MaxLoans) {
		var answer struct {
			Loans []Loan `json:"loans"`
		}
		err := c.getJSON(ctx, "loans/"+strings.Join(some, ","), nil, &answer)
		if e := (*Error)(nil); errors.As(err, &e) && e.NotFound() {
			continue
		}
		if err != nil {
			return nil, err
		}
		loans = append(loans, answer.Loans...)
	}
	return loans, nil
}

// checkID refuses an id that isn't a number, because it would change the
// address.
func checkID(what, id string) error {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return fmt.Errorf("public API: a %s id of Kiva's is a number, not %.40q", what, id)
	}
	return nil
}

// A Query selects loans. Empty fields select all.
type Query struct {
	Text       string
	Status     string // fundraising, funded, in_repayment, paid, ended_with_loss
	Country    string // two letters
	PartnerID  string
	Sector     string
	Gender     string // male or female
	SortBy     string // newest, oldest, popularity, loan_amount, expiration, amount_remaining, repayment_term
	NewestOnly bool   // the newest loans that raise funds; the other fields are ignored
}

func (q Query) urlValues() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"q": q.Text, "status": q.Status, "country_code": q.Country, "partner": q.PartnerID,
		"sector": q.Sector, "gender": q.Gender, "sort_by": q.SortBy,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Search yields the loans of a query, page after page, each once even if the
// list changes meanwhile.
func (c *Client) Search(ctx context.Context, q Query) iter.Seq2[Loan, error] {
	path, query := "loans/search", q.urlValues()
	if q.NewestOnly {
		path, query = "loans/newest", url.Values{}
	}
	return eachPage(ctx, c, path, query, func(a loanPage) []Loan { return a.Loans }, func(l Loan) string { return string(l.ID) })
}

type loanPage struct {
	paged
	Loans []Loan `json:"loans"`
}
