// Package catalog pulls, writes and compares catalog.yaml: a partner's four
// configuration lists, kept beside the documents so that names resolve without a
// network.
package catalog

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"kivaform/kiva"
	"kivaform/spec"
)

// A Source reads the four lists. [*kiva.Client] is one.
type Source interface {
	Activities(ctx context.Context) (kiva.Config[kiva.Activity], error)
	Themes(ctx context.Context) (kiva.Config[kiva.Theme], error)
	Locales(ctx context.Context) (kiva.Config[kiva.Locale], error)
	Locations(ctx context.Context) (kiva.Config[kiva.Location], error)
}

// Pull reads the four lists and returns them sorted, each entry once. AsOf is
// the oldest time that Kiva gives, or now if it gives none.
func Pull(ctx context.Context, source Source, now time.Time) (*spec.Catalog, error) {
	var (
		activities kiva.Config[kiva.Activity]
		themes     kiva.Config[kiva.Theme]
		locales    kiva.Config[kiva.Locale]
		locations  kiva.Config[kiva.Location]
	)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { activities, err = source.Activities(ctx); return err })
	g.Go(func() (err error) { themes, err = source.Themes(ctx); return err })
	g.Go(func() (err error) { locales, err = source.Locales(ctx); return err })
	g.Go(func() (err error) { locations, err = source.Locations(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("read Kiva's lists: %w", err)
	}
	c := &spec.Catalog{AsOf: oldestOf(now, activities.AsOf, themes.AsOf, locales.AsOf, locations.AsOf).UTC().Format(time.RFC3339)}
	for _, a := range activities.Items {
		c.Activities = append(c.Activities, spec.Ref(a))
	}
	for _, t := range themes.Items {
		c.Themes = append(c.Themes, spec.Ref(t))
	}
	for _, l := range locales.Items {
		c.Locales = append(c.Locales, spec.Locale(l))
	}
	for _, l := range locations.Items {
		c.Locations = append(c.Locations, spec.Location(l))
	}
	sortLists(c)
	return c, nil
}

func oldestOf(now time.Time, times ...time.Time) time.Time {
	first := now
	for _, t := range times {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// sortLists sorts each list and removes duplicates, so that the order of Kiva's
// answers makes no difference.
func sortLists(c *spec.Catalog) {
	byID := func(a, b spec.Ref) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID), strings.Compare(a.Name, b.Name))
	}
	slices.SortFunc(c.Activities, byID)
	slices.SortFunc(c.Themes, byID)
	slices.SortFunc(c.Locales, func(a, b spec.Locale) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), strings.Compare(a.LanguageCode, b.LanguageCode),
			strings.Compare(a.LanguageID, b.LanguageID), strings.Compare(a.LanguageName, b.LanguageName))
	})
	slices.SortFunc(c.Locations, func(a, b spec.Location) int {
		return cmp.Or(strings.Compare(a.Country, b.Country), strings.Compare(a.Location, b.Location), strings.Compare(a.FullName, b.FullName))
	})
	c.Activities = slices.Compact(c.Activities)
	c.Themes = slices.Compact(c.Themes)
	c.Locales = slices.Compact(c.Locales)
	c.Locations = slices.Compact(c.Locations)
}

const fileHeader = "# Kiva's lists for this partner, as kivaform catalog pull wrote them. They are\n# replaced as a whole by the next pull.\n"

// Encode returns the text of catalog.yaml: Kiva's own names, one entry a line.
func Encode(c *spec.Catalog) ([]byte, error) {
	activities, themes, locales, locations := newList(), newList(), newList(), newList()
	for _, a := range c.Activities {
		addEntry(activities, "activity_id", a.ID, "activity", a.Name)
	}
	for _, t := range c.Themes {
		addEntry(themes, "theme_type_id", t.ID, "theme_type", t.Name)
	}
	for _, l := range c.Locales {
		addEntry(locales, "currency", l.Currency, "language_code", l.LanguageCode, "language_name", l.LanguageName, "language_id", l.LanguageID)
	}
	for _, l := range c.Locations {
		addEntry(locations, "country", l.Country, "location", l.Location, "full_name", l.FullName)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		textNode("as_of"), {Kind: yaml.ScalarNode, Value: c.AsOf}, textNode("activities"), activities, textNode("themes"), themes,
		textNode("locales"), locales, textNode("locations"), locations,
	}}
	var b bytes.Buffer
	b.WriteString(fileHeader)
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write the catalogue: %w", err)
	}
	return b.Bytes(), e.Close()
}

func newList() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode} }

// addEntry appends an entry on one line. It writes numeric ids as numbers, as Kiva
// gives them.
func addEntry(to *yaml.Node, pairs ...string) {
	entry := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := 0; i < len(pairs); i += 2 {
		value := textNode(pairs[i+1])                                                                          // #nosec G602 -- pairs come in twos
		if _, err := strconv.ParseUint(pairs[i+1], 10, 64); err == nil && strings.HasSuffix(pairs[i], "_id") { // #nosec G602 -- pairs come in twos
			value.Tag = "!!int"
		}
		entry.Content = append(entry.Content, textNode(pairs[i]), value)
	}
	to.Content = append(to.Content, entry)
}

func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsAny(s, ":#,'") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
