package field

import "kivaform/spec"

const (
	journalDocs = "Kiva: post_journals.md"
	reportDocs  = "Kiva: report_payments.md"
	threeColumn = "by a three-column partner"
)

// Journal is a journal.
var Journal = Field{Name: "journal", Form: Mapping, Source: journalDocs, AtKiva: "POST journals",
	About: "An update on a loan, for its lenders to read. A person confirms it in PA2. It is known by the loan's id and its own key: journal/L-0871/2026-11-visit.",
	Fields: []Field{
		kindField(spec.KindJournal),
		{Name: "key", Form: ID, Needed: always, Example: "2026-11-visit",
			About: "The partner's own name of this update, another one for each update of a loan. It stays the same for ever: with another key it is another journal, and is sent again.",
			Value: member(func(j *spec.Journal) *string { return &j.Key })},
		{Name: "internal_loan_id", Form: LoanID, Needed: always, Example: "L-0871", AtKiva: "internal_loan_id", Source: journalDocs,
			About: "The partner's own id of the loan. Kiva takes journals of published loans only; until then the journal waits.",
			Label: "Loan", Alias: "loan_id", Value: member(func(j *spec.Journal) *string { return &j.LoanID })},
		{Name: "internal_client_id", Form: ClientID, Needed: threeColumn, Example: `"00871"`, AtKiva: "internal_client_id", Source: journalDocs,
			About: "The partner's own id of the borrower. A two-column partner doesn't send it.",
			Label: "Client", Alias: "client_id", Value: member(func(j *spec.Journal) *string { return &j.ClientID })},
		{Name: "subject", Form: Text, Needed: "at least one of subject and body", Example: "A new cowshed", AtKiva: "subject", Source: journalDocs,
			About: "The headline.",
			Label: "Subject", Personal: true, Value: member(func(j *spec.Journal) *string { return &j.Subject })},
		{Name: "body", Form: Text, Needed: "at least one of subject and body", Example: "The cowshed stands, with a roof that keeps the feed dry.", AtKiva: "body", Source: journalDocs,
			About: "What lenders read. Kiva states no least length.",
			Label: "What lenders will read", Personal: true, Value: member(func(j *spec.Journal) *string { return &j.Body })},
		{Name: "image_url", Form: Address, Example: "https://www.example.org/cowshed.jpg", AtKiva: "image_url", Source: journalDocs,
			About: "The web address of a photo that anybody can open. A journal takes no photo in any other form.",
			Label: "Address of the photo", Personal: true, Value: member(func(j *spec.Journal) *string { return &j.ImageURL })},
	}}

// RepaymentReport is a repayment report.
var RepaymentReport = Field{Name: "repayment_report", Form: Mapping, Source: reportDocs, AtKiva: "POST repayments, in uploads of at most 300 rows",
	About: "What borrowers repaid, for one month. A person finalises it in PA2. Each row is known by month and loan: repayment/2026-11/L-0871.",
	Fields: []Field{
		kindField(spec.KindRepaymentReport),
		{Name: "period", Form: Month, Needed: always, Example: "2026-11", Source: reportDocs,
			About: "The month that the report is for. Kiva isn't told: an upload goes into PA2's current period, so only rows of the latest period are sent."},
		{Name: "csv", Form: File, Needed: "this or repayments", Example: "repayments/2026-11.csv", Source: reportDocs,
			About: "A CSV file with the rows: loan id and amount, or loan id, client id and amount, in that order or as a header names them (loan_id, client_id, amount)."},
		{Name: "expect", Form: Mapping, Fields: expect, Example: `{rows: 812, total: "1234567.00"}`,
			About: "What the partner's accounts say of the report. Where the rows say anything else, nothing is sent."},
		{Name: "repayments", Form: List, Needed: "this or csv", AtKiva: "repayments", Source: reportDocs, Fields: Repayment,
			Example: `[{loan_id: L-0871, client_id: "00871", amount: 12500.50}]`,
			About:   "The rows, in the document itself. Report every loan that is paying back or defaulted."},
	}}

// Repayment are the fields of one row.
var Repayment = []Field{
	{Name: "loan_id", Form: LoanID, Alias: "internal_loan_id", Needed: always, Example: "L-0871", AtKiva: "repayments[].loan_id", Source: reportDocs,
		About: "The partner's own id of the loan, once in a report."},
	{Name: "client_id", Label: "Client", Form: ClientID, Alias: "internal_client_id", Needed: threeColumn, Example: `"00871"`, AtKiva: "repayments[].client_id", Source: reportDocs,
		About: "The partner's own id of the borrower. A two-column partner doesn't send it."},
	{Name: "amount", Label: "Amount", Form: FromZero, Needed: always, Example: "12500.50", AtKiva: "repayments[].amount", Source: reportDocs + "; " + training,
		About: "What repayment_amounts in kiva.yaml says: all principal repaid so far, all that is still owed, or what was paid in the month. " + localAmount + " Write 0 where nothing was repaid."},
}

var expect = []Field{
	{Name: "rows", Form: Count, Example: "812", About: "How many rows the report has."},
	{Name: "total", Form: Amount, Example: `"1234567.00"`, About: "What the rows' amounts add up to. In quotes, no program takes cents off."},
}
