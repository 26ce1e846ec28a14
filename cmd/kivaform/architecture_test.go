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
	"plan/identity":                    {"spec"},
	"plan":                             {"plan/identity", "spec", "spec/code", "kiva", "kiva/money", "kiva/hint", "spec/field"},
	"plan/message":                     {"plan", "spec", "kiva/money", "kiva/hint", "spec/field"},
	"plan/view":                        {"plan", "plan/message", "spec", "spec/code", "kiva/money", "spec/field"},
	"plan/view/viewtest":               {"plan", "spec", "kiva/money"},
	"plan/text":                        {"plan/view"}, // from a View only: they can't know more than it
	"plan/markdown":                    {"plan/view", "kiva/hint"},
	"plan/html":                        {"plan/view", "plan/message", "kiva/money"},
	"apply/ledger/history":             {"plan", "kiva/money"},
	"apply/ledger":                     {"apply/ledger/history", "plan", "plan/identity", "spec", "kiva/money", "kiva/hint"},
	"apply/ledger/audit":               {"apply/ledger", "apply/ledger/history", "plan", "kiva/money", "kiva/hint"},
	"apply/ledger/merge":               {"apply/ledger", "apply/ledger/history", "plan", "kiva/hint"},
	"apply/ledger/dirstore":            {"apply/ledger", "kiva/hint", "spec/input"},
	"apply/ledger/gitstore":            {"apply/ledger", "apply/ledger/together", "kiva/hint"},
	"apply/ledger/pgstore":             {"apply/ledger", "apply/ledger/together", "kiva/hint"},
	"apply/ledger/s3store":             {"apply/ledger", "kiva/hint"},
	"apply/ledger/cachestore":          {"apply/ledger"},
	"apply/ledger/seen":                {"apply/ledger", "kiva/hint"},
	"apply/ledger/together":            {},
	"apply/ledger/ledgertest":          {"apply/ledger", "plan", "spec", "kiva/money"},
	"kiva/sandbox/chromiumtest":        {"apply/ledger/ledgertest"},
	"apply":                            {"plan", "spec", "kiva", "apply/ledger", "kiva/hint", "spec/field"},
	"apply/followup":                   {"apply/ledger", "plan", "plan/message", "plan/view", "spec"},
	"apply/applytest":                  {"plan", "spec", "kiva/sandbox"},
	"apply/worldtest":                  {},
}

// Where the command's packages lie. Arrows point down: the command itself, then the
// groups of commands, which know nothing of each other, then session, then cli.
const (
	command        = "cmd/kivaform"
	commandHelp    = command + "/internal/help"
	commandCLI     = command + "/internal/cli"
	commandSession = command + "/internal/session"
)

// commandGroups are the packages of commands.
var commandGroups = []string{
	command + "/internal/send", command + "/internal/decide", command + "/internal/look", command + "/internal/author", command + "/internal/setup",
}

// commandMayImport says which packages of the command each of them may import.
// All but cli may import any package of the domain; cli takes from it how names are
// shown, which word is near another, and the remedy of an error.
var commandMayImport = map[string][]string{
	command:          append([]string{"kiva/hint", commandHelp, commandCLI, commandSession}, commandGroups...),
	commandHelp:      {},
	commandCLI:       {"kiva/hint", "spec", "spec/yamldoc"},
	commandSession:   {commandCLI},
	commandGroups[0]: {commandCLI, commandSession},
	commandGroups[1]: {commandCLI, commandSession},
	commandGroups[2]: {commandCLI, commandSession},
	commandGroups[3]: {commandCLI, commandSession},
	commandGroups[4]: {commandCLI, commandSession},
}

// onlyIn names the packages that alone may have an import.
var onlyIn = map[string][]string{
	"github.com/spf13/cobra": append([]string{command, commandCLI}, commandGroups...),
	"github.com/spf13/pflag": append([]string{commandCLI, commandSession}, commandGroups...),
	"golang.org/x/term":      {commandCLI},
	"os/signal":              {command, command + "/internal/send", "kiva/sandbox"},
	"flag":                   {},
	"log":                    {},

	"kivaform/apply/ledger/cachestore": {commandSession},
	"kivaform/apply/ledger/dirstore":   {commandSession},
	"kivaform/apply/ledger/gitstore":   {commandSession},
	"kivaform/apply/ledger/pgstore":    {commandSession},
	"kivaform/apply/ledger/s3store":    {commandSession},
	"kivaform/plan/html":               {command + "/internal/send"},
	"kivaform/plan/markdown":           {command + "/internal/send"},
	"kivaform/plan/text":               {command + "/internal/send"},
}

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
	ofCommand := strings.HasPrefix(name, command)
	if ofCommand {
		allowed, known = commandMayImport[name]
	}
	if !known {
		t.Errorf("%s is not in the table of packages", name)
	}
	for _, path := range p.Imports {
		own, isOwn := strings.CutPrefix(path, "kivaform/")
		free := ofCommand && name != command && name != commandCLI && !strings.HasPrefix(own, command)
		if isOwn && !free && !slices.Contains(allowed, own) {
			t.Errorf("%s imports %s", name, own)
		}
		if alone, limited := onlyIn[path]; limited && !slices.Contains(alone, name) {
			t.Errorf("%s imports %s, which only %s may", name, path, strings.Join(alone, ", "))
		}
		if slices.Contains(onlyInTests, path) && !strings.HasSuffix(name, "test") {
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

// Only package main ends the program or uses the standard streams.
func TestOnlyMainTouchesTheProcess(t *testing.T) {
	ofMain := filepath.Join("..", "..", filepath.FromSlash(command))
	walkSources(t, func(path string) {
		if filepath.Dir(path) != ofMain {
			checkProcess(t, path)
		}
	})
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
			t.Errorf("%s: %s.%s belongs to package main", set.Position(n.Pos()), pkg.Name, sel.Sel.Name)
		}
		return true
	})
}
