package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/spec"
	"kivaform/spec/catalog"
	"kivaform/spec/load"
)

// lists is a Kiva that has nothing but its four lists.
type lists struct {
	activities []kiva.Activity
	themes     []kiva.Theme
	locales    []kiva.Locale
	locations  []kiva.Location
	asOf       time.Time
	err        error
}

func (l lists) Activities(context.Context) (kiva.Config[kiva.Activity], error) {
	return kiva.Config[kiva.Activity]{AsOf: l.asOf.Add(time.Hour), Items: l.activities}, nil
}
func (l lists) Themes(context.Context) (kiva.Config[kiva.Theme], error) {
	return kiva.Config[kiva.Theme]{AsOf: l.asOf, Items: l.themes}, l.err
}
func (l lists) Locales(context.Context) (kiva.Config[kiva.Locale], error) {
	return kiva.Config[kiva.Locale]{Items: l.locales}, nil
}
func (l lists) Locations(context.Context) (kiva.Config[kiva.Location], error) {
	return kiva.Config[kiva.Location]{AsOf: l.asOf.Add(time.Minute), Items: l.locations}, nil
}

var asOf = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

func some() lists {
	return lists{
		activities: []kiva.Activity{{ID: "110", Name: "Retail"}, {ID: "61", Name: "Dairy"}, {ID: "61", Name: "Dairy"}, {ID: "76", Name: "Food: cooked, sold"}},
		themes:     []kiva.Theme{{ID: "48", Name: "General"}, {ID: "1", Name: "yes"}},
		locales:    []kiva.Locale{{Currency: "USD", LanguageCode: "es", LanguageName: "Spanish", LanguageID: "2"}, {Currency: "KES", LanguageCode: "no", LanguageName: "English", LanguageID: "1"}},
		locations:  []kiva.Location{{Country: "Brazil", Location: "São Paulo", FullName: "São Paulo: Brazil"}, {Country: "'s #1", Location: "null", FullName: `a "b" # c`}},
		asOf:       asOf,
	}
}

func pull(t *testing.T, l lists) *spec.Catalog {
	t.Helper()
	c, err := catalog.Pull(t.Context(), l, asOf.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t *testing.T, c *spec.Catalog) []byte {
	t.Helper()
	data, err := catalog.Encode(c)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// However Kiva orders its answers, the file is the same.
func TestTheOrderOfAnAnswerMakesNoDifference(t *testing.T) {
	want := encode(t, pull(t, some()))
	for seed := range uint64(20) {
		l, r := some(), rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(l.activities), func(i, j int) { l.activities[i], l.activities[j] = l.activities[j], l.activities[i] })
		r.Shuffle(len(l.locales), func(i, j int) { l.locales[i], l.locales[j] = l.locales[j], l.locales[i] })
		slices.Reverse(l.locations)
		slices.Reverse(l.themes)
		if got := encode(t, pull(t, l)); !bytes.Equal(got, want) {
			t.Fatalf("seed %d:\n%s", seed, cmp.Diff(string(want), string(got)))
		}
	}
	if !strings.Contains(string(want), "as_of: 2026-11-20T08:00:00Z\n") {
		t.Errorf("as_of isn't the oldest of the lists' times:\n%s", want)
	}
	if !strings.Contains(string(want), "\n  - {activity_id: 61, activity: Dairy}\n  - {activity_id: 76, activity: \"Food: cooked, sold\"}\n  - {activity_id: 110, activity: Retail}\n") {
		t.Errorf("not an entry a line, by number:\n%s", want)
	}
	if n := strings.Count(string(want), "Dairy"); n != 1 {
		t.Errorf("an entry that came twice stands %d times", n)
	}
}

// What is written is read back as it was, also where a name means something to
// YAML.
func TestAWorkspaceReadsWhatIsWritten(t *testing.T) {
	want := pull(t, some())
	dir := t.TempDir()
	for name, data := range map[string][]byte{"kiva.yaml": []byte("version: 1\n"), "catalog.yaml": encode(t, want)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load.Settings(t.Context(), dir, load.Options{})
	if err != nil || set.Err(nil) != nil {
		t.Fatal(err, set.Err(nil))
	}
	got := set.Catalog
	got.Pos = spec.Pos{}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(catalog.Compare(want, got)) != 0 {
		t.Error("a catalogue differs from itself")
	}
}

func TestPullTellsWhatFailed(t *testing.T) {
	l := some()
	l.err = errors.New("no themes today")
	if _, err := catalog.Pull(t.Context(), l, asOf); err == nil || !strings.Contains(err.Error(), "no themes today") {
		t.Error(err)
	}
}

func TestSearch(t *testing.T) {
	c := pull(t, some())
	for _, tt := range []struct{ list, text, want string }{
		{"", "", "[Dairy (61) Food: cooked, sold (76) Retail (110) yes (1) General (48) KES English (1) USD Spanish (2) a \"b\" # c São Paulo: Brazil]"},
		{"", "SAO paulo", "[São Paulo: Brazil]"},
		{"", "brazil são", "[São Paulo: Brazil]"},
		{"activities", "61", "[Dairy (61)]"},
		{"themes", "dairy", "[]"},
		{"locales", "spanish", "[USD Spanish (2)]"},
	} {
		if got := fmt.Sprint(catalog.Search(c, tt.list, tt.text)); got != tt.want {
			t.Errorf("%s %q: %s, not %s", tt.list, tt.text, got, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	was, l := pull(t, some()), some()
	l.activities = []kiva.Activity{{ID: "61", Name: "Dairy farming"}, {ID: "110", Name: "Retail"}, {ID: "7", Name: "Bees"}}
	l.locales = append(l.locales, kiva.Locale{Currency: "USD", LanguageCode: "en", LanguageName: "English", LanguageID: "1"})
	l.locations = l.locations[:1]
	var got []string
	for _, c := range catalog.Compare(was, pull(t, l)) {
		got = append(got, c.List()+": "+c.String())
	}
	want := []string{
		"activities: Dairy (61) is now Dairy farming (61)", "activities: gone Food: cooked, sold (76)",
		`locations: gone a "b" # c`, "activities: new Bees (7)", "locales: new USD English (1)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
