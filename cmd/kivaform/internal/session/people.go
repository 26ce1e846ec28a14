package session

import (
	"strings"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/message"
	"kivaform/spec"
)

// OrAbsent stands in a command in place of --exists where Kiva has nothing.
const OrAbsent = `--absent --reason "..."`

// DecideBy is the command by which a person says that Kiva has something.
func (a *App) DecideBy(request plan.Address) string {
	return a.Command("resolve", string(request), "--exists")
}

// ManyEntries is how many entries a list for people has at most.
const ManyEntries = 50

// WhereSandbox says where what people do is done on the sandbox.
const WhereSandbox = "On the sandbox, PA2's page and the addresses answer while \"kivaform sandbox\" runs."

// SecretURL shows an address that lets whoever has it publish, where it may be
// shown.
func SecretURL(u string, shown bool) string {
	switch {
	case u == "":
		return "Kiva gave no address; look under Journals"
	case shown:
		return u
	}
	return "the address is shown on a terminal, or with --personal=show"
}

// StreamAddress names an attempt beside its number: a draft, a report, or a batch
// of journals, which have nothing else in common.
func StreamAddress(a *ledger.Attempt) plan.Address {
	if stream := a.Intent.Stream; stream != spec.Journals {
		return stream
	}
	return a.Address()
}

// OutcomeName is an outcome's name in data: not-sent.
func OutcomeName(o apply.Outcome) string { return strings.ReplaceAll(string(o), " ", "-") }

// InEnglish words a reason for commands that have one language.
func InEnglish(r plan.Reason) string { return message.English().Reason(r) }
