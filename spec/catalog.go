package spec

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// catalogFiles are the names that a workspace's catalogue may have.
var catalogFiles = []string{"catalog.yaml", "catalog.yml"}

func readCatalog(o *object) *Catalog {
	c := &Catalog{Pos: o.pos(o.node), AsOf: o.text("as_of")}
	c.Activities = refs(o, "activities", "activity_id", "activity")
	c.Themes = refs(o, "themes", "theme_type_id", "theme_type")
	for i, n := range o.list("locales") {
		e := o.element("locales", i, n)
		c.Locales = append(c.Locales, Locale{
			Currency:     e.text("currency"),
			LanguageCode: e.text("language_code"),
			LanguageName: e.text("language_name"),
			LanguageID:   e.listedID("language_id"),
		})
		e.close()
	}
	for i, n := range o.list("locations") {
		e := o.element("locations", i, n)
		c.Locations = append(c.Locations, Location{
			Country: e.text("country"), Location: e.text("location"), FullName: e.text("full_name"),
		})
		e.close()
	}
	o.close()
	return c
}

func refs(o *object, list, id, name string) []Ref {
	var all []Ref
	for i, n := range o.list(list) {
		e := o.element(list, i, n)
		all = append(all, Ref{ID: e.listedID(id), Name: e.text(name)})
		e.close()
	}
	return all
}

// An index answers what a catalogue knows. It is safe for use by several
// goroutines; without a catalogue all its lists are empty.
type index struct {
	activities, themes, languages, locations names
}

func newIndex(c *Catalog) *index {
	x := &index{}
	if c == nil {
		return x
	}
	for _, a := range c.Activities {
		x.activities.add(a, a.Name)
	}
	for _, t := range c.Themes {
		x.themes.add(t, t.Name)
	}
	for _, l := range c.Locales {
		x.languages.add(Ref{ID: l.LanguageID, Name: l.LanguageName}, l.LanguageName)
		x.languages.add(Ref{ID: l.LanguageID, Name: l.LanguageName}, l.LanguageCode)
	}
	for _, l := range c.Locations {
		x.locations.add(Ref{ID: l.FullName, Name: l.FullName}, l.FullName)
	}
	return x
}

// names finds the entries of one list by id, or by name without regard to
// case, accents and space.
type names struct {
	byID   map[string]Ref
	byName map[string][]Ref // by the name as it is, and folded
	folded []string         // each folded name once
	shown  map[string]string

	mu       sync.Mutex
	near     map[string][]string // what suggest has found so far
	compared int                 // names with others, in suggest
}

func (n *names) add(r Ref, name string) {
	if n.byID == nil {
		n.byID, n.byName = map[string]Ref{}, map[string][]Ref{}
		n.shown, n.near = map[string]string{}, map[string][]string{}
	}
	n.byID[r.ID] = r
	key := fold(name)
	if len(n.byName[key]) == 0 {
		n.folded = append(n.folded, key)
		n.shown[key] = name
	}
	for _, known := range n.byName[key] {
		if known.ID == r.ID {
			return
		}
	}
	n.byName[key] = append(n.byName[key], r)
	if name != key {
		n.byName[name] = n.byName[key]
	}
}

func (n *names) isEmpty() bool { return len(n.byID) == 0 }

// find returns the entries of a name: none, one, or several with the same
// name.
func (n *names) find(name string) []Ref {
	if found := n.byName[name]; len(found) == 1 {
		return found
	}
	return n.byName[fold(name)]
}

// maxCompared bounds the work for suggestions: a hundred in lists of Kiva's size.
const maxCompared = 2_000_000

// suggest returns the nearest three names, for a hint.
func (n *names) suggest(name string) string {
	key := fold(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	near, ok := n.near[key]
	if !ok {
		if n.compared += len(n.folded); n.compared > maxCompared || len(key) > maxSuggested {
			return "kivaform catalog list searches it"
		}
		for _, f := range nearestThree(key, n.folded) {
			near = append(near, n.shown[f])
		}
		n.near[key] = near
	}
	return "the nearest are " + strings.Join(near, ", ")
}

// fold brings names that differ in case, accents and space together.
func fold(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(plain), " ")
}

// ref reads an entry of one of the lists, which a document gives by name or by
// id.
func (n *names) ref(o *object, nameKey, idKey string) Ref {
	o.twice(nameKey, idKey, "keep one of the two")
	name, id := o.text(nameKey), o.listedID(idKey)
	switch {
	case id != "":
		return n.refByID(o, idKey, id)
	case name != "":
		return n.refByName(o, nameKey, idKey, name)
	}
	return Ref{}
}

func (n *names) refByID(o *object, key, id string) Ref {
	r, ok := n.byID[id]
	if !ok {
		r.ID = id
		if !n.isEmpty() {
			o.fault(codeListedID, o.find(key), key, id+" isn't in catalog.yaml", "look it up in PA2, or renew catalog.yaml").with("id", id)
		}
	}
	return r
}

func (n *names) refByName(o *object, nameKey, idKey, name string) Ref {
	at, found := o.find(nameKey), n.find(name)
	switch {
	case n.isEmpty():
		o.fault(codeNoList, at, nameKey, "there is no list in catalog.yaml to look this name up in", "write "+idKey+", or keep Kiva's lists in catalog.yaml")
	case len(found) == 0:
		o.fault(codeName, at, nameKey, quoted(at)+" isn't in catalog.yaml", n.suggest(name))
	case len(found) > 1:
		o.fault(codeAmbiguous, at, nameKey, "stands for several ids in catalog.yaml", "write "+idKey+": "+alternatives(ids(found)))
	default:
		return found[0]
	}
	return Ref{}
}

func ids(refs []Ref) []string {
	all := make([]string, len(refs))
	for i, r := range refs {
		all[i] = r.ID
	}
	return all
}

// location reads a location and returns Kiva's own spelling of it. Kiva wants
// the full_name of config/locations to the letter (kiva: config/locations).
func (x *index) location(o *object) string {
	name := o.text("location")
	if name == "" || x.locations.isEmpty() {
		return name
	}
	found := x.locations.find(name)
	if len(found) == 0 {
		at := o.find("location")
		o.fault(codeLocation, at, "location", quoted(at)+" isn't in catalog.yaml", x.locations.suggest(name))
		return name
	}
	return found[0].ID
}
