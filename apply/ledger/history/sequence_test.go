package history

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kivaform/kiva/money"
	"kivaform/plan"
)

// A way is how one attempt may end.
type way struct {
	name    string
	outcome plan.Outcome
	change  func(*Attempt)
}

func as(*Attempt) {}

func status(code int) func(*Attempt) { return func(a *Attempt) { a.Result.Status = code } }

var ways = []way{
	{"accepted", plan.OutcomeAccepted, as},
	{"adopted", plan.OutcomeAdopted, as},
	{"acknowledged", plan.OutcomeAcknowledged, as},
	{"approved", plan.OutcomeApproved, as},
	{"rejected", plan.OutcomeRejected, status(http.StatusUnprocessableEntity)},
	{"forbidden", plan.OutcomeRejected, status(http.StatusForbidden)},
	{"not sent", plan.OutcomeNotSent, as},
	{"unknown", plan.OutcomeUnknown, as},
	{"no answer", "", as},
	{"exists", plan.OutcomeExists, as},
	{"absent", plan.OutcomeAbsent, as},
	{"absent, then exists", plan.OutcomeAbsent, func(a *Attempt) {
		a.Resolutions = append(a.Resolutions, Resolution{Decision: plan.OutcomeExists})
	}},
	{"exists, then absent", plan.OutcomeExists, func(a *Attempt) {
		a.Resolutions = append(a.Resolutions, Resolution{Decision: plan.OutcomeAbsent})
	}},
}

// Whatever happens to an item, in up to four attempts: once it is at Kiva no failure
// makes it look unsent, what isn't known stays so until it is, and only what
// neither is nor may be at Kiva may be sent again.
func TestSequencesOfOutcomes(t *testing.T) {
	n := 0
	var try func(before []way)
	try = func(before []way) {
		if len(before) > 0 {
			for _, item := range []Address{draft, visit, row} {
				checkSequence(t, item, before)
			}
			n++
		}
		if len(before) < 4 {
			for _, w := range ways {
				try(append(slices.Clip(before), w))
			}
		}
	}
	try(nil)
	t.Logf("%d sequences", n)
}

func checkSequence(t *testing.T, item Address, sequence []way) {
	t.Helper()
	h := New(Options{})
	var names []string
	var atKiva, open, rejection int // numbers of the last attempts of which that holds
	approval := false
	for i, w := range sequence {
		a := attempt(item, i+1, w.outcome, w.change)
		h.Add(a)
		names = append(names, w.name)
		switch o := a.Outcome(); {
		case o.AtKiva():
			atKiva, open, rejection, approval = i+1, 0, 0, false
		case o == plan.OutcomeUnknown:
			open, rejection = i+1, 0
		case o == plan.OutcomeAbsent:
			rejection = 0
		case o == plan.OutcomeApproved:
			open, approval = 0, true
		case w.name == "rejected":
			rejection = i + 1
		}
	}
	s := h.State(item)
	last := s.Last()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s: %s", item, strings.Join(names, "; "), fmt.Sprintf(format, args...))
	}
	switch o := last.Outcome; {
	case open > 0:
		if o != plan.OutcomeUnknown || last.Number != open {
			fail("%s by attempt %d, want unknown by %d", o, last.Number, open)
		}
	case approval && !o.MayRepeat():
		fail("%s, though a person approved", o)
	case approval && atKiva > 0 && o != plan.OutcomeApproved:
		fail("%s, though it was approved after it was at Kiva", o)
	case approval:
	case atKiva > 0:
		if !o.AtKiva() || last.Number != atKiva {
			fail("%s by attempt %d, want it at Kiva by %d", o, last.Number, atKiva)
		}
	case !o.MayRepeat():
		fail("%s, though it neither is nor may be at Kiva", o)
	}
	if last.Approved != approval {
		fail("approved %t", !approval)
	}
	if s.WasAtKiva() != (atKiva > 0) || s.MayBeAtKiva() != (atKiva > 0 || open > 0) {
		fail("was at Kiva %t, may be %t", s.WasAtKiva(), s.MayBeAtKiva())
	}
	if item != row {
		if (last.Rejection != nil) != (rejection > 0) || rejection > 0 && last.Rejection.Fingerprint != fmt.Sprintf("f%d", rejection) {
			fail("rejection %+v, want that of %d", last.Rejection, rejection)
		}
		return
	}
	r := h.Rows("2026-11")["L-1"]
	if r.WasReported != (atKiva > 0) || atKiva > 0 && r.Reported != money.FromInt(int64(atKiva)) || r.Outcome != last.Outcome {
		fail("row %+v, want what attempt %d reported", r, atKiva)
	}
	if (r.Rejection != nil) != (rejection > 0) || rejection > 0 && r.Rejection.Amount != money.FromInt(int64(rejection)) || (r.Approval != nil) != approval {
		fail("row: rejection %+v, approval %v", r.Rejection, r.Approval)
	}
}

