package load

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// catalogFiles lists the names of a workspace's catalogue.
var catalogFiles = []string{"catalog.yaml", "catalog.yml"}

func readCatalog(o *yamldoc.Object) *spec.Catalog {
	c := &spec.Catalog{Pos: o.Pos(o.Node), AsOf: o.Text("as_of")}
	c.Activities = readRefs(o, "activities", "activity_id", "activity")
	c.Themes = readRefs(o, "themes", "theme_type_id", "theme_type")
	for i, n := range o.List("locales") {
		e := o.Element("locales", i, n)
		c.Locales = append(c.Locales, spec.Locale{
			Currency:     e.Text("currency"),
			LanguageCode: e.Text("language_code"),
			LanguageName: e.Text("language_name"),
			LanguageID:   readListedID(&e, "language_id"),
		})
		e.Close()
	}
	for i, n := range o.List("locations") {
		e := o.Element("locations", i, n)
		c.Locations = append(c.Locations, spec.Location{
			Country: e.Text("country"), Location: e.Text("location"), FullName: e.Text("full_name"),
		})
		e.Close()
	}
	o.Close()
	return c
}

func readRefs(o *yamldoc.Object, list, id, name string) []spec.Ref {
	var all []spec.Ref
	for i, n := range o.List(list) {
		e := o.Element(list, i, n)
		all = append(all, spec.Ref{ID: readListedID(&e, id), Name: e.Text(name)})
		e.Close()
	}
	return all
}

// An index looks up entries of a catalogue. It is safe for concurrent use;
// without a catalogue all its lists are empty.
type index struct {
	activities, themes, languages, locations names
}

func newIndex(c *spec.Catalog) *index {
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
		x.languages.add(spec.Ref{ID: l.LanguageID, Name: l.LanguageName}, l.LanguageName)
		x.languages.add(spec.Ref{ID: l.LanguageID, Name: l.LanguageName}, l.LanguageCode)
	}
	for _, l := range c.Locations {
		x.locations.add(spec.Ref{ID: l.FullName, Name: l.FullName}, l.FullName)
	}
	return x
}

// list returns a list by its name in catalog.yaml.
func (x *index) list(name string) *names {
	switch name {
	case "activities":
		return &x.activities
	case "themes":
		return &x.themes
	}
	return &x.languages
}

// names looks up the entries of one list by id, or by name regardless of case,
// accents and spaces.
type names struct {
	byID   map[string]spec.Ref
	byName map[string][]spec.Ref // by exact name, and by folded name
	folded []string              // each folded name once
	shown  map[string]string

	mu       sync.Mutex
	near     map[string][]string // cached results of suggest
	compared int                 // comparisons made by suggest
}

func (n *names) add(r spec.Ref, name string) {
	if n.byID == nil {
		n.byID, n.byName = map[string]spec.Ref{}, map[string][]spec.Ref{}
		n.shown, n.near = map[string]string{}, map[string][]string{}
	}
	n.byID[r.ID] = r
	key := foldName(name)
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

// find returns the entries of a name: none, one, or several of the same name.
func (n *names) find(name string) []spec.Ref {
	if found := n.byName[name]; len(found) == 1 {
		return found
	}
	return n.byName[foldName(name)]
}

// maxCompared bounds the comparisons for suggestions: a hundred suggestions in
// lists of Kiva's size.
const maxCompared = 2_000_000

// suggest returns a hint with the nearest three names.
func (n *names) suggest(name string) string {
	key := foldName(name)
	n.mu.Lock()
	defer n.mu.Unlock()
	near, ok := n.near[key]
	if !ok {
		if n.compared += len(n.folded); n.compared > maxCompared || len(key) > yamldoc.MaxSuggested {
			return "kivaform catalog list searches it"
		}
		for _, f := range yamldoc.NearestThree(key, n.folded) {
			near = append(near, n.shown[f])
		}
		n.near[key] = near
	}
	return "the nearest are " + strings.Join(near, ", ")
}

// foldName removes differences of case, accents and spaces.
func foldName(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(plain), " ")
}

// readRef reads an entry of a list, given by name or by id.
func (n *names) readRef(o *yamldoc.Object, nameKey, idKey string) spec.Ref {
	o.Twice(nameKey, idKey, "keep one of the two")
	name, id := o.Text(nameKey), readListedID(o, idKey)
	switch {
	case id != "":
		return n.refByID(o, idKey, id)
	case name != "":
		return n.refByName(o, nameKey, idKey, name)
	}
	return spec.Ref{}
}

func (n *names) refByID(o *yamldoc.Object, key, id string) spec.Ref {
	r, ok := n.byID[id]
	if !ok {
		r.ID = id
		if !n.isEmpty() {
			o.Fault(code.ListedID, o.Find(key), key, id+" isn't in catalog.yaml", "look it up in PA2, or renew catalog.yaml").With("id", id)
		}
	}
	return r
}

func (n *names) refByName(o *yamldoc.Object, nameKey, idKey, name string) spec.Ref {
	at, found := o.Find(nameKey), n.find(name)
	switch {
	case n.isEmpty():
		o.Fault(code.NoList, at, nameKey, "there is no list in catalog.yaml to look this name up in", "write "+idKey+", or keep Kiva's lists in catalog.yaml")
	case len(found) == 0:
		o.Fault(code.Name, at, nameKey, yamldoc.Quoted(at)+" isn't in catalog.yaml", n.suggest(name))
	case len(found) > 1:
		o.Fault(code.Ambiguous, at, nameKey, "stands for several ids in catalog.yaml", "write "+idKey+": "+yamldoc.Alternatives(idsOf(found)))
	default:
		return found[0]
	}
	return spec.Ref{}
}

func idsOf(refs []spec.Ref) []string {
	all := make([]string, len(refs))
	for i, r := range refs {
		all[i] = r.ID
	}
	return all
}

// location reads a location and returns Kiva's spelling. Kiva requires the exact
// full_name of config/locations (kiva: config/locations).
func (x *index) location(o *yamldoc.Object) string {
	name := o.Text("location")
	if name == "" || x.locations.isEmpty() {
		return name
	}
	found := x.locations.find(name)
	if len(found) == 0 {
		at := o.Find("location")
		o.Fault(code.Location, at, "location", yamldoc.Quoted(at)+" isn't in catalog.yaml", x.locations.suggest(name))
		return name
	}
	return found[0].ID
}
