package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport says which packages of this module each package may import. A new
// package must be added here, with a reason in the commit.
var mayImport = map[string][]string{
	"kiva/money":  {},
	"kiva/egress": {},
	"kiva/hint":   {},
	"kiva":        {"kiva/money", "kiva/egress"},
	"kiva/auth":   {"kiva/egress"},
	"kiva/oauth1": {},
	"kiva/public": {"kiva/money"},
	"kiva/sandbox": {"kiva", "kiva/sandbox/internal/exchange", "kiva/sandbox/internal/oauth", "kiva/sandbox/internal/page",
		"kiva/sandbox/internal/pa2", "kiva/sandbox/internal/partnerapi", "kiva/sandbox/internal/publicapi"},
	"kiva/sandbox/internal/folder":     {"kiva/hint"},
	"kiva/sandbox/internal/pa2":        {"kiva", "kiva/money", "kiva/hint", "kiva/sandbox/internal/folder"},
	"kiva/sandbox/internal/exchange":   {"kiva/sandbox/internal/pa2"},
	"kiva/sandbox/internal/oauth":      {"kiva/sandbox/internal/exchange", "kiva/sandbox/internal/pa2", "kiva/sandbox/internal/folder"},
	"kiva/sandbox/internal/partnerapi": {"kiva", "kiva/money", "kiva/sandbox/internal/exchange", "kiva/sandbox/internal/pa2"},
	"kiva/sandbox/internal/publicapi":  {"kiva", "kiva/money", "kiva/sandbox/internal/exchange", "kiva/sandbox/internal/pa2"},
	"kiva/sandbox/internal/page":       {"kiva", "kiva/money", "kiva/sandbox/internal/exchange", "kiva/sandbox/internal/pa2", "kiva/sandbox/internal/partnerapi"},
	"spec/photo":                       {"spec/input"},
	"spec/code":                        {"spec"},
	"spec/field":                       {"spec", "kiva/money"},
	"spec/yamldoc":                     {"spec", "spec/code", "spec/input"},
	"spec/rule":                        {"spec", "spec/code", "spec/yamldoc", "kiva/money"},
	"spec/load":                        {"spec", "spec/code", "spec/yamldoc", "spec/rule", "spec/cache", "spec/input", "spec/photo", "kiva/money", "spec/field"},
	"spec/format":                      {"spec", "spec/load", "kiva/hint", "spec/field"},
	"spec/input":                       {},
	"spec/cache":                       {"spec/input"},
	"spec/catalog":                     {"spec", "kiva"},
	"spec/convert":                     {"spec", "spec/code", "spec/load", "spec/input", "kiva", "kiva/money", "kiva/hint", "spec/field"},
	"spec/schema":                      {"spec", "spec/field"},
	"spec":                             {"kiva/money", "spec/photo", "kiva/hint"},
	"plan":                             {"spec", "spec/code", "kiva", "kiva/money", "kiva/hint", "spec/field"},
	"plan/message":                     {"plan", "spec", "kiva/money", "kiva/hint", "spec/field"},
	"plan/view":                        {"plan", "plan/message", "spec", "spec/code", "kiva/money", "spec/field"},
	"plan/view/viewtest":               {"plan", "spec", "kiva/money"},
	"plan/text":                        {"plan/view"}, // from a View only: they can't know more than it
	"plan/markdown":                    {"plan/view", "kiva/hint"},
	"plan/html":                        {"plan/view", "plan/message", "kiva/money"},
	"apply/ledger/history":             {"plan", "kiva/money"},
	"apply/ledger":                     {"apply/ledger/history", "plan", "kiva/money", "kiva/hint"},
	"apply/ledger/dirstore":            {"apply/ledger", "kiva/hint", "spec/input"},
	"apply/ledger/gitstore":            {"apply/ledger", "apply/ledger/together", "kiva/hint"},
	"apply/ledger/pgstore":             {"apply/ledger", "apply/ledger/together", "kiva/hint"},
	"apply/ledger/s3store":             {"apply/ledger", "kiva/hint"},
	"apply/ledger/cachestore":          {"apply/ledger"},
	"apply/ledger/together":            {},
	"apply/ledger/ledgertest":          {"apply/ledger"},
	"kiva/sandbox/chromiumtest":        {"apply/ledger/ledgertest"},
	"apply":                            {"plan", "spec", "kiva", "apply/ledger", "kiva/hint", "spec/field"},
	"apply/followup":                   {"apply/ledger", "plan", "plan/message", "plan/view", "spec"},
	"apply/applytest":                  {"plan", "spec", "kiva/sandbox"},
	"cmd/kivaform/internal/help":       {},
	"cmd/kivaform":                     nil, // everything
}

// onlyInCmd are imports that no other package may have.
var onlyInCmd = []string{"github.com/spf13/cobra", "golang.org/x/term", "flag", "log"}

// onlyInTests are modules that no program may need.
var onlyInTests = []string{"github.com/google/go-cmp/cmp", "github.com/rogpeppe/go-internal/testscript", "github.com/santhosh-tekuri/jsonschema/v6"}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestArchitecture(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "kivaform/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		checkImports(t, p)
	}
}

func checkImports(t *testing.T, p listedPackage) {
	name := strings.TrimPrefix(p.ImportPath, "kivaform/")
	if strings.HasPrefix(name, "examples/") {
		return
	}
	allowed, known := mayImport[name]
	if !known {
		t.Errorf("%s is not in the table of packages", name)
	}
	for _, path := range p.Imports {
		own, isOwn := strings.CutPrefix(path, "kivaform/")
		switch {
		case isOwn && allowed != nil && !slices.Contains(allowed, own):
			t.Errorf("%s imports %s", name, own)
		case name != "cmd/kivaform" && slices.Contains(onlyInCmd, path):
			t.Errorf("%s imports %s, which only cmd may", name, path)
		case slices.Contains(onlyInTests, path) && !strings.HasSuffix(name, "test"):
			t.Errorf("%s imports %s, which is for tests", name, path)
		}
	}
}

// asksText are lines that put a remedy into the text of an error, where a name
// can look like one, or ask an error's text what the error is.
var asksText = regexp.MustCompile(`(fmt\.Errorf|errors\.New)\(.*hint: |strings\.(Contains|Cut|HasPrefix|HasSuffix|Index|Split|EqualFold)\w*\((.*hint: |[^,]*\.Error\(\),)`)

// A remedy is data (package hint), and no error is known by its text.
func TestErrorsAreNotKnownByTheirText(t *testing.T) {
	walkSources(t, func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if asksText.MatchString(line) {
				t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
			}
		}
	})
}

// walkSources calls visit with each Go file of the module but those of tests and
// examples.
func walkSources(t *testing.T, visit func(path string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || rel == "examples") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Only the command ends the program or writes to the standard streams.
func TestOnlyTheCommandTouchesTheProcess(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || rel == "cmd" || rel == "examples") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			checkProcess(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkProcess(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, data, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		switch pkg.Name + "." + sel.Sel.Name {
		case "os.Exit", "os.Stdin", "os.Stdout", "os.Stderr", "fmt.Print", "fmt.Println", "fmt.Printf":
			t.Errorf("%s: %s.%s belongs to the command", set.Position(n.Pos()), pkg.Name, sel.Sel.Name)
		}
		return true
	})
}
