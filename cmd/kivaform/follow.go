package main

import (
	"fmt"

	"kivaform/apply"
)

// follow tells one step of apply. In a pipeline whatever went wrong has a line
// of its own; on a terminal the account is soon there.
func (s *stage) follow(e apply.Event) {
	switch e.Kind {
	case apply.Finished:
		s.at(e.Done, e.Total)
		if !s.moving && e.Outcome != apply.Sent && e.Outcome != apply.Adopted && e.Outcome != apply.NotAttempted {
			s.line("%s: %s (%d of %d)%s", e.Address, ended(e), e.Done, e.Total, because(e.Message))
		}
	case apply.Pausing:
		s.line("%s: %s, waiting %s", e.Address, e.Message, e.Wait)
	case apply.Stopping:
		s.line("%s", e.Message)
	}
}

func ended(e apply.Event) string {
	if e.Items > 1 {
		return fmt.Sprintf("%s %s", e.Outcome, plural(e.Items, "item"))
	}
	return string(e.Outcome)
}
