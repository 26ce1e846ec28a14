package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"kivaform/kiva/money"
)

// A fieldList collects the fields of a request; absent values are left out.
type fieldList []Field

func (l *fieldList) add(path, value string, kind FieldKind, personal bool) {
	if value != "" {
		*l = append(*l, Field{Path: path, Value: value, Kind: kind, Personal: personal})
	}
}

func (l *fieldList) id(path, value string)       { l.add(path, value, ID, false) }
func (l *fieldList) text(path, value string)     { l.add(path, value, Text, false) }
func (l *fieldList) personal(path, value string) { l.add(path, value, Text, true) }
func (l *fieldList) day(path string, d Date)     { l.add(path, d.String(), Day, false) }

func (l *fieldList) money(path string, a money.Amount) { l.add(path, a.String(), Money, false) }

func (l *fieldList) bool(path string, v bool) { l.add(path, strconv.FormatBool(v), Bool, false) }

func (l *fieldList) choice(path string, r Ref) {
	if r.ID != "" {
		*l = append(*l, Field{Path: path, Value: r.ID, Show: r.Name, Kind: Choice})
	}
}

// Fields returns what is sent, field by field, in the order of Kiva's
// documentation (draftloans.md).
func (d *LoanDraft) Fields() []Field {
	l := make(fieldList, 0, 16+6*len(d.Entreps)+3*len(d.Schedule))
	l.choice("activity_id", d.Activity)
	if d.ClientWaiverSigned != nil {
		l.bool("client_waiver_signed", *d.ClientWaiverSigned)
	}
	l.text("currency", d.Currency)
	l.personal("description", d.Description)
	l.choice("description_language_id", d.Language)
	l.day("disburse_time", d.DisburseTime)
	for i := range d.Entreps {
		l.entrep(element("entreps", i), &d.Entreps[i])
	}
	l.personal("group_name", d.GroupName)
	l.id("internal_client_id", d.InternalClientID)
	l.id("internal_loan_id", d.InternalLoanID)
	for i, v := range d.NotPictured {
		l.bool(element("not_pictured", i), v)
	}
	l.photo(d)
	l.personal("loanuse", d.LoanUse)
	l.text("location", d.Location)
	for i, line := range d.Schedule {
		at := element("schedule", i)
		l.day(at+".date", line.Date)
		l.money(at+".interest", line.Interest)
		l.money(at+".principal", line.Principal)
	}
	l.choice("theme_type_id", d.Theme)
	return l
}

func (l *fieldList) entrep(at string, e *Entrep) {
	l.money(at+".amount", e.Amount)
	l.id(at+".client_id", e.ClientID)
	l.personal(at+".first_name", e.FirstName)
	l.personal(at+".gender", e.Gender)
	l.personal(at+".last_name", e.LastName)
	l.id(at+".loan_id", e.LoanID)
}

// photo adds the photo under the key that the partner wrote. An inline one
// stands for itself by its digest, too: nobody can read base64.
func (l *fieldList) photo(d *LoanDraft) {
	if d.Image != nil {
		*l = append(*l, Field{Path: "image", Value: d.Image.Digest, Show: d.Image.describe(), Kind: Photo, Personal: true})
	}
	if d.ImageEncoded != "" {
		digest := sha256.Sum256([]byte(d.ImageEncoded))
		show := fmt.Sprintf("inline, %d kB of base64", (len(d.ImageEncoded)+999)/1000)
		*l = append(*l, Field{Path: "image_encoded", Value: hex.EncodeToString(digest[:]), Show: show, Kind: Photo, Personal: true})
	}
	l.personal("image_url", d.ImageURL)
}

func (i *Image) describe() string {
	format := strings.ToUpper(strings.TrimPrefix(i.MediaType, "image/"))
	return fmt.Sprintf("%s %d×%d, %d kB", format, i.Width, i.Height, (i.Bytes+999)/1000)
}

// Fields returns what is sent, field by field, in the order of Kiva's library.
func (j *Journal) Fields() []Field {
	l := make(fieldList, 0, 5)
	l.personal("body", j.Body)
	l.personal("image_url", j.ImageURL)
	l.id("internal_client_id", j.ClientID)
	l.id("internal_loan_id", j.LoanID)
	l.personal("subject", j.Subject)
	return l
}

func element(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
