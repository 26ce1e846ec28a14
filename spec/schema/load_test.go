package schema

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/load"
)

// compiled returns the schema, compiled by a validator that isn't ours.
func compiled(t testing.TB, c *spec.Catalog) *jsonschema.Schema {
	t.Helper()
	data, err := Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, data)
}

func compile(t testing.TB, data []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("kiva.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("kiva.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// documents returns the documents of a text, with merge keys replaced by what
// they bring in, as editors see them.
func documents(t testing.TB, text string) []any {
	t.Helper()
	var all []any
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		all = append(all, toJSON(n.Content[0]))
	}
}

// load loads a workspace of some files.
func loadFiles(t testing.TB, files map[string]string) *spec.Set {
	t.Helper()
	dir := t.TempDir()
	files = maps.Clone(files)
	if files["kiva.yaml"] == "" {
		files["kiva.yaml"] = "version: 1\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }
	set, err := load.Workspace(t.Context(), dir, load.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
