package send

import (
	"fmt"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
)

// follow tells one step of apply. In a pipeline whatever went wrong has a line
// of its own; on a terminal the account is soon there.
func follow(s *cli.Stage, e apply.Event) {
	switch e.Kind {
	case apply.Finished:
		s.SetProgress(e.Done, e.Total)
		if !s.Moving && e.Outcome != apply.Sent && e.Outcome != apply.Adopted && e.Outcome != apply.NotAttempted {
			s.Line("%s: %s (%d of %d)%s", e.Address, ended(e), e.Done, e.Total, cli.Because(e.Message))
		}
	case apply.Pausing:
		s.Line("%s: %s, waiting %s", e.Address, e.Message, e.Wait)
	case apply.Stopping:
		s.Line("%s", e.Message)
	}
}

func ended(e apply.Event) string {
	if e.Items > 1 {
		return fmt.Sprintf("%s %s", e.Outcome, cli.Plural(e.Items, "item"))
	}
	return string(e.Outcome)
}
