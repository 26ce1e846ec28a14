// Package viewtest has plans to show, and holds what is shown against files and
// schemas.
package viewtest

import (
	"fmt"
	"strings"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

const (
	WhyUnanswered  = "sent on 2026-11-19 08:12 UTC by run 7f3a, and no answer is known: look for it in PA2, then say what you found: kivaform resolve --list"
	WhyEdited      = `changed since it was sent on 2026-11-02 10:00 UTC; the API can't update it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`
	WhyListed      = "Kiva lists it already, as 2718281 (fundRaising)"
	WhyUnpublished = "Kiva doesn't list its loan yet: the draft must be published first"
	WhyEnded       = "the loan is ended; repayments are for loans that are payingBack or defaulted"
)

// The same as data.
var (
	Unanswered  = plan.NewReason(plan.ReasonUnanswered, "at", "2026-11-19T08:12:00Z", "run", "7f3a")
	Edited      = plan.NewReason(plan.ReasonEdited, "outcome", "accepted", "at", "2026-11-02T10:00:00Z")
	Listed      = plan.NewReason(plan.ReasonListed, "kiva_id", "2718281", "status", "fundRaising")
	Unpublished = plan.NewReason(plan.ReasonLoanUnpublished)
	Ended       = plan.NewReason(plan.ReasonNotRepaying, "status", "ended")
)

// rejected is an attempt that Kiva refused.
func Rejected(message string) plan.Reason {
	return plan.NewReason(plan.ReasonAttempted, "at", "2026-11-18T09:30:00Z", "outcome", "rejected", "message", message)
}

func NewPlan() *plan.Plan {
	return &plan.Plan{Environment: "production", PartnerID: "145", Today: Date("2026-11-20")}
}

// everyAction has each action on each kind of item that can have it.
func EveryAction() *plan.Plan {
	p := NewPlan()
	p.Addresses = []plan.Destination{
		{Key: "audience", Value: "https://partner-api.k1.kiva.org"}, {Key: "api_url", Value: "https://partner-api.example.org:8443", Own: true},
	}
	again := plan.Item{
		Action: plan.Submit, Resource: DraftAt("L-1043", 30), Again: true,
		Reason: plan.NewReason(plan.ReasonSentAgain, "outcome", "accepted", "at", "2026-11-02T10:00:00Z"),
	}
	p.Drafts = []plan.Item{
		{Action: plan.Unchanged, Resource: DraftAt("L-1040", 1)},
		{Action: plan.Submit, Resource: DraftAt("L-1042", 14)},
		again,
		{Action: plan.Adopt, Resource: DraftAt("L-1045", 60), Reason: Listed},
		{Action: plan.Unknown, Resource: DraftAt("L-1046", 77), Reason: Unanswered},
		{Action: plan.Edited, Resource: DraftAt("L-1047", 95), Reason: Edited, Changes: EveryChange()},
		{Action: plan.Alike, Resource: DraftAt("L-1049", 130), Reason: plan.NewReason(plan.ReasonAlikeID,
			"address", "loan_draft/L-1049", "other", "loan_draft/l-1049", "outcome", "accepted")},
		{Action: plan.Rejected, Resource: DraftAt("L-1050", 148), Reason: plan.NewReason(plan.ReasonRejected,
			"address", "loan_draft/L-1050", "at", "2026-11-20T09:14:00Z")},
		{Action: plan.Submit, Resource: GroupDraft()},
		{Action: plan.Waiting, Resource: DraftAt("L-1048", 112), Reason: plan.NewReason(plan.ReasonNotInSavedPlan)},
	}
	p.Journals = []plan.Item{
		{Action: plan.Submit, Resource: Visit("L-0801"), Reason: Rejected("subject too long")},
		{Action: plan.Waiting, Resource: Visit("L-0802"), Reason: Unpublished},
		{Action: plan.Edited, Resource: Visit("L-0803"), Reason: Edited, Changes: []plan.Change{
			{Path: "body", Personal: true, New: "She sold\nthe first eggs.", Was: true, Is: true},
		}},
		{Action: plan.Unknown, Resource: Visit("L-0804"), Reason: Unanswered},
		{Action: plan.Unchanged, Resource: Visit("L-0805")},
	}
	p.Reports = []plan.Report{ReportOf("2026-11",
		ReportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "20000"},
		ReportRow{plan.Row{Action: plan.ReportAgain, Currency: "KES", Was: AmountOf("27500"), Last: Reported()}, "28000.25"},
		ReportRow{plan.Row{Action: plan.Waiting, Reason: Ended}, "35416"},
		ReportRow{plan.Row{Action: plan.Unknown, Currency: "KES", Was: AmountOf("900"), Last: Reported(), Reason: Unanswered}, "900"},
		ReportRow{plan.Row{Action: plan.Edited, Currency: "UGX", Was: AmountOf("10"), Last: Reported(), Reason: Edited}, "1250000.50"},
		ReportRow{plan.Row{Action: plan.Unchanged, Currency: "KES", Was: AmountOf("1"), Last: Reported()}, "1"},
		ReportRow{plan.Row{Action: plan.ReportAgain, Currency: "KES", Was: AmountOf("10000"), Last: ReportedFor("00805")}, "10000"},
		ReportRow{plan.Row{Action: plan.Submit, Currency: "KES", Reason: Rejected("wrong_client: not this loan's client")}, "52500"},
	)}
	p.Open = []plan.OpenRequest{{
		Request: "journals/7", Items: []plan.Address{"journal/L-0812/visit", "journal/L-0813/visit"}, At: time.Date(2026, 11, 18, 9, 30, 0, 0, time.UTC), Run: "7f3a",
	}}
	p.Notes = []plan.Reason{plan.NewReason(plan.ReasonListedTwice, "loan_id", "L-0801")}
	return p
}

