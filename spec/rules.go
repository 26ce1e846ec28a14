package spec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"kivaform/kiva/money"
)

// A draftCheck is a loan draft under judgement, with the document that it was
// read from.
type draftCheck struct {
	draft    *LoanDraft
	format   CSVFormat // of the partner
	locales  *locales
	defaults map[string]Pos // where kiva.yaml has the fields that a draft may leave out
	object   *object
	reader   *reader
	start    int // the first of the document's faults
}

// checkDraft judges a loan draft by every rule.
func checkDraft(c *draftCheck) {
	for _, check := range draftRules {
		check(c)
	}
}

// draftRules judge a loan draft that has been read, in this order.
var draftRules = []func(*draftCheck){
	checkBorrowers, checkLoanID, checkClientID, checkIndividual, checkGroup, checkNotPictured,
	checkAmounts, checkOnePhoto, checkWaiver, checkPublishable,
	checkPhoto, checkLoanUse, checkScheduleSum, checkScheduleDates, checkLastNames,
	checkLocale,
}

// fault reports what is wrong at a path of the document. Where the value there
// couldn't be read, that has been said, and nothing follows from it.
func (c *draftCheck) fault(number code, path, message, hint string) *Fault {
	f := newFault(number, c.place(path), path, message, hint)
	if path == "" || !c.isBroken(path) {
		c.reader.add(f)
	}
	return f
}

// isBroken reports whether there is a fault at one of the paths, or below it.
func (c *draftCheck) isBroken(paths ...string) bool {
	for _, f := range c.reader.faults[c.start:] {
		for _, p := range paths {
			if below, ok := strings.CutPrefix(f.Path, p); ok && (below == "" || below[0] == '.' || below[0] == '[') {
				return true
			}
		}
	}
	return false
}

// place returns where a path of the document stands, in the document or in the
// defaults of kiva.yaml; where it stands in neither, the nearest place above.
func (c *draftCheck) place(path string) Pos {
	key, _, _ := strings.Cut(path, "[")
	if at, ok := c.defaults[key]; ok && !c.object.has(key) {
		return at
	}
	return c.object.pos(c.object.locate(path))
}

// A loan has at least one borrower: "at least one entreps" is stated for
// groups, and PA2's screen asks for one otherwise (draftloans.md).
func checkBorrowers(c *draftCheck) {
	if len(c.draft.Entreps) == 0 {
		c.fault(codeNoBorrower, "entreps", "there is no borrower", "list at least one, with loan_id and amount")
	}
}

// Without the partner's id a draft can't be told from any other, and Kiva
// can't be asked for it.
func checkLoanID(c *draftCheck) {
	switch {
	case len(c.draft.Entreps) == 1 && c.draft.LoanID() == "":
		c.fault(codeLoanID, "entreps[0].loan_id", "is missing", "write your own id of the loan").as(caseMissing)
	case c.draft.IsGroup() && c.draft.LoanID() == "":
		c.fault(codeGroupIncomplete, "internal_loan_id", "is missing, and a group needs it", "write your own id of the group's loan")
	}
}

// PA2 can't publish an individual loan that has one of the four group fields
// (draftloans.md).
func checkIndividual(c *draftCheck) {
	if len(c.draft.Entreps) != 1 {
		return
	}
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"group_name", c.draft.GroupName != ""}, {"internal_client_id", c.draft.InternalClientID != ""},
		{"internal_loan_id", c.draft.InternalLoanID != ""}, {"not_pictured", len(c.draft.NotPictured) > 0},
	} {
		if f.given {
			c.fault(codeGroupField, f.key, "is for groups only, and this loan has one borrower", "remove it, or list the group's other borrowers under entreps")
		}
	}
}

// A group's name is shown on Kiva.org (draftloans.md).
func checkGroup(c *draftCheck) {
	if c.draft.IsGroup() && c.draft.GroupName == "" {
		c.fault(codeGroupIncomplete, "group_name", "is missing, and a group needs it", "write the name that lenders will see")
	}
}

// A group has one not_pictured value for each borrower, in their order
// (draftloans.md).
func checkNotPictured(c *draftCheck) {
	if have, want := len(c.draft.NotPictured), len(c.draft.Entreps); c.draft.IsGroup() && have != want {
		c.fault(codePictured, "not_pictured", fmt.Sprintf("has %d of %d values", have, want),
			"write one for each borrower, in their order: true if not in the photo")
	}
}

