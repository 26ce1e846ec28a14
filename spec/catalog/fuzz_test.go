package catalog_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/spec"
	"kivaform/spec/catalog"
	"kivaform/spec/load"
)

// A catalogue that was read is written so that it reads the same.
func FuzzCatalog(f *testing.F) {
	f.Add("as_of: 2026-11-01T00:00:00Z\nactivities:\n  - {activity_id: 61, activity: \"Dairy: milk, 'fresh'\"}\nthemes:\n  - {theme_type_id: 48, theme_type: General}\nlocales:\n  - {currency: KES, language_code: en, language_name: English, language_id: 1}\nlocations:\n  - {country: Kenya, location: Nakuru, full_name: \"Nakuru: Kenya\"}\n")
	f.Add("activities: [{activity_id: 007, activity: 1e3}, {activity_id: \"x\", activity: \"- a\\n# b\"}]\n")
	f.Add("activities: [{activity_id: 99999999999999999999, activity: yes}]\nlocales: [{currency: ~}]\n")
	f.Add("activities: &a [{activity_id: 1, activity: \"\\u0085\\u2028\\ufeff\"}]\nthemes: *a\n")
	f.Add("<<: {as_of: x}\nlocations: [{country: !!binary aGk=, location: |\n  a\n}]\n")
	f.Add("---\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("kiva.yaml", "version: 1\npartner_id: \"145\"\n")
		write("catalog.yaml", text)
		start := time.Now()
		set, err := load.Settings(t.Context(), dir, load.Options{})
		if err != nil || set.Err(nil) != nil || set.Catalog == nil {
			return
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %s", took)
		}
		encoded, err := catalog.Encode(set.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		write("catalog.yaml", string(encoded))
		again, err := load.Settings(t.Context(), dir, load.Options{})
		if err != nil || again.Err(nil) != nil {
			t.Fatalf("%q can't be read again: %v, %v", encoded, err, again.Err(nil))
		}
		set.Catalog.Pos, again.Catalog.Pos = spec.Pos{}, spec.Pos{}
		if diff := cmp.Diff(set.Catalog, again.Catalog); diff != "" {
			t.Errorf("%q\n%s", encoded, diff)
		}
	})
}
