package catalog

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kivaform/spec"
)

// Lists names the four lists in the order of catalog.yaml.
var Lists = []string{"activities", "themes", "locales", "locations"}

// An Entry is an id of one list with its name.
type Entry struct {
	List string `json:"list"`
	ID   string `json:"id"` // the id to send; of a locale, the language's
	Name string `json:"name"`
}

// String returns the name, and the id if it differs.
func (e Entry) String() string {
	if e.ID == e.Name || e.ID == "" {
		return e.Name
	}
	return fmt.Sprintf("%s (%s)", e.Name, e.ID)
}

// identity identifies an entry when two catalogues are compared.
func (e Entry) identity() string {
	if e.List == "locales" {
		return e.List + "\x00" + e.Name + "\x00" + e.ID
	}
	return e.List + "\x00" + e.ID
}

// Entries iterates over all entries.
func Entries(c *spec.Catalog) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range listEntries(c) {
			if !yield(e) {
				return
			}
		}
	}
}

func listEntries(c *spec.Catalog) []Entry {
	var all []Entry
	for _, a := range c.Activities {
		all = append(all, Entry{"activities", a.ID, a.Name})
	}
	for _, t := range c.Themes {
		all = append(all, Entry{"themes", t.ID, t.Name})
	}
	for _, l := range c.Locales {
		all = append(all, Entry{"locales", l.LanguageID, strings.TrimSpace(l.Currency + " " + l.LanguageName)})
	}
	for _, l := range c.Locations {
		all = append(all, Entry{"locations", l.FullName, l.FullName})
	}
	return all
}

// Search returns the entries of a list, or of all if list is "", that contain
// every word of text, in any order; case and accents don't matter.
func Search(c *spec.Catalog, list, text string) []Entry {
	words := strings.Fields(foldText(text))
	var found []Entry
	for e := range Entries(c) {
		where := foldText(e.Name + " " + e.ID)
		missing := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(where, w) })
		if (list == "" || e.List == list) && !missing {
			found = append(found, e)
		}
	}
	return found
}

// foldText removes case and accents.
func foldText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// A Change is an entry that differs between two catalogues. A new entry has no
// Was, a removed one no Is, a renamed one both.
type Change struct{ Was, Is Entry }

// List returns the entry's list.
func (c Change) List() string {
	if c.Is.List != "" {
		return c.Is.List
	}
	return c.Was.List
}

// String describes the change in a few words.
func (c Change) String() string {
	switch {
	case c.Was == Entry{}:
		return "new " + c.Is.String()
	case c.Is == Entry{}:
		return "gone " + c.Was.String()
	}
	return c.Was.String() + " is now " + c.Is.String()
}

// Compare returns the changes between two catalogues, ignoring order and dates:
// removed and renamed entries, then new ones.
func Compare(was, is *spec.Catalog) []Change {
	now := make(map[string]Entry)
	for e := range Entries(is) {
		now[e.identity()] = e
	}
	var changes []Change
	known := make(map[string]bool)
	for e := range Entries(was) {
		known[e.identity()] = true
		if found := now[e.identity()]; found != e {
			changes = append(changes, Change{e, found})
		}
	}
	for e := range Entries(is) {
		if !known[e.identity()] {
			known[e.identity()] = true
			changes = append(changes, Change{Is: e})
		}
	}
	return changes
}
