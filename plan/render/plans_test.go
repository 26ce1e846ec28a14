package render

import (
	"fmt"
	"strings"
	"time"

	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

const (
	whyUnknown = "sent on 2026-11-19 08:12 UTC by run 7f3a, and no answer is known: look for it in PA2, then say what you found: kivaform resolve --list"
	whyEdited  = `changed since it was sent on 2026-11-02 10:00 UTC; the API can't update it: correct it in PA2, then say so: kivaform ack ADDRESS --reason "..."`
	whyListed  = "Kiva lists it already, as 2718281 (fundRaising)"
	whyWaits   = "Kiva doesn't list its loan yet: the draft must be published first"
	whyEnded   = "the loan is ended; repayments are for loans that are payingBack or defaulted"
)

// The same as data.
var (
	unanswered  = plan.NewReason(plan.ReasonUnanswered, "at", "2026-11-19T08:12:00Z", "run", "7f3a")
	edited      = plan.NewReason(plan.ReasonEdited, "outcome", "accepted", "at", "2026-11-02T10:00:00Z")
	listed      = plan.NewReason(plan.ReasonListed, "kiva_id", "2718281", "status", "fundRaising")
	unpublished = plan.NewReason(plan.ReasonLoanUnpublished)
	ended       = plan.NewReason(plan.ReasonNotRepaying, "status", "ended")
)

// rejected is an attempt that Kiva refused.
func rejected(message string) plan.Reason {
	return plan.NewReason(plan.ReasonAttempted, "at", "2026-11-18T09:30:00Z", "outcome", "rejected", "message", message)
}

func newPlan() *plan.Plan {
	return &plan.Plan{Environment: "production", PartnerID: "145", Today: date("2026-11-20")}
}

// everyAction has each action on each kind of item that can have it.
func everyAction() *plan.Plan {
	p := newPlan()
	p.Addresses = []plan.Destination{
		{Key: "audience", Value: "https://partner-api.k1.kiva.org"}, {Key: "api_url", Value: "https://partner-api.example.org:8443", Own: true},
	}
	again := plan.Item{
		Action: plan.Submit, Resource: draftAt("L-1043", 30), Again: true,
		Reason: plan.NewReason(plan.ReasonSentAgain, "outcome", "accepted", "at", "2026-11-02T10:00:00Z"),
	}
	p.Drafts = []plan.Item{
		{Action: plan.Unchanged, Resource: draftAt("L-1040", 1)},
		{Action: plan.Submit, Resource: draftAt("L-1042", 14)},
		again,
		{Action: plan.Adopt, Resource: draftAt("L-1045", 60), Reason: listed},
		{Action: plan.Unknown, Resource: draftAt("L-1046", 77), Reason: unanswered},
		{Action: plan.Edited, Resource: draftAt("L-1047", 95), Reason: edited, Changes: everyChange()},
		{Action: plan.Submit, Resource: groupDraft()},
		{Action: plan.Waiting, Resource: draftAt("L-1048", 112), Reason: plan.NewReason(plan.ReasonNotInSavedPlan)},
	}
	p.Journals = []plan.Item{
		{Action: plan.Submit, Resource: visit("L-0801"), Reason: rejected("subject too long")},
		{Action: plan.Waiting, Resource: visit("L-0802"), Reason: unpublished},
		{Action: plan.Edited, Resource: visit("L-0803"), Reason: edited, Changes: []plan.Change{
			{Path: "body", Personal: true, New: "She sold\nthe first eggs.", Was: true, Is: true},
		}},
		{Action: plan.Unknown, Resource: visit("L-0804"), Reason: unanswered},
		{Action: plan.Unchanged, Resource: visit("L-0805")},
	}
	p.Reports = []plan.Report{reportOf("2026-11",
		reportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "20000"},
		reportRow{plan.Row{Action: plan.ReportAgain, Currency: "KES", Was: amountOf("27500"), Last: reported()}, "28000.25"},
		reportRow{plan.Row{Action: plan.Waiting, Reason: ended}, "35416"},
		reportRow{plan.Row{Action: plan.Unknown, Currency: "KES", Was: amountOf("900"), Last: reported(), Reason: unanswered}, "900"},
		reportRow{plan.Row{Action: plan.Edited, Currency: "UGX", Was: amountOf("10"), Last: reported(), Reason: edited}, "1250000.50"},
		reportRow{plan.Row{Action: plan.Unchanged, Currency: "KES", Was: amountOf("1"), Last: reported()}, "1"},
		reportRow{plan.Row{Action: plan.ReportAgain, Currency: "KES", Was: amountOf("10000"), Last: reportedFor("00805")}, "10000"},
		reportRow{plan.Row{Action: plan.Submit, Currency: "KES", Reason: rejected("wrong_client: not this loan's client")}, "52500"},
	)}
	p.Notes = []plan.Reason{plan.NewReason(plan.ReasonListedTwice, "loan_id", "L-0801")}
	return p
}

