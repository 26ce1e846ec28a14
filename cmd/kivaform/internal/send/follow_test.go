package send

import (
	"bytes"
	"testing"
	"time"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
)

// In a pipeline, what went well is counted, and what went wrong is told.
func TestFollowingARun(t *testing.T) {
	var out bytes.Buffer
	s := cli.NewStage(&out, "sending", false)
	for i, o := range []apply.Outcome{apply.Sent, apply.Rejected, apply.Adopted, apply.NotAttempted} {
		follow(s, apply.Event{Kind: apply.Sending, Address: "loan_draft/L-1", Items: 1})
		follow(s, apply.Event{Kind: apply.Finished, Address: "loan_draft/L-1", Items: 1, Outcome: o, Done: i + 1, Total: 4, Message: string(o)})
	}
	follow(s, apply.Event{Kind: apply.Pausing, Address: "journals", Message: "Kiva asks to wait (429)", Wait: time.Second})
	follow(s, apply.Event{Kind: apply.Stopping, Message: "interrupted"})
	s.End()
	want := "loan_draft/L-1: rejected (2 of 4): rejected\njournals: Kiva asks to wait (429), waiting 1s\ninterrupted\n"
	if out.String() != want || s.Done != 4 || s.Total != 4 {
		t.Errorf("wrote %q\nwant  %q; at %d of %d", &out, want, s.Done, s.Total)
	}
}
