// Package help has the pages that "kivaform help TOPIC" prints. Each is a
// Markdown file of this folder, which the repository shows as it is.
package help

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.md
var files embed.FS

// A Page is one topic.
type Page struct {
	Topic string // the file's name without its extension
	Title string // the first heading
	Text  string // Markdown, the heading included
}

// Pages returns all pages, sorted by topic.
func Pages() []Page {
	names, err := fs.Glob(files, "*.md") // sorted
	if err != nil {
		panic(err) // the pattern is constant
	}
	pages := make([]Page, len(names))
	for i, name := range names {
		pages[i] = read(name)
	}
	return pages
}

// Text returns the Markdown of a topic, which must exist.
func Text(topic string) string { return read(topic + ".md").Text }

func read(name string) Page {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded by the line above
	}
	text := string(data)
	heading, _, _ := strings.Cut(text, "\n")
	return Page{
		Topic: strings.TrimSuffix(name, path.Ext(name)),
		Title: strings.TrimPrefix(heading, "# "),
		Text:  text,
	}
}
