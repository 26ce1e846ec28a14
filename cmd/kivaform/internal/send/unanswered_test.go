package send

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/view"
)

// After a run, each command that decides about something is named, as far as
// there is room, and how to find the others.
func TestSettle(t *testing.T) {
	var many []view.Unanswered
	for n := range session.ManyEntries + 2 {
		many = append(many, view.Unanswered{Exists: new(session.App).DecideBy(plan.Address(fmt.Sprintf("journals/%d", n)))})
	}
	for _, tt := range []struct {
		list         []view.Unanswered
		lines        int
		first, final string
	}{
		{many[:1], 2, "    kivaform resolve journals/0 --exists", ""},
		{many, session.ManyEntries + 2, "    kivaform resolve journals/49 --exists", "    and 2 more: kivaform resolve --list\n"},
	} {
		var b strings.Builder
		settle(new(session.App), &b, tt.list)
		if got := b.String(); strings.Count(got, "\n") != tt.lines || !strings.Contains(got, tt.first+"\n") || !strings.HasSuffix(got, tt.final) {
			t.Errorf("%d:\n%s", len(tt.list), got)
		}
	}
}

// A run that ends before its requests do names each, with the command that decides
// about it, and how to find the others.
func TestTellLeft(t *testing.T) {
	var b strings.Builder
	a := new(session.App)
	a.Err = &b
	TellLeft(a)
	if b.Len() > 0 {
		t.Errorf("with nothing in flight: %s", b.String())
	}
	tellLeft(a, []plan.Address{"loan_draft/L-1", "repayments/2026-11/3"})
	for _, want := range []string{
		"ended before 2 requests had an answer", "\n  loan_draft/L-1: kivaform resolve loan_draft/L-1 --exists\n",
		"\n  repayments/2026-11/3: kivaform resolve repayments/2026-11/3 --exists\n", session.OrAbsent, `"kivaform resolve --list" lists`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, b.String())
		}
	}
}
