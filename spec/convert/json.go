package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
)

// JSON converts a request's body in Kiva's own form: a loan draft, several of
// them in an array, {"journals": […]} or {"repayments": […]}. Keys and values
// stay as they are; numbers keep their digits.
func JSON(data []byte, o Options) (*Output, error) {
	if len(o.Columns) > 0 || o.DateFormat != "" {
		return nil, errors.New("columns and a date format are for CSV: a body in Kiva's own form has neither")
	}
	p := &parser{options: o, data: bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), places: map[*yaml.Node]place{}}
	root, err := p.parse()
	if err != nil {
		p.add(codeFile, p.at(), "not JSON: "+err.Error(), "")
		return nil, p.err()
	}
	bodies, kind := p.bodies(root)
	if o.Kind != "" && kind != "" && kind != o.Kind {
		p.add(codeFile, p.places[root], fmt.Sprintf("this is a %s, not a %s", kind, o.Kind), "")
	}
	if kind != "" {
		p.options.Kind = kind
	}
	if !slices.Contains(Kinds, p.options.Kind) {
		p.add(codeFile, p.places[root], "neither a loan draft, journals nor repayments", "say which with --kind, or take the body of Kiva's own request")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := checkSet(p.options); err != nil {
		return nil, err
	}
	out := &Output{rows: len(bodies)}
	for _, body := range bodies {
		out.documents = append(out.documents, p.document(body))
	}
	if p.options.Kind == Repayment {
		out.documents = []document{report(out.documents, p.options.Set)}
	}
	return out, nil
}

// A parser turns JSON into YAML nodes, and remembers where each value stood.
type parser struct {
	faults
	options Options
	data    []byte
	decoder *json.Decoder
	places  map[*yaml.Node]place
	depth   int
}

const maxDepth = 20 // Kiva's bodies have three levels

func (p *parser) parse() (*yaml.Node, error) {
	if i := unreadable(p.data); i >= 0 {
		p.decoder = json.NewDecoder(bytes.NewReader(nil))
		return nil, errors.New("not UTF-8 text")
	}
	p.decoder = json.NewDecoder(bytes.NewReader(p.data))
	p.decoder.UseNumber()
	root, err := p.value()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("it ends too early")
	}
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more after its end")
	}
	return root, nil
}

// at returns the place that the decoder has come to.
func (p *parser) at() place {
	before := p.data[:min(int(p.decoder.InputOffset()), len(p.data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return place{Pos: spec.Pos{
		File: p.options.File, Line: int32(bytes.Count(before, []byte("\n"))) + 1,
		Column: int32(utf8.RuneCount(before[start:])) + 1,
	}}
}

func (p *parser) value() (*yaml.Node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("nested too deep for a body of Kiva's")
	}
	defer func() { p.depth-- }()
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	at := p.at()
	n, err := p.node(token)
	if n != nil {
		p.places[n] = at
	}
	return n, err
}

func (p *parser) node(token json.Token) (*yaml.Node, error) {
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return p.object()
		}
		return p.array()
	case string:
		return text(clean(t)), nil
	case json.Number:
		return numeral(t.String()), nil
	case bool:
		return boolean(fmt.Sprint(t)), nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: ""}, nil
}

// numeral keeps a number's digits as they are. In exponent notation it is a
// text, so that nothing makes digits of it that were never there.
func numeral(digits string) *yaml.Node { return amount(digits) }

func (p *parser) object() (*yaml.Node, error) {
	m := mapping()
	for p.decoder.More() {
		key, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		if value.Tag != "!!null" {
			put(m, fmt.Sprint(key), value)
		}
	}
	_, err := p.decoder.Token()
	return m, err
}

func (p *parser) array() (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for p.decoder.More() {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, value)
	}
	_, err := p.decoder.Token()
	return list, err
}

// bodies finds what is to become documents, and of which kind it is.
func (p *parser) bodies(root *yaml.Node) ([]*yaml.Node, Kind) {
	for key, kind := range map[string]Kind{"journals": Journal, "repayments": Repayment} {
		if list := get(root, key); root.Kind == yaml.MappingNode && list != nil && list.Kind == yaml.SequenceNode {
			return list.Content, kind
		}
	}
	bodies := []*yaml.Node{root}
	if root.Kind == yaml.SequenceNode {
		bodies = root.Content
	}
	for _, b := range bodies {
		switch {
		case b.Kind != yaml.MappingNode:
			p.add(codeValue, p.places[b], "a body is expected here, in braces", "")
		case get(b, "entreps") != nil:
			return bodies, LoanDraft
		case get(b, "subject") != nil || get(b, "body") != nil:
			return bodies, Journal
		case get(b, "loan_id") != nil && get(b, "amount") != nil:
			return bodies, Repayment
		}
	}
	if len(bodies) == 0 {
		p.add(codeFile, p.places[root], "there is nothing in it", "")
	}
	return bodies, ""
}

// document makes a document of a body.
func (p *parser) document(body *yaml.Node) document {
	d := document{node: mapping(), pos: p.places[body].Pos, places: map[string]place{}}
	switch p.options.Kind {
	case LoanDraft:
		put(d.node, "kind", text(string(spec.KindLoanDraft)))
	case Journal:
		put(d.node, "kind", text(string(spec.KindJournal)))
	}
	if p.options.Kind != Repayment {
		for _, name := range slices.Sorted(maps.Keys(p.options.Set)) {
			f, _ := columnOf(p.options.Kind, name)
			if get(body, name) == nil {
				put(d.node, name, f.node(p.options.Set[name]))
				d.places[name] = setPlace(d.pos, name, p.options.Set[name])
			}
		}
	}
	d.node.Content = append(d.node.Content, body.Content...)
	p.locate(&d, body, "")
	return d
}

// locate notes the places of all values below a node, by path.
func (p *parser) locate(d *document, n *yaml.Node, path string) {
	if path != "" {
		at := p.places[n]
		at.name = path
		d.places[path] = at
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			below := n.Content[i].Value
			if path != "" {
				below = path + "." + below
			}
			p.locate(d, n.Content[i+1], below)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			p.locate(d, c, fmt.Sprintf("%s[%d]", path, i))
		}
	}
}
