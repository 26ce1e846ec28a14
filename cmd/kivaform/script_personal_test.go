package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"
)

// personalKeys are the fields of documents that say something about a person.
var personalKeys = []string{"first_name", "last_name", "gender", "group_name", "description", "loanuse", "subject", "body"}

// hides FILE… tells that no personal value of the quickstart stands in files,
// or in the files of folders.
func doHides(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) == 0, "hides FILE...")
	secrets, err := personalValues(filepath.Join("..", "..", "examples", "quickstart"))
	ts.Check(err)
	for _, arg := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(arg), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			text := oneLine(string(data))
			for _, s := range secrets {
				if strings.Contains(text, s) {
					ts.Fatalf("%s shows %q", arg, s)
				}
			}
			return err
		}))
	}
}

// personalValues returns what identifies the personal values of a workspace's
// documents: a short value as it is, the ends of a long one.
func personalValues(dir string) (values []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for doc := range strings.SplitSeq(string(data), "\n---\n") {
			var n yaml.Node
			if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
				return err
			}
			collect(&n, &values)
		}
		return nil
	})
	return values, err
}

func collect(n *yaml.Node, values *[]string) {
	for i, c := range n.Content {
		collect(c, values)
		if n.Kind != yaml.MappingNode || i%2 == 1 || !slices.Contains(personalKeys, c.Value) {
			continue
		}
		words := strings.Fields(n.Content[i+1].Value)
		few := min(4, len(words))
		*values = append(*values, strings.Join(words[:few], " "), strings.Join(words[len(words)-few:], " "))
	}
}

// oneLine undoes the wrapping of text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