// Each borrower needs an amount above zero (PA2, second step of a loan draft).
func checkAmounts(c *draftCheck) {
	var sum money.Amount
	for i, e := range c.draft.Entreps {
		path := element("entreps", i) + ".amount"
		switch {
		case c.object.absent(path):
			c.fault(codeNotPositive, path, "is missing", "write the principal in local currency").as(caseMissing)
		case e.Amount.Sign() <= 0:
			c.fault(codeNotPositive, path, "isn't above zero", "write the principal in local currency")
		}
		var ok bool
		if sum, ok = sum.Add(e.Amount); !ok {
			c.fault(codeOverflow, path, "the loan's amount is too large", "")
			return
		}
	}
}

// The bounds of the disbursal date.
const (
	disbursalPast   = 29 // days; PA2 refuses 30 and more
	disbursalFuture = 90 // days; PA2 refuses more
)

// checkDisbursal judges a disbursal date by today's.
//
// PA2 wants a disbursal less than 30 days ago and no more than 90 days ahead
// (PA2, second step of a loan draft).
func checkDisbursal(today Date, d *LoanDraft, at Pos) []*Fault {
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
	f := newFault(codeDisbursal, at, "disburse_time", message, hint)
	f.Pending = true
	if d.LoanID() != "" {
		f.Address = d.Address()
	}
	return []*Fault{f}
}

// A draft has one photo; Kiva's documents know two keys for it, of which
// image_url is deprecated since 2022 (changelog).
func checkOnePhoto(c *draftCheck) {
	for _, pair := range [][2]string{{"image", "image_encoded"}, {"image", "image_url"}, {"image_encoded", "image_url"}} {
		if c.object.twice(pair[0], pair[1], "keep one photo") {
			return
		}
	}
}

// The client signs a waiver for each new loan before it is posted (Kiva
// partner training).
func checkWaiver(c *draftCheck) {
	if signed := c.draft.ClientWaiverSigned; signed != nil && !*signed {
		c.fault(codeWaiver, "client_waiver_signed", "is false: nobody can publish the draft", "let the client sign, then write true")
	}
}

// The API stores partial drafts; PA2 wants these fields before a person can
// publish (PA2, first and second step of a loan draft).
func checkPublishable(c *draftCheck) {
	d := c.draft
	var lacking []string
	for _, f := range []struct {
		key, id string
		absent  bool
	}{
		{"activity", "activity_id", d.Activity == Ref{}}, {"theme", "theme_type_id", d.Theme == Ref{}},
		{"description_language", "description_language_id", d.Language == Ref{}},
		{"client_waiver_signed", "", d.ClientWaiverSigned == nil},
		{"currency", "", d.Currency == ""}, {"description", "", d.Description == ""},
		{"disburse_time", "", d.DisburseTime == 0}, {"loanuse", "", d.LoanUse == ""},
		{"location", "", d.Location == ""}, {"schedule", "", len(d.Schedule) == 0},
	} {
		if f.absent && !c.isBroken(f.key) && (f.id == "" || !c.isBroken(f.id)) {
			lacking = append(lacking, f.key)
		}
	}
	for i, e := range d.Entreps {
		if path := element("entreps", i) + ".first_name"; e.FirstName == "" && !c.isBroken(path) {
			lacking = append(lacking, path)
		}
	}
	if len(lacking) > 0 {
		fields := enumerate(lacking)
		c.fault(codeUnpublishable, "", "PA2 needs more to publish: "+fields, "write it here, or let a person fill it in there").with("fields", fields)
	}
}

// enumerate lists words for a message, and no more than are read.
func enumerate(words []string) string {
	const most = 20
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}

// A three-column partner's loans are told by loan id and client id together
// (report_payments.md): without the client's, neither repayments nor journals
// of the loan can be sent.
func checkClientID(c *draftCheck) {
	const message, hint = "is missing, and a three-column partner must give it", "write your own id of the client"
	d := c.draft
	switch {
	case c.format != ThreeColumn:
	case d.IsGroup() && d.InternalClientID == "":
		c.fault(codeClientID, "internal_client_id", message, hint)
	case len(d.Entreps) == 1 && d.Entreps[0].ClientID == "":
		c.fault(codeClientID, "entreps[0].client_id", message, hint)
	}
}