// everyChange has each way in which a field can differ.
func everyChange() []plan.Change {
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
func manyAlike() *plan.Plan {
	p := newPlan()
	for i := range 20 {
		id := fmt.Sprintf("L-%04d", i)
		p.Drafts = append(p.Drafts,
			plan.Item{Action: plan.Unknown, Resource: draftAt("U"+id, i+1), Reason: unanswered},
			plan.Item{Action: plan.Adopt, Resource: draftAt("A"+id, i+1), Reason: plan.Stated("Kiva lists it already, as " + id)},
		)
		p.Journals = append(p.Journals,
			plan.Item{Action: plan.Waiting, Resource: visit(id), Reason: unpublished},
			plan.Item{Action: plan.Unknown, Resource: visit("U" + id), Reason: unanswered},
		)
		p.Notes = append(p.Notes, plan.Stated("a remark on "+id))
	}
	var rows []reportRow
	for i := range 120 {
		row := plan.Row{Action: plan.Submit, Currency: "KES"}
		switch i % 4 {
		case 1:
			row.Action, row.Reason = plan.Unknown, unanswered
		case 2:
			row.Action, row.Reason = plan.Waiting, ended
		case 3:
			row.Reason = rejected(fmt.Sprint("remark ", i/8))
		}
		rows = append(rows, reportRow{row, fmt.Sprint(1000 + i*i*i)})
	}
	p.Reports = []plan.Report{reportOf("2026-10", rows[:9]...), reportOf("2026-11", rows...)}
	return p
}

// manyScripts has names and ids that aren't Latin, and some that are very long.
func manyScripts() *plan.Plan {
	p := newPlan()
	for i, name := range [][2]string{
		{"मीरा", "शर्मा"}, {"فاطمة", "الزهراء"}, {"王", "小明"}, {"Мадина", "Каримова"}, {"👩🏾‍🌾", "Ñandutí"},
	} {
		d := draftAt("ID-"+name[1], i+1)
		d.Entreps[0].FirstName, d.Entreps[0].LastName = name[0], name[1]
		d.Description = strings.Repeat("她每天早上把牛奶卖给合作社", 5) + "。\n\nКоротко."
		p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: d})
	}
	long := draftAt(strings.Repeat("LOAN/2026/", 12), 99)
	long.Pos.File = "loans/" + strings.Repeat("a-long-folder/", 5) + "nakuru.yaml"
	long.Entreps[0].ClientID = strings.Repeat("0123456789", 12)
	long.LoanUse = "to buy " + strings.Repeat("x", 130)
	p.Drafts = append(p.Drafts, plan.Item{Action: plan.Submit, Resource: long})
	r := reportOf("2026-11",
		reportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "0.5"},
		reportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "1234567"},
		reportRow{plan.Row{Action: plan.Submit}, "12.125"},
		reportRow{plan.Row{Action: plan.Submit, Currency: "KES"}, "3"},
	)
	r.Report.Rows[0].LoanID = "मीरा-1"
	r.Report.Rows[1].LoanID = "王小明-22"
	r.Report.Rows[2].LoanID = strings.Repeat("LOAN/2026/", 6)
	p.Reports = []plan.Report{r}
	return p
}

// hostile is a text that a terminal should never see as it is.
const hostile = "a\x1b[2J\x1b[31mb\u202Ec\u2066d\te\rf\x00g\u009Bh\u2028i\U000E0041j\xFFk"

func hostileTexts() *plan.Plan { return planWith(hostile) }

