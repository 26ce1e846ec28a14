package field

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
	"kivaform/spec"
)

// Values returns the fields of a resource that are sent, in the order in which
// fingerprints digest them. Two resources with equal values are the same request.
func Values(r spec.Resource) []spec.Field { return Append(nil, r) }

// Append appends the fields of a resource that are sent to a list. Their order is
// that of their names, or of SentAs where the table has one: it must never change,
// because fingerprints in ledgers depend on it.
func Append(to []spec.Field, r spec.Resource) []spec.Field {
	l := valueList{fields: to}
	switch r := r.(type) {
	case *spec.LoanDraft:
		l.grow(16+6*len(r.Entreps)+3*len(r.Schedule), 16+12*len(r.Entreps)+32*len(r.Schedule))
		for i := range sentDraft {
			l.add(sentDraft[i].Name, &sentDraft[i], r)
		}
	case *spec.Journal:
		l.grow(len(sentJournal), 0)
		for i := range sentJournal {
			l.add(sentJournal[i].Name, &sentJournal[i], r)
		}
	}
	return l.fields
}

// The fields that are sent, in their order.
var (
	sentDraft     = sortSent(LoanDraft.Fields)
	sentJournal   = sortSent(Journal.Fields)
	sentBorrowers = newElements("entreps", sortSent(Borrower))
	sentSchedule  = newElements("schedule", sortSent(Instalment))
)

// sortSent returns the fields of a mapping that are sent, in their order.
func sortSent(fields []Field) []Field {
	list := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.Value == nil || f.AtKiva == "" })
	slices.SortFunc(list, func(a, b Field) int { return cmp.Compare(cmp.Or(a.SentAs, a.Name), cmp.Or(b.SentAs, b.Name)) })
	return list
}

// Elements are the fields of each element of a list, with their paths:
// schedule[0].date. The paths of the first elements are made once, because every
// draft has them.
type elements struct {
	list   string
	fields []Field
	first  []string
}

func newElements(list string, fields []Field) *elements {
	const made = 36
	e := &elements{list: list, fields: fields}
	for i := range made * len(fields) {
		e.first = append(e.first, e.makePath(i/len(fields), i%len(fields)))
	}
	return e
}

// path returns the path of a field of element i.
func (e *elements) path(i, field int) string {
	if n := i*len(e.fields) + field; n < len(e.first) {
		return e.first[n]
	}
	return e.makePath(i, field)
}

func (e *elements) makePath(i, field int) string {
	return spec.ElementPath(e.list, i) + "." + e.fields[field].Name
}

// A valueList collects the fields of a request; absent values are left out.
type valueList struct {
	fields []spec.Field
	text   strings.Builder // the values that are made here, one after the other
}

// grow makes room for fields, and for bytes of their values.
func (l *valueList) grow(fields, bytes int) {
	l.fields = slices.Grow(l.fields, fields)
	l.text.Grow(bytes)
}

// add adds a field of owner under a path.
func (l *valueList) add(path string, f *Field, owner any) {
	switch v := f.Value(owner).(type) {
	case *string:
		l.addText(path, f, *v)
	case *spec.Ref:
		l.put(path, f, v.ID, v.Name)
	case *spec.Date:
		var b [len(time.DateOnly)]byte
		l.put(path, f, l.keep(v.Append(b[:0])), "")
	case *money.Amount:
		var b [24]byte
		l.put(path, f, l.keep(v.Append(b[:0])), "")
	case **bool:
		if *v != nil {
			l.put(path, f, strconv.FormatBool(**v), "")
		}
	case *[]bool:
		for i, is := range *v {
			l.put(spec.ElementPath(path, i), f, strconv.FormatBool(is), "")
		}
	case **spec.Image:
		if *v != nil {
			l.put(path, f, (*v).Digest, describeImage(*v))
			l.fields[len(l.fields)-1].Compared = (*v).Picture
		}
	case *[]spec.Entrep:
		for i := range *v {
			l.addElement(sentBorrowers, i, &(*v)[i])
		}
	case *[]spec.Instalment:
		for i := range *v {
			l.addElement(sentSchedule, i, &(*v)[i])
		}
	}
}

func (l *valueList) addElement(e *elements, i int, owner any) {
	for n := range e.fields {
		l.add(e.path(i, n), &e.fields[n], owner)
	}
}

// addText adds a text. An inline photo stands for itself by its digest.
func (l *valueList) addText(path string, f *Field, value string) {
	if f.Form != Encoded || value == "" {
		l.put(path, f, value, "")
		return
	}
	digest := sha256.Sum256([]byte(value))
	l.put(path, f, hex.EncodeToString(digest[:]), fmt.Sprintf("inline, %d kB of base64", (len(value)+999)/1000))
}

func (l *valueList) put(path string, f *Field, value, show string) {
	if value != "" {
		l.fields = append(l.fields, spec.Field{Path: path, Value: value, Show: show, Kind: f.Form.kind(), Personal: f.Personal})
	}
}

// keep returns a value as text. A builder never changes the text that it has
// handed out.
func (l *valueList) keep(b []byte) string {
	start := l.text.Len()
	l.text.Write(b)
	return l.text.String()[start:]
}

// kind returns how a value of the form reads when it is sent.
func (f Form) kind() spec.FieldKind {
	switch f {
	case ID, LoanID, ClientID:
		return spec.ID
	case Amount, FromZero, AboveZero:
		return spec.Money
	case Day:
		return spec.Day
	case Truth, Truths:
		return spec.Bool
	case ListID:
		return spec.Choice
	case File, Encoded:
		return spec.Photo
	}
	return spec.Text
}

func describeImage(i *spec.Image) string {
	format := strings.ToUpper(strings.TrimPrefix(i.MediaType, "image/"))
	return fmt.Sprintf("%s %d×%d, %d kB", format, i.Width, i.Height, (i.Bytes+999)/1000)
}
