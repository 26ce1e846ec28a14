package convert

import (
	"context"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/kiva"
	"kivaform/spec"
)

// Stubs returns what Kiva shows of loans as documents, a file for each, with
// comments on what it doesn't tell. Where no document can be made of a loan (a
// group, whose borrowers Kiva doesn't list, or what this workspace couldn't
// load), its file has a comment alone.
func Stubs(ctx context.Context, loans []kiva.Loan, dir, environment string) ([][]byte, error) {
	all := &Output{rows: len(loans)}
	for _, l := range loans {
		all.documents = append(all.documents, stub(l))
	}
	faults, err := all.check(ctx, dir, environment)
	if err != nil {
		return nil, err
	}
	byDocument := make(map[int][]found)
	for _, f := range faults {
		byDocument[f.document] = append(byDocument[f.document], f)
	}
	files := make([][]byte, len(loans))
	for i, d := range all.documents {
		if faults := byDocument[i]; len(faults) > 0 {
			d = document{comment: comment(loans[i], "There is no document of it, because these files couldn't hold it: "+reasons(faults))}
		}
		one := &Output{documents: []document{d}}
		if files[i], err = one.Text(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func reasons(faults []found) string {
	var all []string
	for _, f := range faults {
		all = append(all, strings.TrimPrefix(f.Path+": "+f.Message, ": "))
	}
	return strings.Join(all, "; ")
}

func stub(l kiva.Loan) document {
	switch {
	case l.BorrowerCount > 1:
		return document{comment: comment(l, fmt.Sprintf("A group of %d, %s. Kiva doesn't list its borrowers, so there is no document of it.", l.BorrowerCount, l.Name))}
	case l.LocalPrice.Sign() <= 0:
		return document{comment: comment(l, "Kiva doesn't tell its local price, so there is no document of it.")}
	}
	d := document{node: mapping(), places: map[string]place{}, comment: comment(l,
		"Kiva doesn't tell: activity, theme, language, loan use, description, schedule, photo, disbursal. The amount is Kiva's local price.")}
	put(d.node, "kind", text(string(spec.KindLoanDraft)))
	entrep := flow("loan_id", text(l.InternalLoanID))
	putText(entrep, "client_id", l.InternalClientID)
	putText(entrep, "first_name", l.Name)
	put(entrep, "amount", amount(l.LocalPrice.String()))
	put(d.node, "entreps", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{entrep}})
	putText(d.node, "currency", l.Currency)
	putText(d.node, "location", l.Location)
	return d
}

func putText(m *yaml.Node, key, value string) {
	if value = clean(value); value != "" {
		put(m, key, text(value))
	}
}

// comment says which loan it is, in lines that YAML doesn't read.
func comment(l kiva.Loan, what string) string {
	head := fmt.Sprintf("%s: Kiva lists it as %s, %s on the day of this writing.", l.InternalLoanID, l.KivaID, l.Status)
	return "# " + oneLine(head) + "\n# " + oneLine(what) + "\n"
}

// oneLine keeps what Kiva shows from ending a comment.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)), " ")
}