// PA2 asks for a photo in its third step.
func checkPhoto(c *draftCheck) {
	if !c.object.has("image") && !c.object.has("image_encoded") && !c.object.has("image_url") {
		c.fault(codeNoPhoto, "image", "there is no photo", "name its file, or let a person add it in PA2")
	}
}

// The loan use completes "This borrower will use this loan: …" and starts with
// "to …" (PA2, first step of a loan draft). Other languages say it their way.
func checkLoanUse(c *draftCheck) {
	use, language := c.draft.LoanUse, c.draft.Language.Name
	if use == "" || (language != "" && !strings.EqualFold(language, "English")) {
		return
	}
	if first, _, _ := strings.Cut(use, " "); !strings.EqualFold(first, "to") {
		c.fault(codeLoanUse, "loanuse", `doesn't start with "to"`, `it completes the sentence "This borrower will use this loan …"`)
	}
}

// The schedule pays back what was lent. No text of Kiva's says so, but
// reviewers flag amounts that differ.
func checkScheduleSum(c *draftCheck) {
	if len(c.draft.Schedule) == 0 || c.isBroken("schedule", "entreps") {
		return
	}
	var sum money.Amount
	for i, line := range c.draft.Schedule {
		var ok bool
		if sum, ok = sum.Add(line.Principal); !ok {
			c.fault(codeOverflow, element("schedule", i)+".principal", "the schedule's principal is too large", "")
			return
		}
	}
	if amount := c.draft.Amount(); sum != amount {
		c.fault(codeScheduleSum, "schedule", fmt.Sprintf("its principal is %s, the loan's amount %s", sum.Format(), amount.Format()), "").
			with("principal", sum.String()).with("amount", amount.String())
	}
}

// Instalments follow the disbursal, and each other. No text of Kiva's says so.
func checkScheduleDates(c *draftCheck) {
	last := Date(0)
	for i, line := range c.draft.Schedule {
		path := element("schedule", i) + ".date"
		switch {
		case line.Date == 0:
			continue
		case line.Date < c.draft.DisburseTime:
			c.fault(codeEarlyInstalment, path, "before the disbursal ("+c.draft.DisburseTime.String()+")", "move it later").with("date", c.draft.DisburseTime.String())
		case line.Date <= last:
			c.fault(codeScheduleOrder, path, "not after the instalment before it ("+last.String()+")", "put the instalments in order").with("date", last.String())
		}
		last = max(last, line.Date)
	}
}

// A last name doesn't belong in the text that lenders read (Kiva partner
// training). The message doesn't repeat it.
func checkLastNames(c *draftCheck) {
	text := strings.ToLower(c.draft.Description)
	for i, e := range c.draft.Entreps {
		if holdsName(text, e.LastName) {
			c.fault(codeLastName, "description", fmt.Sprintf("holds the last name of borrower %d", i+1), "use first names only, to protect the borrower").with("borrower", strconv.Itoa(i+1))
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
func checkLocale(c *draftCheck) {
	d, known := c.draft, c.locales
	if d.Currency == "" || len(known.currencies) == 0 {
		return
	}
	if !known.currencies[d.Currency] {
		c.fault(codeCurrency, "currency", d.Currency+" isn't among the locales of catalog.yaml", "")
		return
	}
	if known.languages[d.Language.ID] && !known.pairs[[2]string{d.Currency, d.Language.ID}] {
		c.fault(codePair, "currency", d.Currency+" with this language isn't among the locales of catalog.yaml", "").with("currency", d.Currency)
	}
}

// Locales are the currencies and languages of a catalogue, and which go together.
type locales struct {
	currencies, languages map[string]bool    // by code, by id
	pairs                 map[[2]string]bool // of currency and language id
}

// newLocales returns the locales of a catalogue: none for nil.
func newLocales(c *Catalog) *locales {
	known := &locales{map[string]bool{}, map[string]bool{}, map[[2]string]bool{}}
	if c == nil {
		return known
	}
	for _, l := range c.Locales {
		known.currencies[l.Currency], known.languages[l.LanguageID] = true, true
		known.pairs[[2]string{l.Currency, l.LanguageID}] = true
	}
	return known
}