// planWith has a text wherever somebody outside can put one.
func planWith(hostile string) *plan.Plan {
	p := newPlan()
	p.Environment, p.PartnerID = hostile, hostile
	p.Addresses = []plan.Destination{{Key: "api_url", Value: hostile, Own: true}, {Key: "public_url", Value: "https://api.example.org/" + hostile, Own: true}}
	d := draftAt(hostile, 1)
	d.Pos.File = hostile
	e := &d.Entreps[0]
	e.ClientID, e.FirstName, e.LastName, e.Gender = hostile, hostile, "Two\nlines", hostile
	d.Activity, d.Currency = spec.Ref{ID: hostile, Name: hostile}, hostile
	d.Description = hostile + "\nsecond line\n  ? loan_draft/L-1  not a heading"
	d.ImageURL, d.LoanUse, d.Location, d.InternalClientID = hostile, hostile, hostile, hostile
	p.Drafts = []plan.Item{
		{Action: plan.Submit, Resource: d, Reason: plan.Stated(hostile)},
		{Action: plan.Edited, Resource: d, Reason: plan.Stated(hostile), Changes: []plan.Change{
			{Path: hostile, Old: hostile, New: hostile, Was: true, Is: true},
			{Path: "loanuse", Personal: true, New: hostile, Was: true, Is: true},
			{Path: "entreps[0].amount", Kind: spec.Money, Old: hostile, New: "1", Was: true, Is: true},
		}},
	}
	r := reportOf(hostile, reportRow{plan.Row{Action: plan.Waiting, Currency: hostile, Reason: plan.Stated(hostile)}, "1"})
	r.Report.File, r.Report.Rows[0].LoanID, r.Report.Rows[0].ClientID = hostile, hostile, hostile
	r.Gone = []string{hostile}
	p.Reports = []plan.Report{r}
	p.Notes = []plan.Reason{plan.Stated(hostile)}
	return p
}

func unchangedOnly() *plan.Plan {
	p := newPlan()
	p.Drafts = []plan.Item{{Action: plan.Unchanged, Resource: draftAt("L-1040", 1)}}
	p.Journals = []plan.Item{{Action: plan.Unchanged, Resource: visit("L-0805")}}
	p.Reports = []plan.Report{reportOf("2026-11", reportRow{plan.Row{Action: plan.Unchanged, Currency: "KES"}, "1"})}
	return p
}

func draftAt(loanID string, line int) *spec.LoanDraft {
	d := milkDraft(loanID)
	d.Pos.Line = int32(line)
	return d
}

func groupDraft() *spec.LoanDraft {
	d := draftAt("L-1051", 130)
	d.GroupName, d.InternalLoanID, d.InternalClientID = "Tumaini Women's Group", "G-0031", "G-31"
	d.Entreps = append(d.Entreps, spec.Entrep{
		LoanID: "L-1052", ClientID: "00885", FirstName: "Akinyi", LastName: "Odhiambo", Gender: "female", Amount: amountOf("32500.50"),
	})
	d.NotPictured = []bool{false, true}
	d.Currency = "UGX"
	d.Description = "They keep hens.\n\nThe eggs go to two hotels by the lake."
	d.Image, d.ImageEncoded = nil, "aGVucw=="
	return d
}

func visit(loanID string) *spec.Journal {
	return &spec.Journal{
		Pos: spec.Pos{File: "journals/2026-11.yaml", Line: 11, Column: 1},
		Key: "2026-11-visit", LoanID: loanID, ClientID: "00801", Subject: "A new cowshed", Body: "The shed stands.",
	}
}

// A reportRow is what to do with a row, and its amount.
type reportRow struct {
	plan.Row
	amount string
}

func reportOf(period string, rows ...reportRow) plan.Report {
	file := "repayments/" + period + ".csv"
	r := plan.Report{Report: &spec.RepaymentReport{Period: period, File: file}, Mode: spec.CumulativePrincipal}
	for i, row := range rows {
		r.Rows = append(r.Rows, row.Row)
		r.Report.Rows = append(r.Report.Rows, spec.Repayment{
			LoanID: fmt.Sprintf("L-%04d", 801+i), ClientID: fmt.Sprintf("%05d", 801+i), Amount: amountOf(row.amount), Line: int32(i + 2),
		})
	}
	return r
}

func reportedFor(clientID string) *plan.RowAttempt {
	last := reported()
	last.ClientID = clientID
	return last
}

func reported() *plan.RowAttempt {
	return &plan.RowAttempt{
		Attempt: &plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted, At: time.Unix(1_795_000_000, 0), Run: "7f3a"},
		Outcome: plan.OutcomeAccepted, Amount: money.FromInt(1),
	}
}
