package render

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"

	"kivaform/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	flag.Parse()
	// The locale says how wide some marks are; here they are one column wide.
	runewidth.DefaultCondition.EastAsianWidth = false
	os.Exit(m.Run())
}

var golden = []struct {
	name string
	plan func() *plan.Plan
	o    Options
}{
	{"every-action", everyAction, Options{}},
	{"every-action-shown", everyAction, Options{Personal: true}},
	{"every-action-color", everyAction, Options{Color: true}},
	{"every-action-40", everyAction, Options{Width: 40, Personal: true}},
	{"every-action-120", everyAction, Options{Width: 120, Personal: true}},
	{"every-action-full", everyAction, Options{Full: true}},
	{"many-alike", manyAlike, Options{}},
	{"many-alike-full", manyAlike, Options{Full: true}},
	{"many-scripts", manyScripts, Options{Personal: true}},
	{"many-scripts-40", manyScripts, Options{Width: 1, Personal: true}},
	{"hostile", hostileTexts, Options{Personal: true}},
	{"unchanged", unchangedOnly, Options{}},
	{"unchanged-full", unchangedOnly, Options{Full: true}},
	{"empty", newPlan, Options{}},
}

// TestText holds the text of some plans against testdata. Escape characters
// stand there as ␛.
func TestText(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(textOf(t, tt.plan(), tt.o), "\x1b", "␛")
			holdAgainst(t, tt.name+".txt", got)
		})
	}
}

// holdAgainst compares a text with a file of testdata.
func holdAgainst(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Error(diff)
	}
}

func textOf(t testing.TB, p *plan.Plan, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every golden file belongs to a plan.
func TestNoGoldenFileIsLeftOver(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != len(golden) {
		t.Errorf("%d files for %d plans (%v)", len(files), len(golden), err)
	}
}

func TestTextReturnsTheWritersError(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("broken")
	r.CloseWithError(broken)
	for _, p := range []*plan.Plan{newPlan(), manyRows(5_000)} {
		if err := Text(w, p, Options{Full: true}); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	}
}
