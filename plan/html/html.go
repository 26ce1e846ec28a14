// Package html shows a plan as a page for people who decide, in several
// languages. It shows a [view.View], and knows nothing else of
// the plan.
package html

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"kivaform/plan/view"
)

// Options say how to make the page.
type Options struct {
	Lang string // en, es or fr; English if empty
	Full bool   // list unchanged items, too

	// Photo returns the bytes of a photo, a JPEG, PNG or GIF file. It is asked
	// only where personal values are shown; where it fails, the page says so in
	// the photo's place. Without it there are no photos.
	Photo func(*view.Image) ([]byte, error)
}

// Write writes a plan as one page for people who decide: what it comes to, what
// needs a person, each loan draft and journal as a card, each repayment report
// as a table. The page needs no network and no other file. What people typed
// can't run, load or hide anything there. The error is the first one of w, or
// of a language that the page isn't translated to.
func Write(w io.Writer, v *view.View, o Options) error {
	lang, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	p := &page{View: v, Options: o, language: lang, found: slices.Collect(v.Reports()), w: bufio.NewWriterSize(w, 64<<10)}
	p.first = p.attentionOf()
	for _, part := range []func() error{p.head, p.attention, p.drafts, p.journals, p.reports, p.foot} {
		if err := part(); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	return p.w.Flush()
}

// A page is under way to its reader.
type page struct {
	*view.View
	Options
	*language
	found []view.Report
	first *attention // shown at the top
	w     *bufio.Writer
}

// show writes a template of page.html.
func (p *page) show(name string, data any) error {
	return p.templates().ExecuteTemplate(p.w, name, data)
}

func (p *page) head() error { return p.show("head", p.overview()) }

func (p *page) foot() error { return p.show("foot", p.overview()) }

// attention shows first what goes nowhere until somebody has decided, and what
// is odd about the files.
func (p *page) attention() error {
	if p.first.empty() {
		return nil
	}
	if err := p.show("attention", p.first); err != nil {
		return err
	}
	if p.first.Items > 0 {
		if err := p.cards(p.first.Items, func(i *view.Item) bool { return i.Action.NeedsPerson() }); err != nil {
			return err
		}
	}
	if err := p.show("remarks", p.first); err != nil {
		return err
	}
	return p.show("end", nil)
}

func (p *page) drafts() error { return p.section("loan_draft", p.Summary.LoanDrafts) }

func (p *page) journals() error { return p.section("journal", p.Summary.Journals) }

// section shows the items of a kind, but for those that stand above.
func (p *page) section(kind string, t view.Tally) error {
	n := p.listed(t)
	if n == 0 {
		return nil
	}
	if err := p.show("section", sectionHead{Kind: kind, Count: n}); err != nil {
		return err
	}
	if err := p.cards(n, func(i *view.Item) bool { return i.Kind == kind && !i.Action.NeedsPerson() }); err != nil {
		return err
	}
	return p.show("end", nil)
}

// listed counts the items of a kind that its section shows.
func (p *page) listed(t view.Tally) int {
	n := t.Total
	for action, count := range t.Actions {
		if action.NeedsPerson() || action == view.Unchanged && !p.Full {
			n -= count
		}
	}
	return n
}

// atATime is how many cards are made at a time, so that their photos are
// scaled side by side.
const atATime = 64

// cardsAtOnce is how many cards of a section a browser lays out before it is
// asked for more. The rest is text to it, which takes no time.
const cardsAtOnce = 2 * atATime

// cards shows the n items that are wanted.
func (p *page) cards(n int, wanted func(*view.Item) bool) error {
	if err := p.show("list", nil); err != nil {
		return err
	}
	done := 0
	some := make([]view.Item, 0, atATime)
	for item := range p.Items(p.Full) {
		if !wanted(&item) {
			continue
		}
		if done == cardsAtOnce {
			if err := p.show("rest", n-done); err != nil {
				return err
			}
		}
		if some = append(some, item); len(some) == atATime {
			if err := p.showCards(some); err != nil {
				return err
			}
			some = some[:0]
		}
		done++
	}
	if err := p.showCards(some); err != nil {
		return err
	}
	return p.show("list-end", n > cardsAtOnce)
}

func (p *page) showCards(items []view.Item) error {
	photos := p.thumbnails(items)
	for i := range items {
		if err := p.show("card", p.card(&items[i], photos[i])); err != nil {
			return err
		}
	}
	return nil
}

// reports shows each repayment report with its rows.
func (p *page) reports() error {
	for i := range p.found {
		r := &p.found[i]
		if p.listed(r.Tally)+r.Tally.Count(view.Action.NeedsPerson)+len(r.Gone) == 0 {
			continue
		}
		if err := p.reportSection(r); err != nil {
			return err
		}
	}
	return nil
}
