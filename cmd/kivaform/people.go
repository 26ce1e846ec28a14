package main

import (
	"strings"

	"kivaform/apply"
	"kivaform/apply/ledger"
	"kivaform/plan"
	"kivaform/plan/message"
	"kivaform/spec"
)

const orAbsent = `--absent --reason "..."`

// decideBy is the command by which a person says that Kiva has something.
func (a *app) decideBy(request plan.Address) string {
	return a.command("resolve", string(request), "--exists")
}

const manyEntries = 50

// whereSandbox says where what people do is done on the sandbox.
const whereSandbox = "On the sandbox, PA2's page and the addresses answer while \"kivaform sandbox\" runs."

// secretURL shows an address that lets whoever has it publish, where it may be
// shown.
func secretURL(u string, shown bool) string {
	switch {
	case u == "":
		return "Kiva gave no address; look under Journals"
	case shown:
		return u
	}
	return "the address is shown on a terminal, or with --personal=show"
}

// streamAddress names an attempt beside its number: a draft, a report, or a batch
// of journals, which have nothing else in common.
func streamAddress(a *ledger.Attempt) plan.Address {
	if stream := a.Intent.Stream; stream != spec.Journals {
		return stream
	}
	return a.Address()
}

// outcomeName is an outcome's name in data: not-sent.
func outcomeName(o apply.Outcome) string { return strings.ReplaceAll(string(o), " ", "-") }

// inEnglish words a reason for commands that have one language.
func inEnglish(r plan.Reason) string { return message.English().Reason(r) }
