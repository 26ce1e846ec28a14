package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
	"kivaform/plan"
)

const (
	draft  Address = "loan_draft/L-1"
	visit  Address = "journal/L-1/visit"
	report Address = "repayments/2026-11"
	row    Address = "repayment/2026-11/L-1"
)

var begun = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// attempt is an attempt on one item; "" is no outcome yet.
func attempt(item Address, number int, o plan.Outcome, with ...func(*Attempt)) *Attempt {
	a := &Attempt{Intent: Intent{Attempt: number, Stream: item, At: begun.AddDate(0, 0, number), Run: fmt.Sprintf("run-%d", number)}}
	switch item.Kind() {
	case "repayment":
		a.Intent.Stream = report
		a.Intent.Rows = []Row{{LoanID: item.Parts()[2], ClientID: "C", Amount: money.FromInt(int64(number))}}
	case "journal":
		a.Intent.Stream = "journals"
		fallthrough
	default:
		a.Intent.Items = []Item{{Address: item, Fingerprint: fmt.Sprintf("f%d", number), Values: map[string]string{"attempt": fmt.Sprint(number)}}}
	}
	switch o {
	case "":
	case plan.OutcomeAdopted, plan.OutcomeAcknowledged, plan.OutcomeApproved:
		a.Intent.Recorded, a.Result = o, &Result{Outcome: o}
	case plan.OutcomeExists, plan.OutcomeAbsent:
		a.Resolutions = []Resolution{{Decision: o}}
	default:
		a.Result = &Result{Outcome: o}
	}
	for _, change := range with {
		change(a)
	}
	return a
}

func merged(a *Attempt) { a.Intent.MergedFrom = a.Intent.Attempt - 1 }
func done(a *Attempt)   { a.Done = true }
func again(a *Attempt) {
	for i := range a.Intent.Items {
		a.Intent.Items[i].Again = true
	}
	for i := range a.Intent.Rows {
		a.Intent.Rows[i].Again = true
	}
}
func rejects(a *Attempt) {
	a.Result.Problems = []Problem{{LoanID: a.Intent.Rows[0].LoanID, Details: "ended", Severity: "error"}}
}

