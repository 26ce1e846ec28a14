package send

import (
	"kivaform/apply"
	"kivaform/apply/followup"
	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan/view"
	"kivaform/spec"
)

// accountData returns the account of a run as renderers and programs see it.
// The addresses by which journals are confirmed are masked unless personal is
// true.
func accountData(a *session.App, acc *apply.Account, run string, personal bool) view.Account {
	out := view.Account{
		Run: run, Counts: make(map[string]int), Personal: personal,
		Failures: entriesData(acc.Failures), Remarks: entriesData(acc.Warnings),
		Receipts: make([]view.Receipt, 0, len(acc.Receipts)),
	}
	for o, n := range acc.Counts {
		if n > 0 {
			out.Counts[session.OutcomeName(o)] = n
		}
	}
	accepted := make([]*ledger.Attempt, 0, len(acc.Receipts))
	for _, r := range acc.Receipts {
		out.Receipts = append(out.Receipts, receiptData(r, personal))
		if r.Items > 0 { // Kiva took some of it
			accepted = append(accepted, r.Attempt)
		}
	}
	if acc.Stop != "" {
		out.Stop = &view.Stop{Reason: string(acc.Stop), Message: acc.StopMessage}
	}
	out.Unanswered = unansweredData(a, acc.Unanswered)
	out.Todo = followup.AfterRun(accepted)
	for i, t := range out.Todo {
		out.Todo[i] = t.Masked(personal)
	}
	return out
}

func entriesData(list []apply.Entry) []view.Entry {
	out := make([]view.Entry, len(list))
	for i, e := range list {
		out[i] = view.Entry{Address: e.Address, Place: placeData(e.Pos), Outcome: session.OutcomeName(e.Outcome), Message: e.Message}
	}
	return out
}

func placeData(p spec.Pos) view.Place {
	return view.Place{File: p.File, Line: int(p.Line), Column: int(p.Column)}
}

func receiptData(r apply.Receipt, personal bool) view.Receipt {
	given := r.Attempt.Result.Receipts
	out := view.Receipt{Address: session.StreamAddress(r.Attempt), Request: r.Attempt.Address(), Kind: r.Kind, Items: r.Items, Parts: make([]view.Given, len(given))}
	for i, g := range given {
		out.Parts[i] = view.Given{
			DraftUUID: g.DraftUUID, ArchiveID: g.ArchiveID, UploadID: g.UploadID,
			ConfirmURL: view.MaskSecret(g.ConfirmURL, personal),
		}
	}
	return out
}
