package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/schema"
)

// Every code in the sources can be explained, and the codes are in order, so
// that one is found.
func TestEveryCodeInTheSourcesIsExplained(t *testing.T) {
	known := map[string]bool{}
	for _, e := range explanations() {
		known[e.Code] = true
	}
	if !slices.IsSortedFunc(explanations(), func(a, b code.Explanation) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("the codes aren't in order")
	}
	literal := regexp.MustCompile(`"(KF[0-9]{3})"`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
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
	for _, e := range explanations() {
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

// A command that an explanation names is one that there is.
func TestExplanationsNameWhatExists(t *testing.T) {
	command := regexp.MustCompile(`kivaform((?: [a-z][a-z-]*)+)`)
	verbs := []string{"doesn", "takes", "that", "speaks"} // kivaform doesn't know…
	for _, e := range explanations() {
		for _, m := range command.FindAllStringSubmatch(e.Means+e.Why+e.Mend, -1) {
			words := strings.Fields(m[1])
			found, _, err := new(app).root().Find(words)
			if slices.Contains(verbs, words[0]) {
				continue
			}
			if err != nil || !found.HasParent() {
				t.Errorf("%s names %q, which isn't a command", e.Code, m[0])
			}
		}
	}
}

func TestLearnMore(t *testing.T) {
	fault := func(n int) error { return &spec.Fault{Code: fmt.Sprintf("KF%03d", n)} }
	for want, errs := range map[string][]error{
		"":                                     {errors.New("something else")},
		"Learn more: kivaform explain KF001\n": {fault(1), fault(1)},
		"Learn more: kivaform explain KF001 KF002 KF003 KF004 KF005\n": {fault(1), fault(2), fault(3), fault(4), fault(5), fault(6)},
	} {
		if got := learnMore(errs); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
