package help_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"kivaform/cmd/kivaform/internal/help"
)

// A page is read on a terminal as it is in the repository: no line is wider than
// its window, and no table needs one that is.
func TestPagesFitATerminal(t *testing.T) {
	pages := help.Pages()
	if len(pages) < 7 {
		t.Errorf("only %d pages", len(pages))
	}
	for _, p := range pages {
		if !strings.HasPrefix(p.Text, "# "+p.Title+"\n") || p.Title == "" {
			t.Errorf("%s has no heading", p.Topic)
		}
		code := false
		for line := range strings.Lines(p.Text) {
			line = strings.TrimRight(line, "\n")
			switch {
			case strings.HasPrefix(line, "```"):
				code = !code
			case !code && (strings.HasPrefix(line, "|") || utf8.RuneCountInString(line) > 100):
				t.Errorf("%s: a line is too wide: %s", p.Topic, line)
			}
		}
	}
}

// Links lead to files of the repository.
func TestLinksOfPages(t *testing.T) {
	for _, p := range help.Pages() {
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(p.Text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.FromSlash(m[1])); err != nil {
				t.Errorf("%s: %v", p.Topic, err)
			}
		}
	}
}