// What is known of an item follows from its attempts alone, however many there
// were and in whatever order they are learnt.
func TestStateOfAnItem(t *testing.T) {
	const (
		accepted, adopted, rejected = plan.OutcomeAccepted, plan.OutcomeAdopted, plan.OutcomeRejected
		notSent, unknown, exists    = plan.OutcomeNotSent, plan.OutcomeUnknown, plan.OutcomeExists
		absent, acknowledged        = plan.OutcomeAbsent, plan.OutcomeAcknowledged
		approved                    = plan.OutcomeApproved
	)
	for name, tt := range map[string]struct {
		attempts []*Attempt
		want     plan.Outcome
		number   int
		atKiva   bool
		standing string // done, adopted, and the run that sent it
	}{
		"accepted":                             {[]*Attempt{attempt(draft, 1, accepted)}, accepted, 1, true, " run-1"},
		"no outcome":                           {[]*Attempt{attempt(draft, 1, "")}, unknown, 1, false, " run-1"},
		"unknown":                              {[]*Attempt{attempt(draft, 1, unknown)}, unknown, 1, false, " run-1"},
		"rejected, then accepted":              {[]*Attempt{attempt(draft, 1, rejected), attempt(draft, 2, accepted)}, accepted, 2, true, " run-2"},
		"not sent":                             {[]*Attempt{attempt(draft, 1, notSent)}, notSent, 1, false, " run-1"},
		"adopted":                              {[]*Attempt{attempt(draft, 1, adopted)}, adopted, 1, true, "adopted run-1"},
		"found by a person":                    {[]*Attempt{attempt(draft, 1, exists)}, exists, 1, true, " run-1"},
		"absent by a person":                   {[]*Attempt{attempt(draft, 1, absent)}, absent, 1, false, " run-1"},
		"finished":                             {[]*Attempt{attempt(draft, 1, accepted, done)}, accepted, 1, true, "done run-1"},
		"acknowledged":                         {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, acknowledged)}, acknowledged, 2, true, " run-1"},
		"finished, acknowledged":               {[]*Attempt{attempt(visit, 1, accepted, done), attempt(visit, 2, acknowledged)}, acknowledged, 2, true, "done run-1"},
		"adopted, acknowledged":                {[]*Attempt{attempt(draft, 1, adopted), attempt(draft, 2, acknowledged)}, acknowledged, 2, true, "adopted run-1"},
		"approved":                             {[]*Attempt{attempt(row, 1, accepted), attempt(row, 2, approved)}, approved, 2, true, " run-1"},
		"approved only":                        {[]*Attempt{attempt(row, 1, approved)}, approved, 1, false, " "},
		"resent and rejected":                  {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, rejected, again)}, accepted, 1, true, " run-1"},
		"rejected row":                         {[]*Attempt{attempt(row, 1, accepted, rejects)}, rejected, 1, false, " run-1"},
		"rejected elsewhere":                   {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, rejected, merged)}, accepted, 1, true, " run-1"},
		"rejected elsewhere, and unknown here": {[]*Attempt{attempt(draft, 1, ""), attempt(draft, 2, rejected, merged)}, unknown, 1, false, " run-1"},
		"rejected here and elsewhere":          {[]*Attempt{attempt(draft, 1, rejected), attempt(draft, 2, notSent, merged)}, rejected, 1, false, " run-1"},
		"accepted elsewhere":                   {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted, merged)}, accepted, 2, true, " run-2"},
		"approved elsewhere":                   {[]*Attempt{attempt(row, 1, accepted), attempt(row, 2, approved, merged)}, accepted, 1, true, " run-1"},
	} {
		item := tt.attempts[0].Addresses()[0]
		for _, order := range [][]int{{0, 1}, {1, 0}, {0, 1, 0}} {
			h := New(Options{})
			for _, i := range order {
				if i < len(tt.attempts) {
					h.Add(tt.attempts[i])
				}
			}
			s := h.State(item)
			if last := s.Last(); last.Outcome != tt.want || s.Outcome() != tt.want || last.Number != tt.number || s.WasAtKiva() != tt.atKiva {
				t.Errorf("%s: %s by attempt %d, at Kiva %t", name, last.Outcome, last.Number, s.WasAtKiva())
			}
			word, now := "", s.Standing()
			switch {
			case now.Done:
				word = "done"
			case now.Adopted:
				word = "adopted"
			}
			if got := word + " " + now.Run; got != tt.standing || (now.Run == "") != now.SentAt.IsZero() {
				t.Errorf("%s: stands as %q, sent %s", name, got, now.SentAt)
			}
		}
	}
}

// An approval that another copy recorded is nobody's word here, also of an item
// that was never attempted.
func TestOnlyApprovedElsewhere(t *testing.T) {
	h := New(Options{})
	h.Add(attempt(row, 2, plan.OutcomeApproved, merged))
	if h.State(row).Last() != nil || len(h.Rows("2026-11")) != 0 || len(h.Periods()) != 0 || len(slices.Collect(h.States())) != 0 {
		t.Error("it counts")
	}
}

// A row keeps the amount that is at Kiva while a later upload is rejected.
func TestRows(t *testing.T) {
	h := New(Options{})
	for _, a := range []*Attempt{
		attempt(row, 1, plan.OutcomeAccepted),
		attempt(row, 2, plan.OutcomeAccepted, rejects),
		attempt("repayment/2026-11/L-2", 3, plan.OutcomeRejected),
		attempt("repayment/2026-11/L-3", 4, ""),
	} {
		h.Add(a)
	}
	rows := h.Rows("2026-11")
	first := rows["L-1"]
	if first.Outcome != plan.OutcomeAccepted || first.Amount != money.FromInt(1) || !first.WasReported || first.Reported != money.FromInt(1) || first.ReportedClientID != "C" {
		t.Errorf("%+v", first)
	}
	if r := first.Rejection; r == nil || r.Message != "ended" || r.Amount != money.FromInt(2) || r.ClientID != "C" {
		t.Errorf("rejected: %+v", r)
	}
	if first.Attempt.Outcome != plan.OutcomeAccepted || first.Number != 1 || first.Stream != report {
		t.Errorf("its upload: %+v", first.Attempt)
	}
	if rows["L-2"].WasReported || rows["L-3"].Outcome != plan.OutcomeUnknown || !rows["L-3"].Open || len(rows) != 3 {
		t.Errorf("%+v", rows)
	}
	if got := h.Periods(); !slices.Equal(got, []string{"2026-11"}) {
		t.Error(got)
	}
}