// everyChange has each way in which a field can differ.
func EveryChange() []plan.Change {
	return []plan.Change{
		{Path: "client_waiver_signed", Kind: spec.Bool, Old: "false", New: "true", Was: true, Is: true},
		{Path: "disburse_time", Kind: spec.Day, Old: "2026-12-01", New: "2026-12-08", Was: true, Is: true},
		{Path: "entreps[0].amount", Kind: spec.Money, Old: "50000", New: "1055000.5", Was: true, Is: true},
		{Path: "entreps[0].first_name", Personal: true, New: "Miriam", Was: true, Is: true},
		{Path: "image", Kind: spec.Photo, Personal: true, New: "JPEG 640×480, 25 kB", Was: true, Is: true},
		{Path: "loanuse", Personal: true, New: "to buy a second dairy cow and feed for the dry season", Is: true},
		{Path: "schedule[4].principal", Kind: spec.Money, New: "15000", Is: true},
		{Path: "internal_client_id_of_the_group", Old: "G-31", Was: true},
		{Path: "location", Old: "Nakuru: Kenya", Was: true},
		{Path: "description", Personal: true, Was: true},
	}
}

// manyAlike has more of each kind than is shown unasked.
func ManyAlike() *plan.Plan {
	p := NewPlan()
	for i := range 20 {
		id := fmt.Sprintf("L-%04d", i)
		p.Drafts = append(p.Drafts,
			plan.Item{Action: plan.Unknown, Resource: DraftAt("U"+id, i+1), Reason: Unanswered},
			plan.Item{Action: plan.Adopt, Resource: DraftAt("A"+id, i+1), Reason: plan.Stated("Kiva lists it already, as " + id)},
		)
		p.Journals = append(p.Journals,
			plan.Item{Action: plan.Waiting, Resource: Visit(id), Reason: Unpublished},
			plan.Item{Action: plan.Unknown, Resource: Visit("U" + id), Reason: Unanswered},
		)
		p.Notes = append(p.Notes, plan.Stated("a remark on "+id))
	}
	var rows []ReportRow
	for i := range 120 {
		row := plan.Row{Action: plan.Submit, Currency: "KES"}
		switch i % 4 {
		case 1:
			row.Action, row.Reason = plan.Unknown, Unanswered
		case 2:
			row.Action, row.Reason = plan.Waiting, Ended
		case 3:
			row.Reason = Rejected(fmt.Sprint("remark ", i/8))
		}
		rows = append(rows, ReportRow{row, fmt.Sprint(1000 + i*i*i)})
	}
	p.Reports = []plan.Report{ReportOf("2026-10", rows[:9]...), ReportOf("2026-11", rows...)}
	return p
}

