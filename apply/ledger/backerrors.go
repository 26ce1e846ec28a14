package ledger

import (
	"fmt"
	"strings"
)

// A BackError says that a ledger has less than it had: it went back.
type BackError struct {
	Known   string   // who knows of more
	Missing []string // entries of marks
	Fewer   int      // attempts, where no entry names them
}

func (e *BackError) Error() string {
	const most = 10
	var b strings.Builder
	fmt.Fprintf(&b, "the ledger went back: %s tell of more than it has, so what was sent may look unsent", e.Known)
	for i, entry := range e.Missing {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Missing)-most)
			break
		}
		b.WriteString("\n  " + entryText(entry) + " is missing")
	}
	if e.Fewer > 0 {
		fmt.Fprintf(&b, "\n  attempts missing: %d or more", e.Fewer)
	}
	return b.String()
}

// Hint returns the remedy.
func (e *BackError) Hint() string { return remedyBack }

// remedyBack is the remedy for a ledger that isn't as far as was known.
const remedyBack = "find the newest copy of the ledger (a backup, another branch or clone) and put it back, or bring it in: kivaform ledger merge; " +
	"only if it is lost for good: look in PA2 for what is missing, then kivaform ledger accept --reason \"...\""

// An OtherError says that another ledger, or another environment's part of one, was
// used for the same partner and address.
type OtherError struct {
	Was, Is string // identities; Is is "" for a ledger that wasn't begun
	Place   string // where the other one was, "" if that isn't known
	Known   string // who knows of it
}

func (e *OtherError) Error() string {
	was, place := describeIdentity(e.Was), ""
	if e.Place != "" {
		place = ", which was at " + e.Place
	}
	is := describeIdentity(e.Is)
	if e.Is == "" {
		is = "an empty one"
	}
	return fmt.Sprintf("this is not the ledger that was used for this partner and address: %s of %s%s, and here is %s, which doesn't know what was sent by the other", e.Known+" tell", was, place, is)
}

// Hint returns the remedy.
func (e *OtherError) Hint() string {
	return "write the former ledger: and environment back into kiva.yaml, or copy what was sent into this one (kivaform ledger copy, kivaform ledger merge); " +
		"only if this one takes the other's place as it is: kivaform ledger accept --reason \"...\""
}

func describeIdentity(identity string) string {
	id, environment, _ := strings.Cut(identity, "/")
	return fmt.Sprintf("ledger %s (environment %s)", id, environment)
}

// An AddressError says that a ledger's environment had another address.
type AddressError struct{ Environment, Was, Is string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("what the ledger knows of the environment %s was sent to %s, and its address is %s by now: nothing of it was sent there", e.Environment, e.Was, e.Is)
}

// Hint returns the remedy.
func (e *AddressError) Hint() string {
	return "give another Kiva another name under environments:, or write the former address back; " +
		"only if both addresses are of the same Kiva: kivaform ledger accept --reason \"...\""
}

// entryText says for people what an entry of a mark names.
func entryText(entry string) string {
	if name, is := strings.CutPrefix(entry, marksFolder); is {
		run, _, _ := cutLast(name)
		return "the end of run " + run
	}
	name, run, isBatch := strings.Cut(entry, " ")
	stream, number, _ := cutLast(name)
	if isBatch {
		return fmt.Sprintf("%s/%s, by run %s", strings.TrimSuffix(stream, "/all"), number, run)
	}
	if parts := strings.Split(stream, "/"); len(parts) == 3 {
		stream = parts[0] + "/" + parts[2]
	}
	return fmt.Sprintf("%s, attempt %s", stream, number)
}
