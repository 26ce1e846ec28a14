package decide

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileNames(t *testing.T) {
	long := strings.Repeat("9", 200)
	ids := []string{
		"L-0801", "l-0801", "L_0801", "L/0801", "L 0801", "..", ".hidden", "../../etc/passwd", "№ 7", "ऋण", "CON", long, long + "1", "a\x00b",
	}
	seen := make(map[string]string)
	for _, id := range ids {
		name := fileName(id)
		if before, twice := seen[strings.ToLower(name)]; twice {
			t.Errorf("%q and %q are both %s on some file systems", before, id, name)
		}
		seen[strings.ToLower(name)] = id
		if !filepath.IsLocal(name) || filepath.Base(name) != name || strings.HasPrefix(name, ".") || len(name) > 120 || filepath.Ext(name) != ".yaml" {
			t.Errorf("%q becomes %q", id, name)
		}
	}
	if fileName("L-0801") != "L-0801.yaml" {
		t.Error("a plain id doesn't stay as it is")
	}
}

func TestCreateOverwritesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a", "b.yaml")
	if err := create(file, "one"); err != nil {
		t.Fatal(err)
	}
	if err := create(file, "two"); err == nil {
		t.Error("written twice")
	}
	if data, _ := os.ReadFile(file); string(data) != "one" {
		t.Errorf("%s", data)
	}
}
