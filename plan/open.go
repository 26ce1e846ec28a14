package plan

import (
	"strconv"
	"strings"
	"time"

	"kivaform/spec"
)

// An OpenRequest was sent, and no answer is known: a person decides.
type OpenRequest struct {
	Request spec.Address   // by which a person decides: loan_draft/L-1042, journals/2, repayments/2026-11/3
	Items   []spec.Address // the drafts, journals or rows in it
	At      time.Time
	Run     string
}

// Why is the reason of a request that the files no longer have.
func (o *OpenRequest) Why() Reason {
	const named = 5
	names := make([]string, 0, named)
	for _, a := range o.Items[:min(len(o.Items), named)] {
		names = append(names, string(a))
	}
	list := strings.Join(names, ", ")
	if len(o.Items) > named {
		list += ", …"
	}
	return NewReason(ReasonUnansweredGone, "request", string(o.Request), "at", moment(o.At), "run", o.Run, "items", strconv.Itoa(len(o.Items)), "names", list)
}

// openRequests returns the requests without a known answer of which a plan's items
// don't tell, with those of their items that it doesn't have: no file has them any
// more, or has them under another address.
func (s computer) openRequests(p *Plan) []OpenRequest {
	open := s.Past.Unknown()
	if len(open) == 0 {
		return nil
	}
	shown := make(map[spec.Address]bool)
	for item := range p.Items() {
		shown[item.Address()] = item.Action == Unknown
	}
	for _, r := range p.Reports {
		for i := range r.Rows {
			shown[r.RowAddress(i)] = r.Rows[i].Action == Unknown
		}
	}
	var list []OpenRequest
	for _, o := range open {
		var hidden []spec.Address
		for _, a := range o.Items {
			if !shown[a] {
				hidden = append(hidden, a)
			}
		}
		if len(hidden) > 0 {
			o.Items = hidden
			list = append(list, o)
		}
	}
	return list
}
