package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/plan/render"
)

// After a run, each command that decides about something is named, as far as
// there is room, and how to find the others.
func TestSettle(t *testing.T) {
	var many []render.Unanswered
	for n := range manyEntries + 2 {
		many = append(many, render.Unanswered{Exists: new(app).decideBy(fmt.Sprintf("journals/%d", n))})
	}
	for _, tt := range []struct {
		list         []render.Unanswered
		lines        int
		first, final string
	}{
		{many[:1], 2, "    kivaform resolve journals/0 --exists", ""},
		{many, manyEntries + 2, "    kivaform resolve journals/49 --exists", "    and 2 more: kivaform resolve --list\n"},
	} {
		var b strings.Builder
		new(app).settle(&b, tt.list)
		if got := b.String(); strings.Count(got, "\n") != tt.lines || !strings.Contains(got, tt.first+"\n") || !strings.HasSuffix(got, tt.final) {
			t.Errorf("%d:\n%s", len(tt.list), got)
		}
	}
}

// What was sent a moment ago may still get its answer, and nobody need look for it
// yet.
func TestResolveTaskOfARunThatMayWait(t *testing.T) {
	const waits = "; the run that sent it may still wait for the answer"
	for _, tt := range []struct {
		ago    time.Duration
		result *ledger.Result
		want   bool
	}{
		{time.Minute, nil, true}, {time.Hour, nil, false}, {time.Minute, new(ledger.Result), false},
	} {
		attempt := &ledger.Attempt{Intent: ledger.Intent{Stream: "loan_draft/L-1", At: time.Now().Add(-tt.ago)}, Result: tt.result}
		if got := new(workspace).resolveTask(attempt); strings.HasSuffix(got.What, waits) != tt.want {
			t.Errorf("%s ago: %q", tt.ago, got.What)
		}
	}
}
