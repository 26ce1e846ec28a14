package convert

import (
	"context"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"kivaform/kiva"
	"kivaform/spec"
)

// Stubs returns a file for each loan, with the values that Kiva shows and
// comments on those that it doesn't. If no document can be made of a loan (a
// group, whose borrowers Kiva doesn't list, or values that this workspace
// couldn't load), the file has a comment alone.
func Stubs(ctx context.Context, loans []kiva.Loan, dir, environment string) ([][]byte, error) {
	all := &Output{rows: len(loans)}
	for _, l := range loans {
		all.documents = append(all.documents, stubDocument(l))
	}
	faults, err := all.loadApart(ctx, dir, environment)
	if err != nil {
		return nil, err
	}
	byDocument := make(map[int][]locatedFault)
	for _, f := range faults {
		byDocument[f.document] = append(byDocument[f.document], f)
	}
	files := make([][]byte, len(loans))
	for i, d := range all.documents {
		if faults := byDocument[i]; len(faults) > 0 {
			d = document{comment: stubComment(loans[i], "There is no document of it, because these files couldn't hold it: "+joinMessages(faults))}
		}
		one := &Output{documents: []document{d}}
		if files[i], err = one.Text(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func joinMessages(faults []locatedFault) string {
	var all []string
	for _, f := range faults {
		all = append(all, strings.TrimPrefix(f.Path+": "+f.Message, ": "))
	}
	return strings.Join(all, "; ")
}

func stubDocument(l kiva.Loan) document {
	switch {
	case l.BorrowerCount > 1:
		return document{comment: stubComment(l, fmt.Sprintf("A group of %d, %s. Kiva doesn't list its borrowers, so there is no document of it.", l.BorrowerCount, l.Name))}
	case l.LocalPrice.Sign() <= 0:
		return document{comment: stubComment(l, "Kiva doesn't tell its local price, so there is no document of it.")}
	}
	d := document{node: newMapping(), origins: map[string]origin{}, comment: stubComment(l,
		"Kiva doesn't tell: activity, theme, language, loan use, description, schedule, photo, disbursal. The amount is Kiva's local price.")}
	putKey(d.node, "kind", textNode(string(spec.KindLoanDraft)))
	entrep := newFlowMapping("loan_id", textNode(l.InternalLoanID))
	putText(entrep, "client_id", l.InternalClientID)
	putText(entrep, "first_name", l.Name)
	putKey(entrep, "amount", amountNode(l.LocalPrice.String()))
	putKey(d.node, "entreps", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{entrep}})
	putText(d.node, "currency", l.Currency)
	putText(d.node, "location", l.Location)
	return d
}

func putText(m *yaml.Node, key, value string) {
	if value = trimCell(value); value != "" {
		putKey(m, key, textNode(value))
	}
}

// stubComment identifies the loan and adds a message, in YAML comment lines.
func stubComment(l kiva.Loan, message string) string {
	head := fmt.Sprintf("%s: Kiva lists it as %s, %s on the day of this writing.", l.InternalLoanID, l.KivaID, l.Status)
	return "# " + oneLine(head) + "\n# " + oneLine(message) + "\n"
}

// oneLine replaces control characters, so that Kiva's text can't end a comment.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)), " ")
}
