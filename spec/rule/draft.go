// Package rule judges the documents of a workspace, one function for each rule, each
// with its source. A rule of PA2 gives an error, advice of reviewers a warning.
package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// A DraftCheck is a loan draft to be judged, with the document that it was read
// from.
type DraftCheck struct {
	Draft    *spec.LoanDraft
	Format   spec.CSVFormat // of the partner
	Locales  *Locales
	Defaults map[string]spec.Pos // where kiva.yaml has the fields that a draft may leave out
	Object   *yamldoc.Object
	Reader   *yamldoc.Reader
	Start    int // index in Reader.Faults of the document's first fault
}

// CheckDraft judges a loan draft by every rule.
func CheckDraft(c *DraftCheck) {
	for _, check := range draftRules {
		check(c)
	}
}

// draftRules judge a loan draft that has been read, in this order.
var draftRules = []func(*DraftCheck){
	checkBorrowers, checkLoanID, checkClientID, checkIndividual, checkGroup, checkNotPictured,
	checkAmounts, checkOnePhoto, checkWaiver, checkPublishable,
	checkPhoto, checkLoanUse, checkScheduleSum, checkScheduleDates, checkLastNames,
	checkLocale,
}

// fault reports a fault at a path of the document. Where the value there
// couldn't be read, that has been said, and nothing follows from it.
func (c *DraftCheck) fault(number code.Code, path, message, hint string) *spec.Fault {
	f := code.NewFault(number, c.Place(path), path, message, hint)
	if path == "" || !c.IsBroken(path) {
		c.Reader.Add(f)
	}
	return f
}

// IsBroken reports whether there is a fault at one of the paths, or below it.
func (c *DraftCheck) IsBroken(paths ...string) bool {
	for _, f := range c.Reader.Faults[c.Start:] {
		for _, p := range paths {
			if below, ok := strings.CutPrefix(f.Path, p); ok && (below == "" || below[0] == '.' || below[0] == '[') {
				return true
			}
		}
	}
	return false
}

// Place returns where a path of the document stands, in the document or in the
// defaults of kiva.yaml; where it stands in neither, the nearest place above.
func (c *DraftCheck) Place(path string) spec.Pos {
	key, _, _ := strings.Cut(path, "[")
	if at, ok := c.Defaults[key]; ok && !c.Object.Has(key) {
		return at
	}
	return c.Object.Pos(c.Object.Locate(path))
}

// A loan has at least one borrower: "at least one entreps" is stated for
// groups, and PA2's screen asks for one otherwise (draftloans.md).
func checkBorrowers(c *DraftCheck) {
	if len(c.Draft.Entreps) == 0 {
		c.fault(code.NoBorrower, "entreps", "there is no borrower", "list at least one, with loan_id and amount")
	}
}

// Without the partner's id a draft can't be told from any other, and Kiva
// can't be asked for it.
func checkLoanID(c *DraftCheck) {
	switch {
	case len(c.Draft.Entreps) == 1 && c.Draft.LoanID() == "":
		c.fault(code.LoanID, "entreps[0].loan_id", "is missing", "write your own id of the loan").InCase(code.CaseMissing)
	case c.Draft.IsGroup() && c.Draft.LoanID() == "":
		c.fault(code.GroupIncomplete, "internal_loan_id", "is missing, and a group needs it", "write your own id of the group's loan")
	}
}

// PA2 can't publish an individual loan that has one of the four group fields
// (draftloans.md).
func checkIndividual(c *DraftCheck) {
	if len(c.Draft.Entreps) != 1 {
		return
	}
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"group_name", c.Draft.GroupName != ""}, {"internal_client_id", c.Draft.InternalClientID != ""},
		{"internal_loan_id", c.Draft.InternalLoanID != ""}, {"not_pictured", len(c.Draft.NotPictured) > 0},
	} {
		if f.given {
			c.fault(code.GroupField, f.key, "is for groups only, and this loan has one borrower", "list the group's other borrowers under entreps, or remove it; but a group that was sent stays the group's loan")
		}
	}
}

// A group's name is shown on Kiva.org (draftloans.md).
func checkGroup(c *DraftCheck) {
	if c.Draft.IsGroup() && c.Draft.GroupName == "" {
		c.fault(code.GroupIncomplete, "group_name", "is missing, and a group needs it", "write the name that lenders will see")
	}
}

// A group has one not_pictured value for each borrower, in their order
// (draftloans.md).
func checkNotPictured(c *DraftCheck) {
	if have, want := len(c.Draft.NotPictured), len(c.Draft.Entreps); c.Draft.IsGroup() && have != want {
		c.fault(code.Pictured, "not_pictured", fmt.Sprintf("has %d of %d values", have, want),
			"write one for each borrower, in their order: true if not in the photo")
	}
}