// What Kiva says about rows decides by itself only where it surely names one row
// and says what became of it.
func TestVerdicts(t *testing.T) {
	const a, r, u = plan.OutcomeAccepted, plan.OutcomeRejected, plan.OutcomeUnknown
	for name, tt := range map[string]struct {
		problems []Problem
		want     [4]plan.Outcome // of L-1, 7, 007 and l-2
	}{
		"none":                    {nil, [4]plan.Outcome{a, a, a, a}},
		"a remark":                {[]Problem{{LoanID: "L-1", Severity: "warning"}, {Severity: "warning"}}, [4]plan.Outcome{a, a, a, a}},
		"an error":                {[]Problem{{LoanID: "L-1", Severity: "error"}}, [4]plan.Outcome{r, a, a, a}},
		"in other capitals":       {[]Problem{{LoanID: " L-2 ", Severity: "error"}}, [4]plan.Outcome{a, a, a, r}},
		"fatal":                   {[]Problem{{LoanID: "L-1", Severity: "fatal"}}, [4]plan.Outcome{u, a, a, a}},
		"no severity":             {[]Problem{{LoanID: "L-1"}}, [4]plan.Outcome{u, a, a, a}},
		"either of two":           {[]Problem{{LoanID: "7", Severity: "error"}}, [4]plan.Outcome{a, u, u, a}},
		"either of two, exactly":  {[]Problem{{LoanID: "007", Severity: "error"}}, [4]plan.Outcome{a, u, u, a}},
		"by its place":            {[]Problem{{LoanID: "2", Severity: "error"}}, [4]plan.Outcome{u, u, u, u}},
		"no row":                  {[]Problem{{Severity: "error", Details: "row 2"}}, [4]plan.Outcome{u, u, u, u}},
		"a text":                  {[]Problem{{Details: "L-1: refused"}}, [4]plan.Outcome{u, u, u, u}},
		"a row and no row":        {[]Problem{{Details: "?"}, {LoanID: "L-1", Severity: "error"}}, [4]plan.Outcome{r, u, u, u}},
		"fatal and error":         {[]Problem{{LoanID: "L-1", Severity: "fatal"}, {LoanID: "L-1", Severity: "error"}}, [4]plan.Outcome{r, a, a, a}},
		"remark about one of two": {[]Problem{{LoanID: "7", Severity: "warning"}}, [4]plan.Outcome{a, a, a, a}},
	} {
		upload := &Attempt{
			Intent: Intent{Stream: report, Attempt: 1, Rows: []Row{{LoanID: "L-1"}, {LoanID: "7"}, {LoanID: "007"}, {LoanID: "l-2"}}},
			Result: &Result{Outcome: a, Problems: tt.problems},
		}
		var got [4]plan.Outcome
		i := 0
		for e := range upload.Entries() {
			if got[i] = e.Outcome; (e.Problem == nil) != (e.Outcome == a) {
				t.Errorf("%s: %+v", name, e)
			}
			i++
		}
		if got != tt.want || upload.IsOpen() != slices.Contains(tt.want[:], u) || upload.Outcome() != a {
			t.Errorf("%s: %q, want %q; open %t", name, got, tt.want, upload.IsOpen())
		}
	}
}

// A person decides about an upload, or about rows of it. The latest decision on a
// row counts, and Kiva's answer counts more.
func TestDecisionsOnRows(t *testing.T) {
	const l1, l2 Address = "repayment/2026-11/L-1", "repayment/2026-11/L-2"
	const exists, absent, unknown = plan.OutcomeExists, plan.OutcomeAbsent, plan.OutcomeUnknown
	on := func(o plan.Outcome, items ...Address) Resolution { return Resolution{Decision: o, Items: items} }
	for name, tt := range map[string]struct {
		result    *Result
		decisions []Resolution
		first     plan.Outcome
		second    plan.Outcome
		whole     plan.Outcome
	}{
		"none":                {nil, nil, unknown, unknown, unknown},
		"the whole":           {nil, []Resolution{on(exists)}, exists, exists, exists},
		"one row":             {nil, []Resolution{on(absent, l2)}, unknown, absent, unknown},
		"both rows":           {nil, []Resolution{on(absent, l2), on(exists, l1)}, exists, absent, exists},
		"corrected":           {nil, []Resolution{on(absent), on(exists)}, exists, exists, exists},
		"corrected for a row": {nil, []Resolution{on(exists), on(absent, l2)}, exists, absent, exists},
		"corrected back":      {nil, []Resolution{on(exists), on(absent, l2), on(exists, l2)}, exists, exists, exists},
		"all absent":          {nil, []Resolution{on(exists), on(absent)}, absent, absent, absent},
		"answered":            {&Result{Outcome: plan.OutcomeAccepted}, []Resolution{on(absent)}, plan.OutcomeAccepted, plan.OutcomeAccepted, plan.OutcomeAccepted},
		"not sent, but seen":  {&Result{Outcome: plan.OutcomeNotSent}, []Resolution{on(exists, l1)}, exists, plan.OutcomeNotSent, exists},
		"an open row": {&Result{Outcome: plan.OutcomeAccepted, Problems: []Problem{{LoanID: "L-2", Severity: "fatal"}}},
			[]Resolution{on(absent)}, plan.OutcomeAccepted, absent, plan.OutcomeAccepted},
		"a rejected row": {&Result{Outcome: plan.OutcomeAccepted, Problems: []Problem{{LoanID: "L-2", Severity: "error"}}},
			[]Resolution{on(exists, l2)}, plan.OutcomeAccepted, exists, plan.OutcomeAccepted},
	} {
		upload := &Attempt{
			Intent: Intent{Stream: report, Attempt: 1, Rows: []Row{{LoanID: "L-1"}, {LoanID: "L-2"}}},
			Result: tt.result, Resolutions: tt.decisions,
		}
		var got []plan.Outcome
		for e := range upload.Entries() {
			got = append(got, e.Outcome)
		}
		if want := []plan.Outcome{tt.first, tt.second}; !slices.Equal(got, want) || upload.Outcome() != tt.whole {
			t.Errorf("%s: %q and %s as a whole, want %q and %s", name, got, upload.Outcome(), want, tt.whole)
		}
	}
}
