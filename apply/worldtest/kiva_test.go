package worldtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Statuses of loans at Kiva, in Kiva's own words. A draft has none: it isn't
// listed.
const (
	unpublished = ""
	fundRaising = "fundRaising"
	payingBack  = "payingBack"
	ended       = "ended"
	expired     = "expired"
)

// A pa2 is Kiva's side: what it took, and what people there have done with it.
type pa2 struct {
	w          *world
	loans      []*kivaLoan
	uploads    []*upload
	archives   int
	month      string // that uploads are for, which don't say so themselves; until people finalise it
	cumulative bool   // amounts are all that was repaid so far, so that another one corrects
	tokens     int    // that were given out; only the last one is good
}

// A kivaLoan is a loan at Kiva, from its draft on.
type kivaLoan struct {
	things  []*thing
	id      string // as Kiva writes it
	kivaID  string
	status  string
	gone    bool // deleted by a person
	byHand  bool // typed into PA2
	created time.Time
	amount  int64
	name    string
	client  string
}

// An upload is one accepted repayment report.
type upload struct {
	id   string
	rows []*thing
}

// take is Kiva accepting a thing. A second time is a failure, unless a person's
// recorded word asked for just that, or the amount of a cumulative report is
// another.
func (k *pa2) take(t *thing, amount int64, how string) {
	switch {
	case t.accepted == 0, k.cumulative && amount != t.amount:
	case t.words[t.accepted]:
		k.w.count.byWord++
	default:
		k.w.fail(doubled, "%s was accepted again, %s", t.name, how)
	}
	t.amount = amount
	t.accepted++
	t.atKiva++
	if t.period != "" && t.period != k.month {
		k.w.fail(misplaced, "%s landed in %s", t.name, k.month)
	}
	k.w.tell("kiva: takes %s, %s", t.name, how)
}

func (k *pa2) draft(d *draftDoc, how string) {
	for _, t := range d.things() {
		k.take(t, 0, how)
	}
	loan := &kivaLoan{
		things: d.things(), kivaID: fmt.Sprint(2000000 + len(k.loans)), created: time.Now(),
		id: k.spell(d.loanID()), amount: d.members[0].amount, name: d.members[0].name, client: d.members[0].client,
	}
	k.loans = append(k.loans, loan)
}

// spell writes an id as Kiva's systems do.
func (k *pa2) spell(id string) string {
	if !k.w.has[kivaSpells] {
		return id
	}
	switch k.w.chance("spell", id) % 5 {
	case 0:
		return strings.ToLower(id)
	case 1:
		return id + " "
	case 2:
		return strings.TrimLeft(id, "0")
	case 3:
		return strings.ReplaceAll(id, "-", " ")
	}
	return id
}

// fold is how Kiva finds a loan by its id.
func fold(id string) string {
	id = strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' || c == '‑' {
			return -1
		}
		return c
	}, strings.ToLower(id))
	return strings.TrimLeft(id, "0")
}

// loan finds a loan by its id: one that is alive, else the last one.
func (k *pa2) loan(id string) (found *kivaLoan) {
	for _, l := range k.loans {
		if !l.gone && fold(l.id) == fold(id) && (found == nil || found.status == expired || found.status == ended) {
			found = l
		}
	}
	return found
}

// remove deletes a loan's draft in PA2.
func (k *pa2) remove(l *kivaLoan) {
	l.gone = true
	for _, t := range l.things {
		t.atKiva--
	}
}

// publish is the people's half: a draft becomes a loan that pays back.
func (k *pa2) publish(l *kivaLoan) {
	switch l.status {
	case unpublished:
		l.status = fundRaising
	case fundRaising:
		l.status = payingBack
	}
}

// publishAll brings every loan to where it takes journals and repayments.
func (k *pa2) publishAll() {
	for _, l := range k.loans {
		if l.status == unpublished || l.status == fundRaising {
			l.status = payingBack
		}
	}
}

// A listing is one loan of Kiva's list.
type listing struct {
	KivaID     string      `json:"kiva_id"`
	LoanID     string      `json:"internal_loan_id"`
	ClientID   string      `json:"internal_client_id"`
	Name       string      `json:"name"`
	Status     string      `json:"status"`
	LocalPrice json.Number `json:"loan_local_price"`
	Currency   string      `json:"loan_currency"`
	Created    int64       `json:"create_time"`
}

// list answers a request for the list of loans.
func (k *pa2) list(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	if r.Header.Get("Authorization") != fmt.Sprint("Bearer t", k.tokens) {
		return endedToken.response(r)
	}
	all := k.listed(q.Get("query"), q.Get("status"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	size := 2
	total := len(all)
	from, to := min(offset, total), min(offset+size, total)
	page := all[from:to]
	if !k.w.calm && from > 0 {
		switch {
		case k.w.has[emptyPages] && k.w.chance("empty page", r.URL.RawQuery) < 40:
			page = nil
		case k.w.has[repeatedPages] && k.w.chance("repeated page", r.URL.RawQuery) < 40:
			page = all[:min(size, total)]
		}
	}
	if !k.w.calm && k.w.has[countsOnly] && k.w.chance("count", r.URL.RawQuery) < 40 {
		page = nil
	}
	data, err := json.Marshal(map[string]any{"total_records": total, "data": append([]listing{}, page...)})
	if err != nil {
		return nil, err
	}
	return answer{status: 200, header: jsonType, body: string(data)}.response(r)
}

// listed returns the loans that a query finds. Drafts are never listed; what was
// just published is late.
func (k *pa2) listed(query, status string) []listing {
	var all []listing
	for _, l := range k.loans {
		if l.gone || l.status == unpublished || status != "" && l.status != status || !k.finds(l, query) {
			continue
		}
		if !k.w.calm && k.w.has[listLate] && !l.byHand && time.Since(l.created) < 48*time.Hour {
			continue
		}
		all = append(all, listing{l.kivaID, l.id, l.client, l.name, l.status, json.Number(fmt.Sprint(l.amount)), "KES", l.created.Unix()})
	}
	return all
}

// finds reports whether a search finds a loan, as PA2's search bar does: by
// parts of an id.
func (k *pa2) finds(l *kivaLoan, query string) bool {
	if query == "" {
		return true
	}
	if !k.w.calm && k.w.has[badSearch] && k.w.chance("search", query) < 40 {
		return false
	}
	return strings.Contains(fold(l.id), fold(query)) || strings.Contains(l.kivaID, query)
}