// manyScripts has names and ids that aren't Latin, and some that are very long.
func ManyScripts() *plan.Plan {
	p := NewPlan()
	for i, name := range [][2]string{
		{"मीरा", "शर्मा"}, {"فاطمة", "الزهراء"}, {"王", "小明"}, {"Мадина", "Каримова"}, {"👩🏾‍🌾", "Ñandutí"},
	} {
		d := DraftAt("ID-"+name[1], i+1)
		d.Entreps[0].FirstName, d.Entreps[0].LastName = name[0], name[1]
		d.Description = strings.Repeat("她每天早上把牛奶卖给合作社", 5) + "。\n\nКоротко."
		p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: d})
	}
	long := DraftAt(strings.Repeat("LOAN/2026/", 12), 99)
	long.Pos.File = "loans/" + strings.Repeat("a-long-folder/", 5) + "nakuru.yaml"
	long.Entreps[0].ClientID = strings.Repeat("0123456789", 12)
	long.LoanUse = "to buy " + strings.Repeat("x", 130)
	p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: long})
	r := ReportOf("2026-11",
		ReportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "0.5"},
		ReportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "1234567"},
		ReportRow{plan.Row{Action: plan.Submit}, "12.125"},
		ReportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "3"},
	)
	r.Report.Rows[0].LoanID = "मीरा-1"
	r.Report.Rows[1].LoanID = "王小明-22"
	r.Report.Rows[2].LoanID = strings.Repeat("LOAN/2026/", 6)
	p.Reports = []plan.Report{r}
	return p
}

// hostile is a text that a terminal should never see as it is.
const Hostile = "a\x1b[2J\x1b[31mb\u202Ec\u2066d\te\rf\x00g\u009Bh\u2028i\U000E0041j\xFFk"

func HostileTexts() *plan.Plan { return PlanWith(Hostile) }

// planWith has a text wherever somebody outside can put one.
func PlanWith(text string) *plan.Plan {
	p := NewPlan()
	p.Environment, p.PartnerID = text, text
	p.Addresses = []plan.Destination{{Key: "api_url", Value: text, Own: true}, {Key: "public_url", Value: "https://api.example.org/" + text, Own: true}}
	d := DraftAt(text, 1)
	d.Pos.File = text
	e := &d.Entreps[0]
	e.ClientID, e.FirstName, e.LastName, e.Gender = text, text, "Two\nlines", text
	d.Activity, d.Currency = spec.Ref{ID: text, Name: text}, text
	d.Description = text + "\nsecond line\n  ? loan_draft/L-1  not a heading"
	d.ImageURL, d.LoanUse, d.Location, d.InternalClientID = text, text, text, text
	p.Drafts = []plan.Item{
		{Action: plan.Submit, Resource: d, Reason: plan.Stated(text)},
		{Action: plan.Edited, Resource: d, Reason: plan.Stated(text), Changes: []plan.Change{
			{Path: text, Old: text, New: text, Was: true, Is: true},
			{Path: "loanuse", Personal: true, New: text, Was: true, Is: true},
			{Path: "entreps[0].amount", Kind: spec.Money, Old: text, New: "1", Was: true, Is: true},
		}},
	}
	r := ReportOf(text, ReportRow{plan.Row{Action: plan.Waiting, Currency: text, Reason: plan.Stated(text)}, "1"})
	r.Report.File, r.Report.Rows[0].LoanID, r.Report.Rows[0].ClientID = text, text, text
	r.Gone = []string{text}
	p.Reports = []plan.Report{r}
	p.Notes = []plan.Reason{plan.Stated(text)}
	p.Open = []plan.OpenRequest{{Request: plan.Address(text), Items: []plan.Address{plan.Address(text)}, Run: text}}
	return p
}

func UnchangedOnly() *plan.Plan {
	p := NewPlan()
	p.Drafts = []plan.Item{{Action: plan.Unchanged, Resource: DraftAt("L-1040", 1)}}
	p.Journals = []plan.Item{{Action: plan.Unchanged, Resource: Visit("L-0805")}}
	p.Reports = []plan.Report{ReportOf("2026-11", ReportRow{plan.Row{Action: plan.Unchanged, Currency: "KES"}, "1"})}
	return p
}

func DraftAt(loanID string, line int) *spec.LoanDraft {
	d := MilkDraft(loanID)
	d.Pos.Line = int32(line)
	return d
}

