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

// JSON converts a request body in Kiva's own form: a loan draft, an array of
// them, {"journals": […]} or {"repayments": […]}. Keys and values stay as they
// are; numbers keep their digits.
func JSON(data []byte, o Options) (*Output, error) {
	if len(o.Columns) > 0 || o.DateFormat != "" {
		return nil, errors.New("columns and a date format are for CSV: a body in Kiva's own form has neither")
	}
	p := &parser{options: o, data: bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), origins: map[*yaml.Node]origin{}}
	root, err := p.parse()
	if err != nil {
		p.add(codeFile, p.currentOrigin(), "not JSON: "+err.Error(), "")
		return nil, p.err()
	}
	bodies, kind := p.findBodies(root)
	if o.Kind != "" && kind != "" && kind != o.Kind {
		p.add(codeFile, p.origins[root], fmt.Sprintf("this is a %s, not a %s", kind, o.Kind), "")
	}
	if kind != "" {
		p.options.Kind = kind
	}
	if !slices.Contains(Kinds, p.options.Kind) {
		p.add(codeFile, p.origins[root], "neither a loan draft, journals nor repayments", "say which with --kind, or take the body of Kiva's own request")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := checkSet(p.options); err != nil {
		return nil, err
	}
	out := &Output{rows: len(bodies)}
	for _, body := range bodies {
		out.documents = append(out.documents, p.buildDocument(body))
	}
	if p.options.Kind == Repayment {
		out.documents = []document{joinReport(out.documents, p.options.Set)}
	}
	return out, nil
}

// A parser converts JSON to YAML nodes, and records the origin of each.
type parser struct {
	faults
	options Options
	data    []byte
	decoder *json.Decoder
	origins map[*yaml.Node]origin
	depth   int
}

const maxDepth = 20 // Kiva's bodies have three levels

func (p *parser) parse() (*yaml.Node, error) {
	if i := firstUnreadable(p.data); i >= 0 {
		p.decoder = json.NewDecoder(bytes.NewReader(nil))
		return nil, errors.New("not UTF-8 text")
	}
	p.decoder = json.NewDecoder(bytes.NewReader(p.data))
	p.decoder.UseNumber()
	root, err := p.parseValue()
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

// currentOrigin returns the decoder's position.
func (p *parser) currentOrigin() origin {
	before := p.data[:min(int(p.decoder.InputOffset()), len(p.data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return origin{Pos: spec.Pos{
		File: p.options.File, Line: int32(bytes.Count(before, []byte("\n"))) + 1,
		Column: int32(utf8.RuneCount(before[start:])) + 1,
	}}
}

func (p *parser) parseValue() (*yaml.Node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("nested too deep for a body of Kiva's")
	}
	defer func() { p.depth-- }()
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	at := p.currentOrigin()
	n, err := p.parseToken(token)
	if n != nil {
		p.origins[n] = at
	}
	return n, err
}

func (p *parser) parseToken(token json.Token) (*yaml.Node, error) {
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return p.parseObject()
		}
		return p.parseArray()
	case string:
		return textNode(trimCell(t)), nil
	case json.Number:
		return amountNode(t.String()), nil
	case bool:
		return boolNode(fmt.Sprint(t)), nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: ""}, nil
}

func (p *parser) parseObject() (*yaml.Node, error) {
	m := newMapping()
	for p.decoder.More() {
		key, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := p.parseValue()
		if err != nil {
			return nil, err
		}
		if value.Tag != "!!null" {
			putKey(m, fmt.Sprint(key), value)
		}
	}
	_, err := p.decoder.Token()
	return m, err
}

func (p *parser) parseArray() (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for p.decoder.More() {
		value, err := p.parseValue()
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, value)
	}
	_, err := p.decoder.Token()
	return list, err
}

// findBodies returns the nodes to convert, and their kind.
func (p *parser) findBodies(root *yaml.Node) ([]*yaml.Node, Kind) {
	for key, kind := range map[string]Kind{"journals": Journal, "repayments": Repayment} {
		if list := findKey(root, key); root.Kind == yaml.MappingNode && list != nil && list.Kind == yaml.SequenceNode {
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
			p.add(codeValue, p.origins[b], "a body is expected here, in braces", "")
		case findKey(b, "entreps") != nil:
			return bodies, LoanDraft
		case findKey(b, "subject") != nil || findKey(b, "body") != nil:
			return bodies, Journal
		case findKey(b, "loan_id") != nil && findKey(b, "amount") != nil:
			return bodies, Repayment
		}
	}
	if len(bodies) == 0 {
		p.add(codeFile, p.origins[root], "there is nothing in it", "")
	}
	return bodies, ""
}

// buildDocument converts a body to a document.
func (p *parser) buildDocument(body *yaml.Node) document {
	d := document{node: newMapping(), pos: p.origins[body].Pos, origins: map[string]origin{}}
	switch p.options.Kind {
	case LoanDraft:
		putKey(d.node, "kind", textNode(string(spec.KindLoanDraft)))
	case Journal:
		putKey(d.node, "kind", textNode(string(spec.KindJournal)))
	}
	if p.options.Kind != Repayment {
		for _, name := range slices.Sorted(maps.Keys(p.options.Set)) {
			f, _ := columnOf(p.options.Kind, name)
			if findKey(body, name) == nil {
				putKey(d.node, name, f.valueNode(p.options.Set[name]))
				d.origins[name] = originOfSet(d.pos, name, p.options.Set[name])
			}
		}
	}
	d.node.Content = append(d.node.Content, body.Content...)
	p.recordOrigins(&d, body, "")
	return d
}

// recordOrigins records the origins of all values below a node, by path.
func (p *parser) recordOrigins(d *document, n *yaml.Node, path string) {
	if path != "" {
		at := p.origins[n]
		at.name = path
		d.origins[path] = at
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			below := n.Content[i].Value
			if path != "" {
				below = path + "." + below
			}
			p.recordOrigins(d, n.Content[i+1], below)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			p.recordOrigins(d, c, fmt.Sprintf("%s[%d]", path, i))
		}
	}
}
