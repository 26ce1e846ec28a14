package load

import (
	"cmp"
	"fmt"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/field"
	"kivaform/spec/yamldoc"
)

// defaults holds values for absent fields of loan drafts, and the position of
// each key.
type defaults struct {
	draft     spec.LoanDraft
	positions map[string]spec.Pos
}

func readDefaults(o *yamldoc.Object, x *index) defaults {
	d := defaults{positions: o.Positions(o.KeyNames()...)}
	readFields(o, x, field.LoanDraft.Fields, &d.draft, func(f *field.Field) bool { return f.Shared })
	o.Close()
	return d
}

// inheritDefaults sets the absent fields of a draft to the defaults.
func inheritDefaults(d, from *spec.LoanDraft) {
	for i := range field.LoanDraft.Fields {
		f := &field.LoanDraft.Fields[i]
		if !f.Shared || f.Value == nil {
			continue
		}
		switch to := f.Value(d).(type) {
		case *string:
			*to = cmp.Or(*to, *f.Value(from).(*string))
		case *spec.Ref:
			*to = cmp.Or(*to, *f.Value(from).(*spec.Ref))
		case *spec.Date:
			*to = cmp.Or(*to, *f.Value(from).(*spec.Date))
		case **bool:
			*to = cmp.Or(*to, *f.Value(from).(**bool))
		}
	}
}

// readLoanDraft reads a loan draft and returns the path of its photo.
func readLoanDraft(o *yamldoc.Object, x *index) (d *spec.LoanDraft, image string) {
	d = &spec.LoanDraft{Pos: o.Pos(o.Node)}
	readFields(o, x, field.LoanDraft.Fields, d, nil)
	image = readFilePath(o, "image")
	o.Close()
	return d, image
}

// readFields reads the fields of a table into owner; wanted selects fields, nil
// all of them.
func readFields(o *yamldoc.Object, x *index, fields []field.Field, owner any, wanted func(*field.Field) bool) {
	for i := range fields {
		if f := &fields[i]; f.Value != nil && (wanted == nil || wanted(f)) {
			readField(o, x, f, f.Value(owner))
		}
	}
}

// readField reads a field into the member to.
func readField(o *yamldoc.Object, x *index, f *field.Field, to any) {
	switch to := to.(type) {
	case *string:
		*to = readText(o, x, f)
	case *spec.Ref:
		*to = x.list(f.List).readRef(o, f.ByName, f.Name)
	case *spec.Date:
		*to = readDate(o, f.Name)
	case *money.Amount:
		*to, _ = readAmount(o, f.Name)
	case **bool:
		*to = o.Bool(f.Name)
	case *[]bool:
		*to = readBools(o, f.Name)
	case *[]spec.Entrep:
		*to = readList[spec.Entrep](o, x, f)
	case *[]spec.Instalment:
		*to = readList[spec.Instalment](o, x, f)
	}
}

// readText reads a field whose member is a string.
func readText(o *yamldoc.Object, x *index, f *field.Field) string {
	switch f.Form {
	case field.ID, field.LoanID, field.ClientID:
		return readID(o, f.Name)
	case field.Address:
		return readURL(o, f.Name)
	case field.Currency:
		return readCurrency(o)
	case field.Gender:
		return readGender(o)
	case field.Encoded:
		return readInlineImage(o)
	}
	if f.List == "locations" {
		return x.location(o)
	}
	return o.Text(f.Name)
}

// readList reads a list of mappings.
func readList[T any](o *yamldoc.Object, x *index, f *field.Field) []T {
	nodes := readShortList(o, f.Name)
	if len(nodes) == 0 {
		return nil
	}
	all := make([]T, len(nodes))
	for i, n := range nodes {
		e := o.Element(f.Name, i, n)
		readFields(&e, x, f.Fields, &all[i], nil)
		if f.Name == "schedule" {
			checkDated(&e)
		}
		e.Close()
	}
	return all
}

// checkDated reports an instalment without a date.
func checkDated(o *yamldoc.Object) {
	if o.Node.Kind == yaml.MappingNode && !o.Has("date") {
		o.Missing("date", "")
	}
}

// readShortList returns the elements of a list, at most maxList of them: no rule
// looks at more.
func readShortList(o *yamldoc.Object, key string) []*yaml.Node {
	nodes := o.List(key)
	if len(nodes) > maxList {
		o.Fault(code.TooMany, nodes[maxList], spec.ElementPath(key, maxList), fmt.Sprintf("there are %d, and at most %d are read", len(nodes), maxList), "divide the loan, or correct the list")
		return nodes[:maxList]
	}
	return nodes
}

// readBools reads a list of true and false.
func readBools(o *yamldoc.Object, key string) []bool {
	nodes := readShortList(o, key)
	if len(nodes) == 0 {
		return nil
	}
	all := make([]bool, len(nodes))
	for i, n := range nodes {
		v, ok := yamldoc.ParseBool(yamldoc.Deref(n))
		if !ok {
			o.Fault(code.Bool, n, spec.ElementPath(key, i), "neither true nor false", "write true or false, without quotes")
		}
		all[i] = v
	}
	return all
}