// Every attempt that nobody knows the outcome of stays open until it is known, also
// where its item was sent again since.
func TestUnknown(t *testing.T) {
	h := New(Options{Retain: func(a *Attempt) bool { return a.Done }})
	for _, a := range []*Attempt{
		attempt(draft, 1, ""), attempt(draft, 2, plan.OutcomeAccepted),
		attempt(visit, 1, ""), attempt(visit, 1, plan.OutcomeAccepted),
		attempt(row, 1, plan.OutcomeUnknown), attempt(row, 2, plan.OutcomeAccepted, done),
	} {
		h.Add(a)
	}
	names := func(list []*Attempt) (s []string) {
		for _, a := range list {
			s = append(s, string(a.Numbered()))
		}
		return s
	}
	if got := names(h.Unknown()); !slices.Equal(got, []string{"loan_draft/L-1/1", "repayments/2026-11/1"}) {
		t.Error(got)
	}
	if got := names(h.Retained()); !slices.Equal(got, []string{"loan_draft/L-1/1", "repayments/2026-11/1", "repayments/2026-11/2"}) {
		t.Error(got)
	}
}

// A ledger's keys say enough of a draft to plan. Its values are those that Kiva
// last got.
func TestDraftsByKeyAndValues(t *testing.T) {
	h := New(Options{Key: func(a Address) string { return "key of " + string(a) }, Values: true})
	h.AddDraft("key of loan_draft/L-2", 1, plan.OutcomeAccepted, "ff", "")
	if want := (plan.Attempt{Number: 1, Outcome: plan.OutcomeAccepted, Fingerprint: "ff"}); *h.Last("loan_draft/L-2") != want {
		t.Errorf("%+v", h.Last("loan_draft/L-2"))
	}
	if n := len(slices.Collect(h.States())); n != 0 {
		t.Errorf("%d states without an address", n)
	}
	h.Add(attempt(draft, 1, plan.OutcomeAccepted))
	h.Add(attempt(draft, 2, plan.OutcomeRejected, again))
	if got := h.State(draft).Values()["attempt"]; got != "1" {
		t.Errorf("values of attempt %s", got)
	}
	if h.Last("loan_draft/L-3") != nil || h.Last(visit) != nil || h.State(row).Last() != nil {
		t.Error("knows what was never attempted")
	}
}

// Sent twice is what two attempts sent without a person's word. Kiva doesn't have
// a row that it rejected, and what a person asked for is meant; but not of an
// attempt in another copy of the ledger, which that person didn't know.
func TestDoubles(t *testing.T) {
	const accepted = plan.OutcomeAccepted
	for name, tt := range map[string]struct {
		attempts []*Attempt
		want     string
	}{
		"once":                   {[]*Attempt{attempt(draft, 1, accepted)}, ""},
		"twice":                  {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted)}, "loan_draft/L-1 1 2"},
		"three times":            {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted), attempt(draft, 3, accepted)}, "loan_draft/L-1 1 2, loan_draft/L-1 2 3"},
		"by a person's word":     {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted, again)}, ""},
		"adopted":                {[]*Attempt{attempt(draft, 1, plan.OutcomeAdopted), attempt(draft, 2, accepted)}, ""},
		"a rejected row":         {[]*Attempt{attempt(row, 1, accepted, rejects), attempt(row, 2, accepted)}, ""},
		"a row":                  {[]*Attempt{attempt(row, 1, accepted), attempt(row, 2, accepted)}, "repayment/2026-11/L-1 1 2"},
		"a corrected row":        {[]*Attempt{attempt(row, 1, accepted), attempt(row, 2, accepted, again)}, ""},
		"by another copy":        {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted, merged)}, "loan_draft/L-1 1 2"},
		"by another copy, asked": {[]*Attempt{attempt(draft, 1, accepted), attempt(draft, 2, accepted, merged, again)}, "loan_draft/L-1 1 2"},
	} {
		var got []string
		for _, d := range Doubles(tt.attempts) {
			got = append(got, fmt.Sprintf("%s %d %d", d.Item, d.Before, d.Attempt))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: %q, want %q", name, s, tt.want)
		}
	}
}

