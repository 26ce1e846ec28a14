package convert

import (
	"fmt"
	"maps"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

// buildDocuments makes a document from each row, or from each group's rows.
func (r *reader) buildDocuments(rows []row) []document {
	var all []document
	seen := map[string]spec.Pos{}
	groups := map[string]int{}
	for _, w := range rows {
		group := w.cells["internal_loan_id"].text
		if r.options.Kind != LoanDraft || group == "" {
			r.checkTwice(w, seen)
			all = append(all, r.buildDocument(w))
			continue
		}
		if i, ok := groups[group]; ok {
			r.joinGroup(&all[i], w)
			continue
		}
		groups[group] = len(all)
		all = append(all, r.buildDocument(w))
	}
	return all
}

// checkTwice reports a second row for one id.
func (r *reader) checkTwice(w row, seen map[string]spec.Pos) {
	id := w.cells["loan_id"]
	key := id.text
	if r.options.Kind == Journal {
		id = w.cells["key"]
		key = w.cells["internal_loan_id"].text + "\x00" + id.text
	}
	if first, twice := seen[key]; twice && id.text != "" {
		r.add(codeTwice, id.origin, fmt.Sprintf("%s stands twice, first at line %d", id.text, first.Line), "keep one row of it")
		return
	}
	seen[key] = w.pos
}

func (r *reader) buildDocument(w row) document {
	d := document{node: newMapping(), pos: w.pos, origins: map[string]origin{}}
	switch r.options.Kind {
	case LoanDraft:
		putKey(d.node, "kind", textNode(string(spec.KindLoanDraft)))
		putKey(d.node, "entreps", &yaml.Node{Kind: yaml.SequenceNode})
		r.addBorrower(&d, w)
	case Journal:
		putKey(d.node, "kind", textNode(string(spec.KindJournal)))
	}
	for _, f := range columnsOf[r.options.Kind] {
		c, given := w.cells[f.name]
		if !given || f.borrower {
			continue
		}
		d.origins[f.name] = c.origin
		if c.text != "" {
			putKey(d.node, f.name, f.valueNode(c.text))
		}
	}
	if list, places := gatherSchedule(w.cells); len(list.Content) > 0 {
		putKey(d.node, "schedule", list)
		maps.Copy(d.origins, places)
		d.origins["schedule"] = places["schedule[0]"]
	}
	return d
}

// addBorrower adds a row's borrower to a draft.
func (r *reader) addBorrower(d *document, w row) {
	list := findKey(d.node, "entreps")
	i := len(list.Content)
	entrep := newFlowMapping()
	prefix := fmt.Sprintf("entreps[%d]", i)
	d.origins[prefix] = origin{Pos: w.pos}
	for _, f := range columnsOf[LoanDraft] {
		c, given := w.cells[f.name]
		if !f.borrower || !given {
			continue
		}
		d.origins[prefix+"."+f.name] = c.origin
		switch {
		case c.text == "":
		case f.name == "not_pictured":
			r.addNotPictured(d, c, i)
		default:
			putKey(entrep, f.name, f.valueNode(c.text))
		}
	}
	list.Content = append(list.Content, entrep)
}

func (r *reader) addNotPictured(d *document, c cell, i int) {
	list := findKey(d.node, "not_pictured")
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		putKey(d.node, "not_pictured", list)
	}
	list.Content = append(list.Content, c.column.valueNode(c.text))
	d.origins[fmt.Sprintf("not_pictured[%d]", i)] = c.origin
}

// joinGroup adds a row to its group's document, and reports fields of the group
// that differ from an earlier row's.
func (r *reader) joinGroup(d *document, w row) {
	r.addBorrower(d, w)
	for _, f := range columnsOf[LoanDraft] {
		c := w.cells[f.name]
		if f.borrower || c.text == "" {
			continue
		}
		switch was := findKey(d.node, f.name); {
		case was == nil:
			putKey(d.node, f.name, f.valueNode(c.text))
			d.origins[f.name] = c.origin
		case was.Value != c.text:
			r.add(codeTwice, c.origin, fmt.Sprintf("differs from the group's first row, at line %d", d.pos.Line), "say the same in each row of a group, or say it once")
		}
	}
}
