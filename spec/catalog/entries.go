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

// Lists are the names of the four lists, in the order of catalog.yaml.
var Lists = []string{"activities", "themes", "locales", "locations"}

// An Entry is one line of one list, as people look for it.
type Entry struct {
	List string `json:"list"`
	ID   string `json:"id"` // what is sent; of a locale, the language's
	Name string `json:"name"`
}

// String returns the name with its id, where the two differ.
func (e Entry) String() string {
	if e.ID == e.Name || e.ID == "" {
		return e.Name
	}
	return fmt.Sprintf("%s (%s)", e.Name, e.ID)
}

// key says which entries of two catalogues are the same one.
func (e Entry) key() string {
	if e.List == "locales" {
		return e.List + "\x00" + e.Name + "\x00" + e.ID
	}
	return e.List + "\x00" + e.ID
}

// Entries iterates over all entries.
func Entries(c *spec.Catalog) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range entries(c) {
			if !yield(e) {
				return
			}
		}
	}
}

func entries(c *spec.Catalog) []Entry {
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

// Search returns the entries of one list, or of all where list is "", that hold
// every word of a text, in any order and without regard to case and accents.
func Search(c *spec.Catalog, list, text string) []Entry {
	words := strings.Fields(fold(text))
	var found []Entry
	for e := range Entries(c) {
		where := fold(e.Name + " " + e.ID)
		missing := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(where, w) })
		if (list == "" || e.List == list) && !missing {
			found = append(found, e)
		}
	}
	return found
}

// fold brings texts that differ in case and accents together.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// A Change is an entry that differs between two catalogues. Was is the zero
// Entry where it is new, Is where it is gone; with both it has another name.
type Change struct{ Was, Is Entry }

// List returns the list that the entry is in.
func (c Change) List() string {
	if c.Is.List != "" {
		return c.Is.List
	}
	return c.Was.List
}

// String says what changed, in a few words.
func (c Change) String() string {
	switch {
	case c.Was == Entry{}:
		return "new " + c.Is.String()
	case c.Is == Entry{}:
		return "gone " + c.Was.String()
	}
	return c.Was.String() + " is now " + c.Is.String()
}

// Compare returns what differs between two catalogues, whatever their order and
// their dates: first what is gone or has another name, then what is new.
func Compare(was, is *spec.Catalog) []Change {
	now := make(map[string]Entry)
	for e := range Entries(is) {
		now[e.key()] = e
	}
	var changes []Change
	known := make(map[string]bool)
	for e := range Entries(was) {
		known[e.key()] = true
		if found := now[e.key()]; found != e {
			changes = append(changes, Change{e, found})
		}
	}
	for e := range Entries(is) {
		if !known[e.key()] {
			known[e.key()] = true
			changes = append(changes, Change{Is: e})
		}
	}
	return changes
}
