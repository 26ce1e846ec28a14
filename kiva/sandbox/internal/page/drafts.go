package page

import (
	"cmp"
	"fmt"
	"kivaform/kiva/sandbox/internal/pa2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// draftLine is a draft in the list of drafts.
type draftLine struct {
	DraftView
	Flaws int
}

// viewDrafts lists the drafts that wait for a person; ?show=published or
// ?show=all lists others.
func (s *Site) viewDrafts(r *http.Request) (view, error) {
	l := newListing(r, "show", "query")
	show, text := l.query.Get("show"), strings.ToLower(l.query.Get("query"))
	var lines []draftLine
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		for _, d := range selectLatest(l, st.Drafts, func(d *pa2.Draft) bool { return isDraftListed(d, show, text) }) {
			_, _, flaws, err := st.DraftOf(d.UUID, s.Today())
			if err != nil {
				return nil, err
			}
			lines = append(lines, draftLine{showDraft(d), len(flaws)})
		}
		return nil, nil
	})
	return view{"drafts.html", "Loan drafts", map[string]any{
		"Drafts": lines, "List": l, "Show": show, "Query": l.query.Get("query"),
	}}, err
}

// isDraftListed reports whether a list includes a draft. text is in lower case.
func isDraftListed(d *pa2.Draft, show, text string) bool {
	published := d.ListedAs != ""
	if show != "all" && published != (show == "published") {
		return false
	}
	return strings.Contains(strings.ToLower(d.LoanID+"\n"+d.Name), text)
}

// draftPage is the data of a draft's page.
type draftPage struct {
	DraftView
	Fields []fieldView
	Amount string
	Image  bool // browsers can show the photo
}

// fieldView is a field of a draft with its flaws.
type fieldView struct {
	Name  string // as in the request
	Label string
	Value string // empty if the draft has none
	Lang  string // of the value, if the draft names one
	Flaws []string
}

func (s *Site) viewDraft(r *http.Request) (view, error) {
	var page draftPage
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		d, e, flaws, err := st.DraftOf(r.PathValue("uuid"), s.Today())
		if err != nil {
			return nil, err
		}
		page.DraftView = showDraft(d)
		if page.Body, page.Photo = &e.Body, e.Photo; d.ListedAs == "" {
			page.Errors = flaws
		}
		return nil, nil
	})
	if err != nil {
		return view{}, err
	}
	page.Image = page.Photo != nil && pa2.CheckPhotoFormat(page.Photo) == nil
	page.Amount = strings.TrimSpace(page.Body.Currency + " " + page.Body.Amount().Format())
	page.Fields = draftFields(page.Body, page.Errors)
	return view{"draft.html", "Draft " + cmp.Or(page.LoanID, "without a Loan ID"), page}, nil
}

// draftFields returns the fields with a value or a flaw, except the photo, the
// borrowers and the schedule.
func draftFields(b *pa2.DraftBody, flaws []pa2.Flaw) (fields []fieldView) {
	lang := languageCode(b.DescriptionLanguageID)
	for _, f := range []fieldView{
		{Name: "activity_id", Label: "Activity", Value: formatListEntry(b.ActivityID, pa2.Activities, func(a pa2.Activity) (int64, string) { return a.ID, a.Name })},
		{Name: "loanuse", Label: "Loan use", Value: b.LoanUse, Lang: lang},
		{Name: "description", Label: "Description", Value: b.Description, Lang: lang},
		{Name: "description_language_id", Label: "Language of the description", Value: formatListEntry(b.DescriptionLanguageID, pa2.Locales, func(l pa2.Locale) (int64, string) { return l.LanguageID, l.LanguageName })},
		{Name: "location", Label: "Location", Value: b.Location},
		{Name: "theme_type_id", Label: "Theme", Value: formatListEntry(b.ThemeTypeID, pa2.Themes, func(t pa2.Theme) (int64, string) { return t.ID, t.Name })},
		{Name: "currency", Label: "Currency", Value: b.Currency},
		{Name: "disburse_time", Label: "Disbursed on", Value: string(b.DisburseTime)},
		{Name: "client_waiver_signed", Label: "Client waiver", Value: formatFlag(b.ClientWaiverSigned, "signed", "not signed")},
		{Name: "image_url", Label: "Address of the photo", Value: b.ImageURL},
		{Name: "group_name", Label: "Group", Value: pa2.Text(b.GroupName)},
		{Name: "internal_loan_id", Label: "Loan ID of the group", Value: pa2.Text(b.InternalLoanID)},
		{Name: "internal_client_id", Label: "Client ID of the group", Value: pa2.Text(b.InternalClientID)},
	} {
		f.Flaws = flawMessages(flaws, f.Name)
		if f.Value != "" || len(f.Flaws) > 0 {
			fields = append(fields, f)
		}
	}
	return fields
}

func flawMessages(flaws []pa2.Flaw, field string) (found []string) {
	for _, f := range flaws {
		if f.Field == field {
			found = append(found, f.Message)
		}
	}
	return found
}

// formatListEntry returns an id of one of the partner's lists with its name
// there.
func formatListEntry[T any](id *int64, list []T, entry func(T) (int64, string)) string {
	if id == nil {
		return ""
	}
	for _, e := range list {
		if n, name := entry(e); n == *id {
			return fmt.Sprintf("%s (%d)", name, n)
		}
	}
	return strconv.FormatInt(*id, 10)
}

// languageCode returns a language's code for the browser's speech output, or ""
// if the partner's lists don't have it.
func languageCode(id *int64) string {
	i := slices.IndexFunc(pa2.Locales, func(l pa2.Locale) bool { return l.LanguageID == pa2.Number(id) })
	if i < 0 {
		return ""
	}
	return pa2.Locales[i].LanguageCode
}

func formatFlag(b *bool, yes, no string) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return yes
	}
	return no
}

// Pictured says whether a borrower is in the photo, or "" if the draft doesn't.
func (p draftPage) Pictured(borrower int) string {
	if borrower >= len(p.Body.NotPictured) {
		return ""
	}
	return formatFlag(&p.Body.NotPictured[borrower], "no", "yes")
}