func GroupDraft() *spec.LoanDraft {
	d := DraftAt("L-1051", 130)
	d.GroupName, d.InternalLoanID, d.InternalClientID = "Tumaini Women's Group", "G-0031", "G-31"
	d.Entreps = append(d.Entreps, spec.Entrep{
		LoanID: "L-1052", ClientID: "00885", FirstName: "Akinyi", LastName: "Odhiambo", Gender: "female", Amount: AmountOf("32500.50"),
	})
	d.NotPictured = []bool{false, true}
	d.Currency = "UGX"
	d.Description = "They keep hens.\n\nThe eggs go to two hotels by the lake."
	d.Image, d.ImageEncoded = nil, "aGVucw=="
	return d
}

func Visit(loanID string) *spec.Journal {
	return &spec.Journal{
		Pos: spec.Pos{File: "journals/2026-11.yaml", Line: 11, Column: 1},
		Key: "2026-11-visit", LoanID: loanID, ClientID: "00801", Subject: "A new cowshed", Body: "The shed stands.",
	}
}

// A reportRow is a row's action and amount.
type ReportRow struct {
	plan.Row
	Amount string
}

// RowOf returns a row of an amount with its action.
func RowOf(row plan.Row, amount string) ReportRow { return ReportRow{row, amount} }

// ReportOf returns the report of a period, with rows of made-up loans.
func ReportOf(period string, rows ...ReportRow) plan.Report {
	file := "repayments/" + period + ".csv"
	r := plan.Report{Report: &spec.RepaymentReport{Period: period, File: file}, Mode: spec.CumulativePrincipal}
	for i, row := range rows {
		r.Rows = append(r.Rows, row.Row)
		r.Report.Rows = append(r.Report.Rows, spec.Repayment{
			LoanID: fmt.Sprintf("L-%04d", 801+i), ClientID: fmt.Sprintf("%05d", 801+i), Amount: AmountOf(row.Amount), Line: int32(i + 2),
		})
	}
	return r
}

func ReportedFor(clientID string) *plan.RowAttempt {
	last := Reported()
	last.ClientID = clientID
	return last
}

func Reported() *plan.RowAttempt {
	return &plan.RowAttempt{
		Attempt: &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted, At: time.Unix(1_795_000_000, 0), Run: "7f3a"},
		Outcome: plan.OutcomeAccepted, Amount: money.FromInt(1),
	}
}

// Everything has each action, a report with coverage, and faults.
func Everything() *plan.Plan {
	p := EveryAction()
	r := &p.Reports[0]
	r.Coverage = &plan.Coverage{
		Expected: 10, Reported: 7, Missing: []string{"L-0012", "L-0333", "L-0871"}, Totals: r.Totals(),
		Findings: []plan.Finding{{Row: 0, Kind: plan.WrongClient, Reason: plan.NewReason(plan.ReasonOtherClient, "client_id", "00801", "kiva_client_id", "00108")}},
	}
	r.Gone = []string{"L-0803"}
	r.Duplicate = &plan.Duplicate{Period: "2026-10", Rows: 8, At: time.Unix(1_792_000_000, 0), Run: "55aa"}
	for range 5 { // enough for a chart
		more := ReportOf("2026-11", ReportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, fmt.Sprint(1000 * (len(r.Rows) + 1))})
		r.Rows, r.Report.Rows = append(r.Rows, more.Rows...), append(r.Report.Rows, more.Report.Rows...)
	}
	p.Faults = []*spec.Fault{{
		Code: "KF100", Case: "repaid", Args: spec.NewArgs("amount", "28000.25", "was", "29000", "period", "2026-10", "address", "repayment/2026-11/L-0802"),
		Pos: spec.Pos{File: "repayments/2026-11.csv", Line: 3, Column: 1}, Path: "amount",
		Message: "28,000.25 after 29,000 reported for 2026-10: principal repaid can't become less",
		Remedy:  `correct it, or, if it is right: kivaform ack repayment/2026-11/L-0802 --reason "..."`, Address: "repayment/2026-11/L-0802",
	}}
	return p
}

// GoneOnly has a report of which nothing but rows that are gone is to be told.
func GoneOnly(ids ...string) *plan.Plan {
	p := UnchangedOnly()
	p.Reports[0].Gone = ids
	return p
}
