package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/help"
	"kivaform/cmd/kivaform/internal/session"
)

// documentation returns the text of the README and of all pages of the help.
func documentation(t *testing.T) string {
	t.Helper()
	text := readmeText(t)
	for _, p := range help.Pages() {
		text += "\n" + p.Text
	}
	return text
}

func readmeText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocksOf returns the fenced blocks of a Markdown text that have a language.
func blocksOf(text, language string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// Every command in the README and the pages exists, with its flags, and takes its
// arguments.
func TestReadmeCommands(t *testing.T) {
	whole := documentation(t)
	text := strings.Join(blocksOf(whole, "sh"), "\n")
	for _, m := range regexp.MustCompile("`kivaform ([^`]*)`").FindAllStringSubmatch(whole, -1) {
		text += "kivaform " + strings.ReplaceAll(m[1], "\n", " ") + "\n"
	}
	n := 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, " #")
		line, _, _ = strings.Cut(line, " > ") // into a file
		line = strings.Replace(strings.TrimSpace(line), "go run ./cmd/kivaform", "kivaform", 1)
		args, ok := strings.CutPrefix(line, "kivaform ")
		if !ok {
			continue
		}
		n++
		if err := parses(words(args)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 60 {
		t.Errorf("only %d commands were found", n)
	}
}

// words splits a command line as a shell does, as far as the README needs it.
func words(line string) []string {
	var list []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			list = append(list, part)
		} else {
			list = append(list, strings.Fields(part)...)
		}
	}
	return list
}

func parses(args []string) error {
	root := newRoot(new(session.App), new(cli.Profiles))
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if c == root || c.Args == nil {
		return nil
	}
	return c.Args(c, c.Flags().Args())
}

// The plan that the README shows is what the quickstart prints, though not all
// of it.
func TestReadmePlan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"-C", dir, "plan", "--personal=show"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, func(string) string { return "" })
	if code != cli.ExitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	printed := make(map[string]bool)
	for line := range strings.Lines(out.String()) {
		printed[strings.TrimRight(line, "\n")] = true
	}
	blocks := blocksOf(readmeText(t), "text")
	if len(blocks) == 0 {
		t.Fatal("the README shows no plan")
	}
	for line := range strings.Lines(blocks[0]) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "..." && !printed[line] {
			t.Errorf("the quickstart doesn't print %q", line)
		}
	}
}

// The documents that the page about files shows load.
func TestReadmeYAML(t *testing.T) {
	blocks := blocksOf(help.Text("files"), "yaml")
	if len(blocks) < 2 {
		t.Fatalf("%d blocks of YAML", len(blocks))
	}
	dir := t.TempDir()
	settings := strings.Replace(blocks[0], "environment: sandbox", "environments: {sandbox: {today: 2026-11-20}}\nenvironment: sandbox", 1)
	documents := strings.NewReplacer("image: ../photos/L-1042.jpg", "image: L-1042.jpg", "csv: repayments/2026-11.csv", "csv: 2026-11.csv",
		`expect: {rows: 812, total: "1234567.00"}`, `expect: {rows: 1, total: "100"}`).Replace(blocks[1])
	photo, err := os.ReadFile(filepath.Join("..", "..", "examples", "quickstart", "photos", "L-1042.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"kiva.yaml": settings, "all.yaml": documents, "2026-11.csv": "L-0801,00801,100\n", "L-1042.jpg": string(photo)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"-C", dir, "validate"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, func(string) string { return "" })
	if code != cli.ExitDone || !strings.Contains(out.String(), "1 loan draft, 1 journal, 1 repayment report of 1 row") {
		t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
	}
}