// Each borrower needs an amount above zero (PA2, second step of a loan draft).
func checkAmounts(c *DraftCheck) {
	var sum money.Amount
	for i, e := range c.Draft.Entreps {
		path := spec.ElementPath("entreps", i) + ".amount"
		switch {
		case c.Object.Absent(path):
			c.fault(code.NotPositive, path, "is missing", "write the principal in local currency").InCase(code.CaseMissing)
		case e.Amount.Sign() <= 0:
			c.fault(code.NotPositive, path, "isn't above zero", "write the principal in local currency")
		}
		var ok bool
		if sum, ok = sum.Add(e.Amount); !ok {
			c.fault(code.Overflow, path, "the loan's amount is too large", "")
			return
		}
	}
}

// The bounds of the disbursal date.
const (
	disbursalPast   = 29 // days; PA2 refuses 30 and more
	disbursalFuture = 90 // days; PA2 refuses more
)

// CheckDisbursal judges a disbursal date by today's.
//
// PA2 wants a disbursal less than 30 days ago and no more than 90 days ahead
// (PA2, second step of a loan draft).
func CheckDisbursal(today spec.Date, d *spec.LoanDraft, at spec.Pos) []*spec.Fault {
	var message, hint string
	switch day := d.DisburseTime; {
	case day < today-disbursalPast:
		message = fmt.Sprintf("%d days ago: PA2 refuses 30 and more", today-day)
		hint = "the earliest day today is " + (today - disbursalPast).String()
	case day > today+disbursalFuture:
		message = fmt.Sprintf("%d days ahead: PA2 refuses more than 90", day-today)
		hint = "the latest day today is " + (today + disbursalFuture).String()
	default:
		return nil
	}
	f := code.NewFault(code.Disbursal, at, "disburse_time", message, hint)
	f.Pending = true
	if d.LoanID() != "" {
		f.Address = d.Address()
	}
	return []*spec.Fault{f}
}

// A draft has one photo; Kiva's documents know two keys for it, of which
// image_url is deprecated since 2022 (changelog).
func checkOnePhoto(c *DraftCheck) {
	for _, pair := range [][2]string{{"image", "image_encoded"}, {"image", "image_url"}, {"image_encoded", "image_url"}} {
		if c.Object.Twice(pair[0], pair[1], "keep one photo") {
			return
		}
	}
}

// The client signs a waiver for each new loan before it is posted (Kiva
// partner training).
func checkWaiver(c *DraftCheck) {
	if signed := c.Draft.ClientWaiverSigned; signed != nil && !*signed {
		c.fault(code.Waiver, "client_waiver_signed", "is false: nobody can publish the draft", "let the client sign, then write true")
	}
}

// The API stores partial drafts; PA2 wants these fields before a person can
// publish (PA2, first and second step of a loan draft).
func checkPublishable(c *DraftCheck) {
	d := c.Draft
	var lacking []string
	for _, f := range []struct {
		key, id string
		absent  bool
	}{
		{"activity", "activity_id", d.Activity == spec.Ref{}}, {"theme", "theme_type_id", d.Theme == spec.Ref{}},
		{"description_language", "description_language_id", d.Language == spec.Ref{}},
		{"client_waiver_signed", "", d.ClientWaiverSigned == nil},
		{"currency", "", d.Currency == ""}, {"description", "", d.Description == ""},
		{"disburse_time", "", d.DisburseTime == 0}, {"loanuse", "", d.LoanUse == ""},
		{"location", "", d.Location == ""}, {"schedule", "", len(d.Schedule) == 0},
	} {
		if f.absent && !c.IsBroken(f.key) && (f.id == "" || !c.IsBroken(f.id)) {
			lacking = append(lacking, f.key)
		}
	}
	for i, e := range d.Entreps {
		if path := spec.ElementPath("entreps", i) + ".first_name"; e.FirstName == "" && !c.IsBroken(path) {
			lacking = append(lacking, path)
		}
	}
	if len(lacking) > 0 {
		fields := Enumerate(lacking)
		c.fault(code.Unpublishable, "", "PA2 needs more to publish: "+fields, "write it here, or let a person fill it in there").With("fields", fields)
	}
}

// Enumerate lists words for a message, and no more than are read.
func Enumerate(words []string) string {
	const most = 20
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}

// A three-column partner's loans are told by loan id and client id together
// (report_payments.md): without the client's, neither repayments nor journals
// of the loan can be sent.
func checkClientID(c *DraftCheck) {
	const message, hint = "is missing, and a three-column partner must give it", "write your own id of the client"
	d := c.Draft
	switch {
	case c.Format != spec.ThreeColumn:
	case d.IsGroup() && d.InternalClientID == "":
		c.fault(code.ClientID, "internal_client_id", message, hint)
	case len(d.Entreps) == 1 && d.Entreps[0].ClientID == "":
		c.fault(code.ClientID, "entreps[0].client_id", message, hint)
	}
}

// PA2 asks for a photo in its third step.
func checkPhoto(c *DraftCheck) {
	if !c.Object.Has("image") && !c.Object.Has("image_encoded") && !c.Object.Has("image_url") {
		c.fault(code.NoPhoto, "image", "there is no photo", "name its file, or let a person add it in PA2")
	}
}

