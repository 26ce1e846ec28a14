package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/money"
)

// A fieldList collects the fields of a request; absent values are left out.
type fieldList struct {
	fields []Field
	values strings.Builder // the values that are made here, one after the other
}

// grow makes room for so many fields, and for the texts of their values.
func (l *fieldList) grow(fields, text int) {
	l.fields = slices.Grow(l.fields, fields)
	l.values.Grow(text)
}

func (l *fieldList) add(path, value string, kind FieldKind, personal bool) {
	if value != "" {
		l.fields = append(l.fields, Field{Path: path, Value: value, Kind: kind, Personal: personal})
	}
}

func (l *fieldList) id(path, value string)       { l.add(path, value, ID, false) }
func (l *fieldList) text(path, value string)     { l.add(path, value, Text, false) }
func (l *fieldList) personal(path, value string) { l.add(path, value, Text, true) }

func (l *fieldList) day(path string, d Date) {
	var b [len(time.DateOnly)]byte
	l.add(path, l.value(d.append(b[:0])), Day, false)
}

func (l *fieldList) money(path string, a money.Amount) {
	var b [24]byte
	l.add(path, l.value(a.Append(b[:0])), Money, false)
}

func (l *fieldList) bool(path string, v bool) { l.add(path, strconv.FormatBool(v), Bool, false) }

// value keeps a value. What a builder has handed out stays as it is when it
// grows.
func (l *fieldList) value(b []byte) string {
	start := l.values.Len()
	l.values.Write(b)
	return l.values.String()[start:]
}

func (l *fieldList) choice(path string, r Ref) {
	if r.ID != "" {
		l.fields = append(l.fields, Field{Path: path, Value: r.ID, Show: r.Name, Kind: Choice})
	}
}

// Fields returns what is sent, field by field, in the order of Kiva's
// documentation (draftloans.md).
func (d *LoanDraft) Fields() []Field { return d.AppendFields(nil) }

// AppendFields appends the fields to a list.
func (d *LoanDraft) AppendFields(to []Field) []Field {
	l := fieldList{fields: to}
	l.grow(16+6*len(d.Entreps)+3*len(d.Schedule), 16+12*len(d.Entreps)+32*len(d.Schedule))
	l.choice("activity_id", d.Activity)
	if d.ClientWaiverSigned != nil {
		l.bool("client_waiver_signed", *d.ClientWaiverSigned)
	}
	l.text("currency", d.Currency)
	l.personal("description", d.Description)
	l.choice("description_language_id", d.Language)
	l.day("disburse_time", d.DisburseTime)
	for i := range d.Entreps {
		l.entrep(i, &d.Entreps[i])
	}
	l.personal("group_name", d.GroupName)
	l.id("internal_client_id", d.InternalClientID)
	l.id("internal_loan_id", d.InternalLoanID)
	for i, v := range d.NotPictured {
		l.bool(ElementPath("not_pictured", i), v)
	}
	l.photo(d)
	l.personal("loanuse", d.LoanUse)
	l.text("location", d.Location)
	for i, line := range d.Schedule {
		l.day(schedulePaths.at(i, 0), line.Date)
		l.money(schedulePaths.at(i, 1), line.Interest)
		l.money(schedulePaths.at(i, 2), line.Principal)
	}
	l.choice("theme_type_id", d.Theme)
	return l.fields
}

func (l *fieldList) entrep(i int, e *Entrep) {
	l.money(entrepPaths.at(i, 0), e.Amount)
	l.id(entrepPaths.at(i, 1), e.ClientID)
	l.personal(entrepPaths.at(i, 2), e.FirstName)
	l.personal(entrepPaths.at(i, 3), e.Gender)
	l.personal(entrepPaths.at(i, 4), e.LastName)
	l.id(entrepPaths.at(i, 5), e.LoanID)
}

// Paths are those of the fields of a list's elements: schedule[0].date. The
// first elements' are made once, because every draft has them.
type paths struct {
	list  string
	keys  []string
	first []string
}

var (
	entrepPaths   = newPaths("entreps", "amount", "client_id", "first_name", "gender", "last_name", "loan_id")
	schedulePaths = newPaths("schedule", "date", "interest", "principal")
)

func newPaths(list string, keys ...string) *paths {
	const elements = 36
	p := &paths{list: list, keys: keys}
	for i := range elements * len(keys) {
		p.first = append(p.first, p.path(i/len(keys), i%len(keys)))
	}
	return p
}

// at returns the path of a key of element i.
func (p *paths) at(i, key int) string {
	if n := i*len(p.keys) + key; n < len(p.first) {
		return p.first[n]
	}
	return p.path(i, key)
}

func (p *paths) path(i, key int) string { return ElementPath(p.list, i) + "." + p.keys[key] }

// photo adds the photo under the key that the partner wrote. An inline one
// stands for itself by its digest, too: nobody can read base64.
func (l *fieldList) photo(d *LoanDraft) {
	if d.Image != nil {
		l.fields = append(l.fields, Field{Path: "image", Value: d.Image.Digest, Show: d.Image.describe(), Kind: Photo, Personal: true})
	}
	if d.ImageEncoded != "" {
		digest := sha256.Sum256([]byte(d.ImageEncoded))
		show := fmt.Sprintf("inline, %d kB of base64", (len(d.ImageEncoded)+999)/1000)
		l.fields = append(l.fields, Field{Path: "image_encoded", Value: hex.EncodeToString(digest[:]), Show: show, Kind: Photo, Personal: true})
	}
	l.personal("image_url", d.ImageURL)
}

func (i *Image) describe() string {
	format := strings.ToUpper(strings.TrimPrefix(i.MediaType, "image/"))
	return fmt.Sprintf("%s %d×%d, %d kB", format, i.Width, i.Height, (i.Bytes+999)/1000)
}

// Fields returns what is sent, field by field, in the order of Kiva's library.
func (j *Journal) Fields() []Field { return j.AppendFields(nil) }

// AppendFields appends the fields to a list.
func (j *Journal) AppendFields(to []Field) []Field {
	l := fieldList{fields: to}
	l.grow(5, 0)
	l.personal("body", j.Body)
	l.personal("image_url", j.ImageURL)
	l.id("internal_client_id", j.ClientID)
	l.id("internal_loan_id", j.LoanID)
	l.personal("subject", j.Subject)
	return l.fields
}

// ElementPath returns the path of element i of a list: schedule[2].
func ElementPath(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
