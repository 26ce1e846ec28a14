package publicapi

import (
	"cmp"
	"strconv"
	"strings"

	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/pa2"
)

// publicLoan is a loan in the public API.
type publicLoan struct {
	ID            int64             `json:"id"`
	Name          string            `json:"name"`
	Status        string            `json:"status"`
	Activity      string            `json:"activity"`
	Sector        string            `json:"sector"`
	Use           string            `json:"use"`
	Location      publicLocation    `json:"location"`
	PartnerID     int64             `json:"partner_id"`
	PostedDate    string            `json:"posted_date"`
	LoanAmount    any               `json:"loan_amount"`
	FundedAmount  any               `json:"funded_amount"`
	PaidAmount    any               `json:"paid_amount"`
	BorrowerCount int               `json:"borrower_count"`
	Delinquent    bool              `json:"delinquent"`
	Borrowers     []publicBorrower  `json:"borrowers,omitempty"`
	Terms         *publicTerms      `json:"terms,omitempty"`
	Payments      []publicPayment   `json:"payments,omitempty"`
	Journals      map[string]int    `json:"journal_totals,omitempty"`
	Description   map[string]any    `json:"description"`
	Image         map[string]string `json:"image,omitempty"`
}

type publicLocation struct {
	CountryCode string `json:"country_code"`
	Country     string `json:"country"`
	Town        string `json:"town"`
}

type publicBorrower struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Gender    string `json:"gender"`
	Pictured  bool   `json:"pictured"`
}

type publicTerms struct {
	DisbursalDate     string             `json:"disbursal_date"`
	DisbursalCurrency string             `json:"disbursal_currency"`
	DisbursalAmount   any                `json:"disbursal_amount"`
	LoanAmount        any                `json:"loan_amount"`
	LocalPayments     []publicInstalment `json:"local_payments"`
	LossLiability     map[string]string  `json:"loss_liability"`
}

type publicInstalment struct {
	DueDate string `json:"due_date"`
	Amount  any    `json:"amount"`
}

type publicPayment struct {
	ID             int64  `json:"payment_id"`
	Amount         any    `json:"amount"`
	LocalAmount    any    `json:"local_amount"`
	ProcessedDate  string `json:"processed_date"`
	SettlementDate string `json:"settlement_date"`
}

type publicJournal struct {
	ID      int64  `json:"id"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	Date    string `json:"date"`
	Author  string `json:"author"`
	Bulk    bool   `json:"bulk"`
}

// parseLocation splits a location of the Partner API, such as Nakuru: Kenya.
func parseLocation(fullName string) publicLocation {
	town, name, _ := strings.Cut(fullName, ": ")
	codes := map[string]string{"Kenya": "KE", "Colombia": "CO", "Uganda": "UG", "Brazil": "BR"}
	return publicLocation{cmp.Or(codes[name], "ZZ"), name, town}
}

func parseLoanNumber(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

func formatGender(g string) string {
	switch g {
	case "male":
		return "M"
	case "female":
		return "F"
	}
	return ""
}

// showLoan returns a loan as lenders see it, with an empty status if they can't.
// Lists omit the details of the loan's own page.
func (t *publicState) showLoan(l *pa2.Loan, detail bool) publicLoan {
	p := publicLoan{
		ID: parseLoanNumber(l.KivaID), Name: l.Name, Status: PublicStatuses[l.Status], Activity: "Dairy", Sector: "Agriculture",
		Location: parseLocation(l.Location), PartnerID: parseLoanNumber(l.PartnerID), PostedDate: formatMoment(l.CreateTime),
		LoanAmount: l.Price, FundedAmount: l.FundedAmount, PaidAmount: nil, BorrowerCount: l.BorrowerCount, Delinquent: l.Delinquent,
		Description: map[string]any{"languages": []string{"en"}},
	}
	draft := t.drafts[l.KivaID]
	if draft != nil {
		p.Use = draft.LoanUse
	}
	if !detail {
		return p
	}
	p.Journals = map[string]int{"entries": len(t.journals[l.InternalLoanID]), "bulkEntries": 0}
	p.Payments = t.payments[l.InternalLoanID]
	var paid money.Amount
	for _, payment := range p.Payments {
		paid, _ = paid.Add(payment.Amount.(money.Amount))
	}
	p.PaidAmount = paid
	p.Borrowers = []publicBorrower{{FirstName: l.Name, Pictured: true}}
	p.Terms = &publicTerms{
		DisbursalDate: formatPacificDay(l.CreateTime), DisbursalCurrency: l.Currency, DisbursalAmount: l.LocalPrice, LoanAmount: l.Price,
		LocalPayments: []publicInstalment{}, LossLiability: map[string]string{"nonpayment": "lender", "currency_exchange": "shared"},
	}
	if draft != nil {
		p.addDetails(draft)
	}
	return p
}

// addDetails adds details of the draft. Last names aren't public.
func (p *publicLoan) addDetails(b *pa2.DraftBody) {
	p.Description["texts"] = map[string]string{"en": b.Description}
	p.Borrowers = nil
	for i, e := range b.Entreps {
		pictured := i >= len(b.NotPictured) || !b.NotPictured[i]
		p.Borrowers = append(p.Borrowers, publicBorrower{FirstName: e.FirstName, Gender: formatGender(e.Gender), Pictured: pictured})
	}
	p.Terms.DisbursalDate = string(b.DisburseTime) + "T08:00:00Z"
	for _, i := range b.Schedule {
		p.Terms.LocalPayments = append(p.Terms.LocalPayments, publicInstalment{string(i.Date) + "T08:00:00Z", i.Principal.Amount})
	}
}