// An attempt's entries are its items and rows; single rows of an accepted upload
// may be rejected.
func TestEntries(t *testing.T) {
	upload := &Attempt{
		Intent: Intent{Stream: report, Attempt: 3, Rows: []Row{{LoanID: "L-1"}, {LoanID: "L/2", After: 2, Again: true}, {LoanID: "L-3"}}},
		Result: &Result{Outcome: plan.OutcomeAccepted, Problems: []Problem{
			{LoanID: "L/2", Severity: "error", Code: "x"}, {LoanID: "L-3", Severity: "warning"},
		}},
	}
	want := []string{"repayment/2026-11/L-1 L-1 accepted 0 false", "repayment/2026-11/L%2F2 L/2 rejected x 2 true", "repayment/2026-11/L-3 L-3 accepted 0 false"}
	var got []string
	for e := range upload.Entries() {
		code := ""
		if e.Problem != nil {
			code = " " + e.Problem.Code
		}
		got = append(got, fmt.Sprintf("%s %s %s%s %d %t", e.Address, e.LoanID(), e.Outcome, code, e.After, e.Again))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	upload.Result.Outcome = plan.OutcomeRejected // then its problems tell nothing of single rows
	for e := range upload.Entries() {
		if e.Outcome != plan.OutcomeRejected || e.Problem != nil {
			t.Errorf("%+v", e)
		}
	}
	for address, want := range map[Address]bool{
		"repayments/2026-11": true, "repayments/2026-11/3": true, "repayment/2026-11/L-3": true, "repayments/2026-11/2": false, "repayment/2026-11/L-9": false, "L-1": false,
	} {
		if upload.Concerns(address) != want {
			t.Errorf("concerns %s: %t", address, !want)
		}
	}
	if upload.Address() != "repayments/2026-11/3" || attempt(draft, 2, "").Address() != draft || attempt(draft, 2, "").Numbered() != "loan_draft/L-1/2" {
		t.Error("addresses")
	}
}

// A report that was finalised takes rows again once a person reopened it, in this
// copy of the ledger.
func TestFinalised(t *testing.T) {
	at := func(number int, recorded plan.Outcome, done bool, mergedFrom int) *Attempt {
		a := &Attempt{Intent: Intent{Stream: "repayments/2026-11", Attempt: number, Recorded: recorded, MergedFrom: mergedFrom}, Done: done}
		if a.Result = (&Result{Outcome: plan.OutcomeAccepted}); recorded != "" {
			a.Result.Outcome = recorded
		}
		return a
	}
	sent, done, reopened := at(1, "", false, 0), at(1, "", true, 0), at(2, plan.OutcomeReopened, false, 0)
	for name, tt := range map[string]struct {
		attempts []*Attempt
		want     bool
	}{
		"sent":                      {[]*Attempt{sent}, false},
		"finalised":                 {[]*Attempt{done}, true},
		"finalised, then more sent": {[]*Attempt{done, at(2, "", false, 0)}, true},
		"reopened":                  {[]*Attempt{done, reopened}, false},
		"reopened, more sent":       {[]*Attempt{done, reopened, at(3, "", false, 0)}, false},
		"reopened, finalised":       {[]*Attempt{done, at(2, plan.OutcomeReopened, true, 0)}, true},
		"sent later, finalised":     {[]*Attempt{done, reopened, at(3, "", true, 0)}, true},
		"reopened in another copy":  {[]*Attempt{done, at(2, plan.OutcomeReopened, false, 2)}, true},
	} {
		h := New(Options{})
		for _, a := range tt.attempts {
			h.Add(a)
		}
		if got := h.Finalised("2026-11"); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
		if h.Finalised("2026-12") {
			t.Errorf("%s: another month is finalised", name)
		}
	}
}