// The loan use completes "This borrower will use this loan: …" and starts with
// "to …" (PA2, first step of a loan draft). Other languages say it their way.
func checkLoanUse(c *DraftCheck) {
	use, language := c.Draft.LoanUse, c.Draft.Language.Name
	if use == "" || (language != "" && !strings.EqualFold(language, "English")) {
		return
	}
	if first, _, _ := strings.Cut(use, " "); !strings.EqualFold(first, "to") {
		c.fault(code.LoanUse, "loanuse", `doesn't start with "to"`, `it completes the sentence "This borrower will use this loan …"`)
	}
}

// The schedule pays back what was lent. No text of Kiva's says so, but
// reviewers flag amounts that differ.
func checkScheduleSum(c *DraftCheck) {
	if len(c.Draft.Schedule) == 0 || c.IsBroken("schedule", "entreps") {
		return
	}
	var sum money.Amount
	for i, line := range c.Draft.Schedule {
		var ok bool
		if sum, ok = sum.Add(line.Principal); !ok {
			c.fault(code.Overflow, spec.ElementPath("schedule", i)+".principal", "the schedule's principal is too large", "")
			return
		}
	}
	if amount := c.Draft.Amount(); sum != amount {
		c.fault(code.ScheduleSum, "schedule", fmt.Sprintf("its principal is %s, the loan's amount %s", sum.Format(), amount.Format()), "").
			With("principal", sum.String()).With("amount", amount.String())
	}
}

// Instalments follow the disbursal, and each other. No text of Kiva's says so.
func checkScheduleDates(c *DraftCheck) {
	last := spec.Date(0)
	for i, line := range c.Draft.Schedule {
		path := spec.ElementPath("schedule", i) + ".date"
		switch {
		case line.Date == 0:
			continue
		case line.Date < c.Draft.DisburseTime:
			c.fault(code.EarlyInstalment, path, "before the disbursal ("+c.Draft.DisburseTime.String()+")", "move it later").With("date", c.Draft.DisburseTime.String())
		case line.Date <= last:
			c.fault(code.ScheduleOrder, path, "not after the instalment before it ("+last.String()+")", "put the instalments in order").With("date", last.String())
		}
		last = max(last, line.Date)
	}
}

// A last name doesn't belong in the text that lenders read (Kiva partner
// training). The message doesn't repeat it.
func checkLastNames(c *DraftCheck) {
	text := strings.ToLower(c.Draft.Description)
	for i, e := range c.Draft.Entreps {
		if holdsName(text, e.LastName) {
			c.fault(code.LastName, "description", fmt.Sprintf("holds the last name of borrower %d", i+1), "use first names only, to protect the borrower").With("borrower", strconv.Itoa(i+1))
			return
		}
	}
}

// holdsName reports whether a name stands in a text in lower case, as words of
// their own.
func holdsName(text, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	if len(name) < 2 || text == "" {
		return false
	}
	for {
		i := strings.Index(text, name)
		if i < 0 {
			return false
		}
		before, after := text[:i], text[i+len(name):]
		if !endsInLetter(before) && !beginsWithLetter(after) {
			return true
		}
		text = after
	}
}

func beginsWithLetter(s string) bool {
	for _, r := range s {
		return unicode.IsLetter(r)
	}
	return false
}

func endsInLetter(s string) bool {
	last := rune(0)
	for _, r := range s[max(0, len(s)-4):] {
		last = r
	}
	return unicode.IsLetter(last)
}

// Currency and description language come from the partner's locales
// (draftloans.md), which are pairs.
func checkLocale(c *DraftCheck) {
	d, known := c.Draft, c.Locales
	if d.Currency == "" || len(known.currencies) == 0 {
		return
	}
	if !known.currencies[d.Currency] {
		c.fault(code.Currency, "currency", d.Currency+" isn't among the locales of catalog.yaml", "")
		return
	}
	if known.languages[d.Language.ID] && !known.pairs[[2]string{d.Currency, d.Language.ID}] {
		c.fault(code.Pair, "currency", d.Currency+" with this language isn't among the locales of catalog.yaml", "").With("currency", d.Currency)
	}
}

// Locales are the currencies and languages of a catalogue, and which go together.
type Locales struct {
	currencies, languages map[string]bool    // by code, by id
	pairs                 map[[2]string]bool // of currency and language id
}

// NewLocales returns the locales of a catalogue: none for nil.
func NewLocales(c *spec.Catalog) *Locales {
	known := &Locales{map[string]bool{}, map[string]bool{}, map[[2]string]bool{}}
	if c == nil {
		return known
	}
	for _, l := range c.Locales {
		known.currencies[l.Currency], known.languages[l.LanguageID] = true, true
		known.pairs[[2]string{l.Currency, l.LanguageID}] = true
	}
	return known
}
