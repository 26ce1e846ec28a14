package author

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kivaform/spec/code"
	"kivaform/spec/schema"
)

// Every code in the sources can be explained, and the codes are in order, so
// that one is found.
func TestEveryCodeInTheSourcesIsExplained(t *testing.T) {
	known := map[string]bool{}
	for _, e := range Explanations() {
		known[e.Code] = true
	}
	if !slices.IsSortedFunc(Explanations(), func(a, b code.Explanation) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("the codes aren't in order")
	}
	literal := regexp.MustCompile(`"(KF[0-9]{3})"`)
	err := filepath.WalkDir(filepath.Join("..", "..", "..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range literal.FindAllStringSubmatch(string(data), -1) {
			if !known[m[1]] {
				t.Errorf("%s: %s isn't explained", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is explained fits a screen.
func TestExplanationsFitAScreen(t *testing.T) {
	texts := map[string]string{}
	for _, e := range Explanations() {
		texts[e.Code] = describeCode(e)
	}
	for _, d := range schema.All() {
		if len(d.Fields) == 0 {
			texts[d.String()] = describeField(d)
		}
	}
	for name, text := range texts {
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 22 {
			t.Errorf("%s has %d lines", name, len(lines))
		}
		for _, line := range lines {
			if len([]rune(line)) > pageWidth && !strings.Contains(line, "example") {
				t.Errorf("%s: a line of %d characters: %s", name, len([]rune(line)), line)
			}
		}
	}
}
