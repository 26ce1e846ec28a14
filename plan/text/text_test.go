package text

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
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
	o    options
}{
	{"every-action", viewtest.EveryAction, options{}},
	{"every-action-shown", viewtest.EveryAction, options{Personal: true}},
	{"every-action-color", viewtest.EveryAction, options{Color: true}},
	{"every-action-40", viewtest.EveryAction, options{Width: 40, Personal: true}},
	{"every-action-120", viewtest.EveryAction, options{Width: 120, Personal: true}},
	{"every-action-full", viewtest.EveryAction, options{Full: true}},
	{"many-alike", viewtest.ManyAlike, options{}},
	{"many-alike-full", viewtest.ManyAlike, options{Full: true}},
	{"many-scripts", viewtest.ManyScripts, options{Personal: true}},
	{"many-scripts-40", viewtest.ManyScripts, options{Width: 1, Personal: true}},
	{"hostile", viewtest.HostileTexts, options{Personal: true}},
	{"unchanged", viewtest.UnchangedOnly, options{}},
	{"unchanged-full", viewtest.UnchangedOnly, options{Full: true}},
	{"empty", viewtest.NewPlan, options{}},
}

// TestText holds the text of some plans against testdata. Escape characters
// stand there as ␛.
func TestText(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(textOf(t, tt.plan(), tt.o), "\x1b", "␛")
			viewtest.Golden(t, *update, tt.name+".txt", got)
		})
	}
}

// options are Options, and whether personal values are shown.
type options struct {
	Width                 int
	Color, Full, Personal bool
}

func write(w io.Writer, p *plan.Plan, o options) error {
	return Write(w, view.New(p, view.Meta{}, o.Personal), Options{Width: o.Width, Color: o.Color, Full: o.Full})
}

func textOf(t testing.TB, p *plan.Plan, o options) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, p, o); err != nil {
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
	for _, p := range []*plan.Plan{viewtest.NewPlan(), viewtest.ManyRows(5_000)} {
		if err := write(w, p, options{Full: true}); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	}
}
