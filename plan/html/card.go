package html

import (
	"slices"
	"strings"

	"kivaform/kiva/money"
	"kivaform/plan/view"
)

// A card is an item as the page shows it. All that is sent stands in one of its
// contents.
type card struct {
	*view.Item
	Title     string // the borrower, the group or the subject; empty where it is masked
	Photo     *thumbnail
	Borrowers []borrower // of a group
	Facts     []view.Field
	Story     *view.Field
	Schedule  *calendar
}

// A borrower is one of a group.
type borrower struct {
	Name, LoanID, ClientID, Gender, Amount, Pictured view.Field
}

// Name is the id of the card's loan, which stands for a name that is masked.
func (c *card) Name() string { return view.Harmless(c.Address.Parts()[1]) }

// Open reports whether all that is sent is shown.
func (c *card) Open() bool { return showsAll(c.Action) }

// Beside reports whether there is a photo or a schedule.
func (c *card) Beside() bool { return c.Photo != nil || c.Schedule != nil }

// showsAll reports whether a card shows all that is sent of its item. Of an edited
// one it shows what differs; where nothing is sent and nothing is to be decided,
// the head is enough.
func showsAll(action view.Action) bool {
	return action != view.Adopt && action != view.Unchanged && action != view.Edited
}

// card makes the card of an item from the fields that are sent.
func (p *page) card(i *view.Item, photo *thumbnail) *card {
	c := &card{Item: i}
	fields := slices.Clone(i.Fields)
	c.Title = p.title(fields)
	if !showsAll(i.Action) {
		return c
	}
	c.Photo = photo
	fields, borrowers := takePrefix(fields, "entreps[")
	fields, pictured := takePrefix(fields, "not_pictured[")
	fields, instalments := takePrefix(fields, "schedule[")
	c.Schedule = calendarOf(instalments)
	if groups := byElement(borrowers); len(groups) > 1 {
		c.Borrowers = groupOf(groups, pictured)
	} else {
		fields = append(fields, withoutHeadFields(borrowers)...)
		fields = append(fields, pictured...)
	}
	c.Facts, c.Story = factsOf(fields, i)
	return c
}

// title is an item's name for people.
func (p *page) title(fields []view.Field) string {
	var parts []string
	for _, path := range []string{"group_name", "subject", "entreps[0].first_name", "entreps[0].last_name"} {
		if f := fieldByPath(fields, path); f != nil && !f.Masked {
			if parts = append(parts, view.Harmless(f.Value)); path == "group_name" || path == "subject" {
				break
			}
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func fieldByPath(fields []view.Field, path string) *view.Field {
	if i := slices.IndexFunc(fields, func(f view.Field) bool { return f.Path == path }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// takePrefix takes the fields whose path begins with prefix out of the list.
func takePrefix(fields []view.Field, prefix string) (rest, taken []view.Field) {
	for _, f := range fields {
		if strings.HasPrefix(f.Path, prefix) {
			taken = append(taken, f)
		} else {
			rest = append(rest, f)
		}
	}
	return rest, taken
}

// byElement divides the fields of a list by its elements.
func byElement(fields []view.Field) [][]view.Field {
	var groups [][]view.Field
	last := ""
	for _, f := range fields {
		at, _, _ := strings.Cut(f.Path, "]")
		if groups == nil || at != last {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], f)
		last = at
	}
	return groups
}

// fieldNamed returns a field of one element by its last name.
func fieldNamed(element []view.Field, name string) (found view.Field) {
	for _, f := range element {
		if strings.HasSuffix(f.Path, "]."+name) {
			return f
		}
	}
	return found
}

// withoutHeadFields leaves out of a single borrower's fields what the head of the card
// says: the amount, and the name where it isn't masked. The others need no
// number in their path.
func withoutHeadFields(fields []view.Field) (list []view.Field) {
	for _, f := range fields {
		_, name, _ := strings.Cut(f.Path, ".")
		if name == "amount" || !f.Masked && (name == "first_name" || name == "last_name") {
			continue
		}
		f.Path = "entreps." + name
		list = append(list, f)
	}
	return list
}

func groupOf(groups [][]view.Field, pictured []view.Field) []borrower {
	list := make([]borrower, len(groups))
	for i, g := range groups {
		name, last := fieldNamed(g, "first_name"), fieldNamed(g, "last_name")
		if !last.Masked && last.Value != "" {
			name.Value += " " + last.Value
		}
		list[i] = borrower{Name: name, LoanID: fieldNamed(g, "loan_id"), ClientID: fieldNamed(g, "client_id"), Gender: fieldNamed(g, "gender"), Amount: fieldNamed(g, "amount")}
		if i < len(pictured) {
			list[i].Pictured = pictured[i]
		}
	}
	return list
}

// factOrder is the order in which people look for facts; others follow.
var factOrder = []string{"group_name", "subject", "entreps.first_name", "entreps.last_name", "loanuse", "internal_loan_id", "internal_client_id", "entreps.loan_id", "entreps.client_id", "entreps.gender", "activity_id", "theme_type_id", "location", "disburse_time", "description_language_id", "client_waiver_signed"}

// factsOf puts the fields into the order of reading, and the story apart. What
// the head of the card says isn't said again.
func factsOf(fields []view.Field, i *view.Item) (facts []view.Field, story *view.Field) {
	for _, f := range fields {
		switch {
		case f.Path == "description" || f.Path == "body":
			story = &f
		case saidInHead(&f, i):
		default:
			facts = append(facts, f)
		}
	}
	slices.SortStableFunc(facts, func(a, b view.Field) int { return factRank(a.Path) - factRank(b.Path) })
	return facts, story
}

func factRank(path string) int {
	if i := slices.Index(factOrder, path); i >= 0 {
		return i
	}
	return len(factOrder)
}

// saidInHead reports whether the head of a card says a field.
func saidInHead(f *view.Field, i *view.Item) bool {
	switch f.Path {
	case "currency":
		return i.Sum != nil
	case "group_name", "subject":
		return !f.Masked
	}
	return false
}

// A calendar is a repayment schedule with its chart.
type calendar struct {
	Instalments     []instalmentRow
	Principal       money.Amount
	Interest, Total money.Amount
	PrincipalPath   string // of an SVG
	InterestPath    string
	First, Last     string
	Width           int
}

type instalmentRow struct {
	Day                        string
	Principal, Interest, Total money.Amount
}

func calendarOf(fields []view.Field) *calendar {
	if len(fields) == 0 {
		return nil
	}
	s := &calendar{}
	for _, g := range byElement(fields) {
		r := instalmentRow{Day: fieldNamed(g, "date").Value, Principal: amountIn(fieldNamed(g, "principal")), Interest: amountIn(fieldNamed(g, "interest"))}
		r.Total = addShown(r.Principal, r.Interest)
		s.Principal, s.Interest = addShown(s.Principal, r.Principal), addShown(s.Interest, r.Interest)
		s.Instalments = append(s.Instalments, r)
	}
	s.Total = addShown(s.Principal, s.Interest)
	s.First, s.Last = s.Instalments[0].Day, s.Instalments[len(s.Instalments)-1].Day
	s.draw()
	return s
}

// amountIn reads an amount that was an Amount before.
func amountIn(f view.Field) money.Amount {
	a, _ := money.Parse(f.Value)
	return a
}

// addShown adds what is only shown; a sum beyond what an Amount holds stays as it
// was.
func addShown(a, b money.Amount) money.Amount {
	if sum, ok := a.Add(b); ok {
		return sum
	}
	return a
}
