package worldtest

import (
	"fmt"
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
