package send

import (
	"fmt"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
)

// TellWaiting tells that an interrupted run waits for the requests under way, and
// a person at a terminal when another interrupt ends it all the same.
func TellWaiting(a *session.App, onTerminal bool, endsAfter time.Duration) {
	n := len(a.InFlight.Addresses())
	if n == 0 {
		return
	}
	begin, rest := "", ""
	if onTerminal { // after the ^C that it shows
		begin = "\n"
		rest = fmt.Sprintf("; another Ctrl-C after %s ends at once, and leaves unknown what has no answer by then", endsAfter)
	}
	fmt.Fprintf(a.Err, "%sinterrupted: waiting for %s that began%s\n", begin, cli.Plural(n, "request"), rest)
}

// TellLeft tells what stays unknown where the program ends before its requests
// do, and the commands by which people decide about it.
func TellLeft(a *session.App) {
	if left := a.InFlight.Addresses(); len(left) > 0 {
		tellLeft(a, left)
	}
}

func tellLeft(a *session.App, left []plan.Address) {
	fmt.Fprintf(a.Err, "\nended before %s had an answer: whether Kiva has these is unknown. Look for each in PA2, then say what was found; where Kiva doesn't have it, with %s in place of --exists:\n",
		cli.Plural(len(left), "request"), session.OrAbsent)
	for _, address := range left[:min(len(left), session.ManyEntries)] {
		fmt.Fprintf(a.Err, "  %s: %s\n", address, a.DecideBy(address))
	}
	fmt.Fprintf(a.Err, "%q lists all that is unknown\n", a.Command("resolve", "--list"))
}
