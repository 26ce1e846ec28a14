package pa2

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// A Flaw is a reason for PA2 not to publish a draft.
type Flaw struct {
	Field   string `json:"field"` // as in the request: entreps[0].amount
	Message string `json:"message"`
}

// rules are PA2's checks before a draft is published, all of them from Kiva's
// documents or screens.
var rules = []func(b *DraftBody, p *Photo, today time.Time) []Flaw{
	func(b *DraftBody, p *Photo, _ time.Time) []Flaw { return checkRequired(b, p) },
	func(b *DraftBody, _ *Photo, _ time.Time) []Flaw { return checkChoices(b) },
	func(b *DraftBody, _ *Photo, _ time.Time) []Flaw { return checkGroupFields(b) },
	func(b *DraftBody, _ *Photo, _ time.Time) []Flaw { return checkBorrowers(b) },
	func(b *DraftBody, _ *Photo, _ time.Time) []Flaw { return checkSize(b) },
	func(b *DraftBody, _ *Photo, today time.Time) []Flaw { return checkDisbursal(b, today) },
	func(_ *DraftBody, p *Photo, _ time.Time) []Flaw { return CheckPhotoFormat(p) },
}

// checkDraft returns all flaws of a draft on a day.
func checkDraft(b *DraftBody, p *Photo, today time.Time) []Flaw {
	flaws := []Flaw{}
	for _, rule := range rules {
		flaws = append(flaws, rule(b, p, today)...)
	}
	return flaws
}

// checkRequired reports missing required fields. Source: draftloans.md and the
// screens of PA2's loan form.
func checkRequired(b *DraftBody, p *Photo) (flaws []Flaw) {
	for _, f := range []struct {
		field string
		there bool
	}{
		{"activity_id", b.ActivityID != nil},
		{"currency", b.Currency != ""},
		{"description", strings.TrimSpace(b.Description) != ""},
		{"description_language_id", b.DescriptionLanguageID != nil},
		{"disburse_time", b.DisburseTime != ""},
		{"entreps", len(b.Entreps) > 0},
		{"image_encoded", p != nil || b.ImageURL != ""},
		{"loanuse", strings.TrimSpace(b.LoanUse) != ""},
		{"location", b.Location != ""},
		{"schedule", len(b.Schedule) > 0},
		{"theme_type_id", b.ThemeTypeID != nil},
	} {
		if !f.there {
			flaws = append(flaws, Flaw{f.field, "missing"})
		}
	}
	if b.ClientWaiverSigned == nil || !*b.ClientWaiverSigned {
		flaws = append(flaws, Flaw{"client_waiver_signed", "the client must sign the waiver for each loan"})
	}
	return flaws
}

// checkGroupFields: a group needs the four fields of groups, an individual loan
// must not have them. Source: draftloans.md.
func checkGroupFields(b *DraftBody) (flaws []Flaw) {
	for _, f := range []struct {
		field  string
		there  bool
		filled bool
	}{
		{"group_name", b.GroupName != nil, Text(b.GroupName) != ""},
		{"internal_client_id", b.InternalClientID != nil, Text(b.InternalClientID) != ""},
		{"internal_loan_id", b.InternalLoanID != nil, Text(b.InternalLoanID) != ""},
		{"not_pictured", b.NotPictured != nil, b.NotPictured != nil},
	} {
		if !b.isGroup() && f.there {
			flaws = append(flaws, Flaw{f.field, "only for groups"})
		}
		if b.isGroup() && !f.filled {
			flaws = append(flaws, Flaw{f.field, "missing; a group needs it"})
		}
	}
	if b.isGroup() && b.NotPictured != nil && len(b.NotPictured) != len(b.Entreps) {
		flaws = append(flaws, Flaw{"not_pictured", fmt.Sprintf("%d values for %d borrowers", len(b.NotPictured), len(b.Entreps))})
	}
	return flaws
}

// checkBorrowers: each has the fields of PA2's form. Source: its screens. A
// family name isn't required, because some people have none.
func checkBorrowers(b *DraftBody) (flaws []Flaw) {
	genders := []string{"", "male", "female", "unknown"}
	for i, e := range b.Entreps {
		add := func(field, message string) {
			flaws = append(flaws, Flaw{fmt.Sprintf("entreps[%d].%s", i, field), message})
		}
		if strings.TrimSpace(e.FirstName) == "" {
			add("first_name", "missing")
		}
		if e.LoanID == "" {
			add("loan_id", "missing")
		}
		if e.ClientID == "" {
			add("client_id", "missing")
		}
		if !slices.Contains(genders, e.Gender) {
			add("gender", "not male, female or unknown")
		}
		if e.Amount.Sign() <= 0 {
			add("amount", "each borrower needs an amount above zero")
		}
	}
	return flaws
}

// checkSize: a loan is of more than 5 US dollars. Source: PA2's message.
func checkSize(b *DraftBody) []Flaw {
	if perDollar[b.Currency] == 0 || len(b.Entreps) == 0 {
		return nil // checkRequired reports it
	}
	if Dollars(b.Amount(), b.Currency).Cmp(big.NewRat(5, 1)) > 0 {
		return nil
	}
	return []Flaw{{"entreps", "the loan must be of more than 5 US dollars"}}
}

// checkDisbursal: less than 30 days ago and at most 90 days ahead. Source: PA2's
// message.
func checkDisbursal(b *DraftBody, today time.Time) []Flaw {
	day, err := time.Parse(time.DateOnly, string(b.DisburseTime))
	if err != nil {
		return nil // checkRequired reports it
	}
	y, m, d := today.Date()
	now := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	switch {
	case !day.After(now.AddDate(0, 0, -30)):
		return []Flaw{{"disburse_time", "30 days ago or more"}}
	case day.After(now.AddDate(0, 0, 90)):
		return []Flaw{{"disburse_time", "more than 90 days ahead"}}
	}
	return nil
}

// CheckPhotoFormat: Kiva doesn't document its formats; these are the ones that
// integrators send.
func CheckPhotoFormat(p *Photo) []Flaw {
	if p == nil || slices.Contains([]string{"image/jpeg", "image/png", "image/gif"}, p.Type) {
		return nil
	}
	return []Flaw{{"image_encoded", fmt.Sprintf("%s isn't a photo", p.Type)}}
}

// Anchor returns the part of a draft's page for a flaw.
func (f Flaw) Anchor() string {
	name, _, _ := strings.Cut(f.Field, "[")
	switch name {
	case "not_pictured", "loan_id":
		return "entreps"
	}
	return name
}
