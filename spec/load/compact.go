package load

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/field"
)

// compactForm is the version of the compact form. It changes with the form, so
// that a program reads only its own version.
const compactForm = "3"

// A compact encodes or decodes the documents of a file. One description of each
// type serves both directions, so that they can't disagree.
type compact struct {
	file    string // the documents' file, which most positions refer to
	reading bool
	in      string // the rest of the input; decoded texts share its memory
	out     []byte
	broken  bool // the input isn't valid
}

var errCompact = errors.New("not a compact form")

// encodeCompact returns the compact form of the documents of a file.
func (d *documents) encodeCompact(file string) []byte {
	c := &compact{file: file, out: make([]byte, 0, 1024*(1+len(d.drafts)))}
	c.documents(d)
	return c.out
}

// decodeCompact returns the documents of a file from their compact form.
func decodeCompact(file, data string) (*documents, error) {
	c, d := &compact{file: file, reading: true, in: data}, new(documents)
	c.documents(d)
	if c.broken || c.in != "" {
		return nil, errCompact
	}
	return d, nil
}

func (c *compact) documents(d *documents) {
	pointers(c, &d.drafts, c.draft)
	pointers(c, &d.journals, c.journal)
	pointers(c, &d.reports, c.report)
	pointers(c, &d.faults, c.fault)
	list(c, &d.declared, func(v *declaration) {
		c.text((*string)(&v.address))
		c.pos(&v.at)
	})
	list(c, &d.photos, func(v *photoUse) {
		c.index(&v.draft, len(d.drafts))
		c.text(&v.file)
		c.pos(&v.at)
	})
	list(c, &d.disbursals, func(v *disbursal) {
		c.index(&v.draft, len(d.drafts))
		c.pos(&v.at)
	})
}

func (c *compact) draft(d *spec.LoanDraft) {
	c.pos(&d.Pos)
	c.members(field.LoanDraft.Fields, d)
	c.text(&d.Fingerprint)
}

func (c *compact) journal(j *spec.Journal) {
	c.pos(&j.Pos)
	c.members(field.Journal.Fields, j)
	c.text(&j.Fingerprint)
}

// members codes the members of owner for a table's fields. Photos are omitted:
// they are inspected each time.
func (c *compact) members(fields []field.Field, owner any) {
	for i := range fields {
		if fields[i].Value == nil {
			continue
		}
		switch v := fields[i].Value(owner).(type) {
		case *string:
			c.text(v)
		case *spec.Ref:
			c.ref(v)
		case *spec.Date:
			c.int32((*int32)(v))
		case *money.Amount:
			c.amount(v)
		case **bool:
			c.optional(v)
		case *[]bool:
			list(c, v, c.bool)
		case *[]spec.Entrep:
			list(c, v, func(e *spec.Entrep) { c.members(field.Borrower, e) })
		case *[]spec.Instalment:
			list(c, v, func(e *spec.Instalment) { c.members(field.Instalment, e) })
		}
	}
}

func (c *compact) report(r *spec.RepaymentReport) {
	c.pos(&r.Pos)
	c.text(&r.Period)
	c.text(&r.File)
	list(c, &r.Rows, func(row *spec.Repayment) {
		c.text(&row.LoanID)
		c.text(&row.ClientID)
		c.amount(&row.Amount)
		c.int32(&row.Line)
		c.int32(&row.Column)
	})
}

func (c *compact) fault(f *spec.Fault) {
	c.text(&f.Code)
	severity := uint64(f.Severity)
	c.uint(&severity)
	f.Severity = spec.Severity(severity)
	c.pos(&f.Pos)
	c.text(&f.Path)
	c.text(&f.Message)
	c.text(&f.Remedy)
	c.text((*string)(&f.Address))
	c.bool(&f.Pending)
	c.text(&f.Case)
	c.args(&f.Args)
}

func (c *compact) args(args *spec.Args) {
	names := slices.Sorted(maps.Keys(*args))
	list(c, &names, func(name *string) {
		value := (*args)[*name]
		c.text(name)
		c.text(&value)
		if c.reading {
			*args = args.With(*name, value)
		}
	})
}

func (c *compact) ref(r *spec.Ref) {
	c.text(&r.ID)
	c.text(&r.Name)
}

// pos codes a position, without the name of the documents' file.
func (c *compact) pos(p *spec.Pos) {
	file := p.File
	if file == c.file {
		file = ""
	}
	c.text(&file)
	if file == "" {
		file = c.file
	}
	if c.reading {
		p.File = file
	}
	c.int32(&p.Line)
	c.int32(&p.Column)
}

func (c *compact) optional(v **bool) {
	is := *v != nil
	if c.bool(&is); !is {
		return
	}
	if c.reading {
		*v = new(bool)
	}
	c.bool(*v)
}

func (c *compact) bool(v *bool) {
	n := uint64(0)
	if *v {
		n = 1
	}
	if c.uint(&n); c.reading { // when encoding, *v may be shared: don't write to it
		*v = n == 1
	}
}

func (c *compact) amount(a *money.Amount) {
	n := uint64(a.Units())
	if c.uint(&n); c.reading {
		*a = money.FromUnits(int64(n))
	}
}

func (c *compact) int32(v *int32) {
	n := uint64(uint32(*v))
	if c.uint(&n); c.reading {
		*v = int32(uint32(n))
	}
}

func (c *compact) text(s *string) {
	n := uint64(len(*s))
	c.uint(&n)
	switch {
	case !c.reading:
		c.out = append(c.out, *s...)
	case n > uint64(len(c.in)):
		c.broken, c.in = true, ""
	default:
		*s, c.in = c.in[:n], c.in[n:]
	}
}

func (c *compact) uint(v *uint64) {
	if !c.reading {
		c.out = binary.AppendUvarint(c.out, *v)
		return
	}
	if len(c.in) > 0 && c.in[0] < 0x80 { // the common case
		*v, c.in = uint64(c.in[0]), c.in[1:]
		return
	}
	*v = 0
	for i := 0; i < min(len(c.in), binary.MaxVarintLen64); i++ {
		b := c.in[i]
		*v |= uint64(b&0x7F) << (7 * i)
		if b < 0x80 {
			c.in = c.in[i+1:]
			return
		}
	}
	c.broken, c.in, *v = true, "", 0
}

// index codes a number below n.
func (c *compact) index(v *int, n int) {
	i := uint64(*v)
	if c.uint(&i); i >= uint64(n) {
		c.broken, i = true, 0
	}
	*v = int(i)
}

// length codes a number of elements. A decoded one is at most the number of
// bytes left, so that invalid input can't exhaust memory.
func (c *compact) length(n int) int {
	v := uint64(n)
	if c.uint(&v); c.reading && v > uint64(len(c.in)) {
		c.broken, c.in, v = true, "", 0
	}
	return int(v)
}

// list codes a list of values. An empty list decodes as nil.
func list[T any](c *compact, values *[]T, each func(*T)) {
	if n := c.length(len(*values)); c.reading && n > 0 {
		*values = make([]T, n)
	}
	for i := range *values {
		each(&(*values)[i])
	}
}

// pointers codes a list of pointers to values in one array.
func pointers[T any](c *compact, values *[]*T, each func(*T)) {
	n := c.length(len(*values))
	if c.reading && n > 0 {
		all := make([]T, n)
		*values = make([]*T, n)
		for i := range all {
			(*values)[i] = &all[i]
		}
	}
	for _, v := range *values {
		each(v)
	}
}
