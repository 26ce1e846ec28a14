package main

import (
	"strings"

	"kivaform/apply"
	"kivaform/plan/render"
	"kivaform/spec"
)

// outcomeName is an outcome's name in data: not-sent.
func outcomeName(o apply.Outcome) string { return strings.ReplaceAll(string(o), " ", "-") }

// accountData returns the account of a run as renderers and programs see it.
// The addresses by which journals are confirmed are masked unless personal is
// true.
func (a *app) accountData(acc *apply.Account, run string, personal bool) render.Account {
	out := render.Account{
		Run: run, Counts: make(map[string]int), Personal: personal,
		Failures: entriesData(acc.Failures), Remarks: entriesData(acc.Warnings),
		Receipts: make([]render.Receipt, 0, len(acc.Receipts)),
	}
	for o, n := range acc.Counts {
		if n > 0 {
			out.Counts[outcomeName(o)] = n
		}
	}
	for _, r := range acc.Receipts {
		out.Receipts = append(out.Receipts, receiptData(r, personal))
	}
	if acc.Stop != "" {
		out.Stop = &render.Stop{Reason: string(acc.Stop), Message: acc.StopMessage}
	}
	out.Unanswered = a.unansweredData(acc.Unanswered)
	out.Todo = tasksData(out.Receipts)
	return out
}

func entriesData(list []apply.Entry) []render.Entry {
	out := make([]render.Entry, len(list))
	for i, e := range list {
		out[i] = render.Entry{Address: e.Address, Place: placeData(e.Pos), Outcome: outcomeName(e.Outcome), Message: e.Message}
	}
	return out
}

func placeData(p spec.Pos) render.Place {
	return render.Place{File: p.File, Line: int(p.Line), Column: int(p.Column)}
}

func receiptData(r apply.Receipt, personal bool) render.Receipt {
	out := render.Receipt{Address: r.Stream, Kind: r.Kind, Items: r.Items, Parts: make([]render.Given, len(r.Receipts))}
	for i, g := range r.Receipts {
		out.Parts[i] = render.Given{
			DraftUUID: g.DraftUUID, ArchiveID: g.ArchiveID, UploadID: g.UploadID,
			ConfirmURL: render.MaskSecret(g.ConfirmURL, personal),
		}
	}
	return out
}

// tasksData says what people must do after some requests were accepted. The
// receipts of a report's uploads follow each other.
func tasksData(receipts []render.Receipt) []render.Task {
	publish := render.Task{Kind: "publish"}
	var confirm, finalise []render.Task
	for _, r := range receipts {
		if r.Items == 0 { // Kiva refused every row
			continue
		}
		switch r.Kind {
		case "loan_draft":
			publish.Items += r.Items
		case "journal":
			for _, part := range r.Parts {
				confirm = append(confirm, render.Task{Kind: "confirm", Address: r.Address, Items: r.Items, ConfirmURL: part.ConfirmURL})
			}
		case "repayment":
			if n := len(finalise); n == 0 || finalise[n-1].Address != r.Address {
				finalise = append(finalise, render.Task{Kind: "finalise", Address: r.Address})
			}
			finalise[len(finalise)-1].Items += r.Items
		}
	}
	tasks := append(confirm, finalise...)
	if publish.Items > 0 {
		tasks = append([]render.Task{publish}, tasks...)
	}
	return append([]render.Task{}, tasks...)
}
