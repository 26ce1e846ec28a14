package convert

import (
	"fmt"
	"maps"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

// documents makes a document of each row, or of the rows of each group.
func (r *reader) documents(rows []row) []document {
	var all []document
	seen := map[string]spec.Pos{}
	groups := map[string]int{}
	for _, w := range rows {
		group := w.cells["internal_loan_id"].text
		if r.options.Kind != LoanDraft || group == "" {
			r.checkTwice(w, seen)
			all = append(all, r.document(w))
			continue
		}
		if i, ok := groups[group]; ok {
			r.join(&all[i], w)
			continue
		}
		groups[group] = len(all)
		all = append(all, r.document(w))
	}
	return all
}

// checkTwice refuses a second row of one thing: nobody can say which counts.
func (r *reader) checkTwice(w row, seen map[string]spec.Pos) {
	id := w.cells["loan_id"]
	key := id.text
	if r.options.Kind == Journal {
		id = w.cells["key"]
		key = w.cells["internal_loan_id"].text + "\x00" + id.text
	}
	if first, twice := seen[key]; twice && id.text != "" {
		r.add(codeTwice, id.place, fmt.Sprintf("%s stands twice, first at line %d", id.text, first.Line), "keep one row of it")
		return
	}
	seen[key] = w.pos
}

func (r *reader) document(w row) document {
	d := document{node: mapping(), pos: w.pos, places: map[string]place{}}
	switch r.options.Kind {
	case LoanDraft:
		put(d.node, "kind", text(string(spec.KindLoanDraft)))
		put(d.node, "entreps", &yaml.Node{Kind: yaml.SequenceNode})
		r.borrower(&d, w)
	case Journal:
		put(d.node, "kind", text(string(spec.KindJournal)))
	}
	for _, f := range columnsOf[r.options.Kind] {
		c, given := w.cells[f.name]
		if !given || f.borrower {
			continue
		}
		d.places[f.name] = c.place
		if c.text != "" {
			put(d.node, f.name, f.node(c.text))
		}
	}
	if list, places := schedule(w.cells); len(list.Content) > 0 {
		put(d.node, "schedule", list)
		maps.Copy(d.places, places)
		d.places["schedule"] = places["schedule[0]"]
	}
	return d
}

// borrower adds a row's borrower to a draft.
func (r *reader) borrower(d *document, w row) {
	list := get(d.node, "entreps")
	i := len(list.Content)
	entrep := flow()
	prefix := fmt.Sprintf("entreps[%d]", i)
	d.places[prefix] = place{Pos: w.pos}
	for _, f := range columnsOf[LoanDraft] {
		c, given := w.cells[f.name]
		if !f.borrower || !given {
			continue
		}
		d.places[prefix+"."+f.name] = c.place
		switch {
		case c.text == "":
		case f.name == "not_pictured":
			r.notPictured(d, c, i)
		default:
			put(entrep, f.name, f.node(c.text))
		}
	}
	list.Content = append(list.Content, entrep)
}

func (r *reader) notPictured(d *document, c cell, i int) {
	list := get(d.node, "not_pictured")
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		put(d.node, "not_pictured", list)
	}
	list.Content = append(list.Content, c.column.node(c.text))
	d.places[fmt.Sprintf("not_pictured[%d]", i)] = c.place
}

// join adds a row to the group that it belongs to. What is said of the group
// must be the same in each of its rows that says it.
func (r *reader) join(d *document, w row) {
	r.borrower(d, w)
	for _, f := range columnsOf[LoanDraft] {
		c := w.cells[f.name]
		if f.borrower || c.text == "" {
			continue
		}
		switch was := get(d.node, f.name); {
		case was == nil:
			put(d.node, f.name, f.node(c.text))
			d.places[f.name] = c.place
		case was.Value != c.text:
			r.add(codeTwice, c.place, fmt.Sprintf("differs from the group's first row, at line %d", d.pos.Line), "say the same in each row of a group, or say it once")
		}
	}
}
