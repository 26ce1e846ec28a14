package load

import (
	"image"
	"image/jpeg"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva/money"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/rule"
)

// TestRecall holds what is taken from the cache against what is read afresh,
// for every workspace of testdata, with and without a cache that has something.
func TestRecall(t *testing.T) {
	for name, workspace := range testWorkspaces(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := unpack(t, workspace)
			kept := t.TempDir()
			fresh := loadWith(t, dir, "", testNow)
			for _, when := range []string{"empty", "filled"} {
				if diff := cmp.Diff(fresh, loadWith(t, dir, kept, testNow)); diff != "" {
					t.Errorf("%s cache: %s", when, diff)
				}
			}
		})
	}
}

// smallPhoto returns a JPEG file.
func smallPhoto(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// testWorkspaces returns the workspaces of testdata and some of these tests.
func testWorkspaces(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{
		"full": archived(fullWorkspace),
		"small": {
			"kiva.yaml":  benchSettings,
			"loans.yaml": benchDraft(1) + "image: photo.jpg\n---\n" + benchDraft(2),
		},
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		workspace, _, _ := strings.Cut(string(data), "-- faults --\n")
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = archived(workspace)
	}
	return all
}

func unpack(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	return dir
}

func loadWith(t testing.TB, dir, kept string, now func() time.Time) *spec.Set {
	t.Helper()
	set, err := Workspace(t.Context(), dir, Options{Now: now, CacheDir: kept, Recall: kept != ""})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestRecallAfterChanges changes what documents are judged by, and holds a load
// with the cache of before against one that reads everything.
func TestRecallAfterChanges(t *testing.T) {
	const (
		catalog = "themes: [{theme_type_id: 48, theme_type: General}]\n"
		table   = "L-1,00884,500\n"
	)
	draft := benchDraft(1) + "image: photos/a.jpg\n"
	const unsigned = "defaults: {loan_draft: {client_waiver_signed: false}}\n" // a fault at kiva.yaml
	before := map[string]string{
		"kiva.yaml":       benchSettings + unsigned + "---\n" + benchDraft(7),
		"loans/c.yaml":    strings.Replace(benchDraft(3), "client_waiver_signed: true\n", "", 1),
		"catalog.yaml":    catalog,
		"loans/a.yaml":    draft,
		"loans/b.yaml":    benchDraft(2),
		"report.yaml":     "kind: RepaymentReport\nperiod: 2026-11\ncsv: rows.csv\n",
		"rows.csv":        table,
		"photos/a.jpg":    smallPhoto(t),
		"journals/a.yaml": "kind: Journal\nkey: visit\ninternal_loan_id: L-1\ninternal_client_id: \"1\"\nsubject: A\nbody: B\n",
	}
	for _, c := range []struct {
		name   string
		change func(files map[string]string)
		now    func() time.Time
	}{
		{name: "nothing", change: func(map[string]string) {}},
		{name: "settings", change: func(f map[string]string) {
			f["kiva.yaml"] = strings.Replace(f["kiva.yaml"], "three-column", "two-column", 1)
		}},
		{name: "a line above the defaults", change: func(f map[string]string) {
			f["kiva.yaml"] = "# a comment\n" + f["kiva.yaml"]
		}},
		{name: "the settings' name", change: func(f map[string]string) {
			f["kiva.yml"] = f["kiva.yaml"]
			delete(f, "kiva.yaml")
		}},
		{name: "catalogue", change: func(f map[string]string) {
			f["catalog.yaml"] = strings.Replace(catalog, "48", "49", 1)
		}},
		{name: "no catalogue", change: func(f map[string]string) { delete(f, "catalog.yaml") }},
		{name: "a file", change: func(f map[string]string) {
			f["loans/b.yaml"] = strings.Replace(f["loans/b.yaml"], "amount: 50000", "amount: x", 1)
		}},
		{name: "a file's place", change: func(f map[string]string) {
			f["loans/old/a.yaml"] = f["loans/a.yaml"]
			delete(f, "loans/a.yaml")
		}},
		{name: "a key in another file", change: func(f map[string]string) { f["loans/b.yaml"] = benchDraft(1) }},
		{name: "a table", change: func(f map[string]string) { f["rows.csv"] = table + "L-1,00884,600\n" }},
		{name: "no table", change: func(f map[string]string) { delete(f, "rows.csv") }},
		{name: "a photo", change: func(f map[string]string) { f["photos/a.jpg"] = "no photo" }},
		{name: "no photo", change: func(f map[string]string) { delete(f, "photos/a.jpg") }},
		{name: "a day", change: func(f map[string]string) {
			f["kiva.yaml"] = strings.Replace(f["kiva.yaml"], "environments: {sandbox: {today: 2026-11-20}}\n", "", 1)
		}, now: func() time.Time { return testNow().AddDate(0, 3, 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(before)
			dir, kept := unpack(t, files), t.TempDir()
			loadWith(t, dir, kept, testNow)
			c.change(files)
			for name := range before {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			for name, text := range files {
				write(t, filepath.Join(dir, name), text)
			}
			now := testNow
			if c.now != nil {
				now = c.now
			}
			if diff := cmp.Diff(loadWith(t, dir, "", now), loadWith(t, dir, kept, now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRecallOfTomorrow keeps what was judged one day and looks at it on another:
// only what depends on the day is judged again.
func TestRecallOfTomorrow(t *testing.T) {
	settings := strings.Replace(benchSettings, "environments: {sandbox: {today: 2026-11-20}}\n", "", 1)
	kept := t.TempDir()
	dir := unpack(t, map[string]string{"kiva.yaml": settings, "a.yaml": benchDraft(1)})
	loadWith(t, dir, kept, testNow)
	for _, days := range []int{-60, 0, 40, 41} {
		now := func() time.Time { return testNow().AddDate(0, 0, days) }
		got := loadWith(t, dir, kept, now)
		if diff := cmp.Diff(loadWith(t, dir, "", now), got); diff != "" {
			t.Errorf("%d days later: %s", days, diff)
		}
		wrong := slices.ContainsFunc(got.Faults, func(f *spec.Fault) bool { return f.Code == code.Disbursal.String() })
		if want := days == 41; wrong != want && days >= 0 {
			t.Errorf("%d days later: a fault of the disbursal: %t", days, wrong)
		}
	}
}

// TestRecallIsUsed makes sure that the tests above see the cache at work: an
// entry that holds something else is what a load returns.
func TestRecallIsUsed(t *testing.T) {
	kept := t.TempDir()
	dir := unpack(t, map[string]string{"kiva.yaml": benchSettings, "a.yaml": benchDraft(1)})
	loadWith(t, dir, kept, testNow)
	l, err := newLoader(t.Context(), dir, Options{Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	defer l.root.Close()
	l.openCache(Options{CacheDir: kept, Recall: true})
	l.keepFile("a.yaml", l.stampFile([]byte(benchDraft(1))), &documents{})
	if n := len(loadWith(t, dir, kept, testNow).Drafts); n != 0 {
		t.Errorf("%d drafts were read although nothing changed", n)
	}
	if n := len(loadWith(t, dir, t.TempDir(), testNow).Drafts); n != 1 {
		t.Errorf("%d drafts with another folder", n)
	}
}

// TestForgets makes sure that the cache holds nothing of a file that is gone.
func TestForgets(t *testing.T) {
	kept := t.TempDir()
	dir := unpack(t, map[string]string{"kiva.yaml": benchSettings, "a.yaml": benchDraft(1), "b.yaml": benchDraft(2)})
	loadWith(t, dir, kept, testNow)
	if got := entries(t, kept); got != 3 {
		t.Fatalf("%d entries for three files", got)
	}
	if err := os.Remove(filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	loadWith(t, dir, kept, testNow)
	if got := entries(t, kept); got != 2 {
		t.Errorf("%d entries for two files", got)
	}
}

func entries(t *testing.T, kept string) int {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(kept, checkedFolder))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestCompact writes and reads documents whose fields all hold something, so
// that a field that the compact form forgets is noticed. A draft's image is
// found anew each time.
func TestCompact(t *testing.T) {
	trip := func(seed uint64) bool {
		want := randomDocuments(t, seed)
		got, err := decodeCompact("a.yaml", string(want.encodeCompact("a.yaml")))
		if err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(want, got, cmp.AllowUnexported(documents{}, declaration{}, photoUse{}, disbursal{}))
		if diff != "" {
			t.Error(diff)
		}
		return diff == ""
	}
	if err := quick.Check(trip, nil); err != nil {
		t.Error(err)
	}
}

// TestCompactBroken reads forms that nothing writes.
func TestCompactBroken(t *testing.T) {
	whole := randomDocuments(t, 1).encodeCompact("a.yaml")
	for n := range whole {
		if _, err := decodeCompact("a.yaml", string(whole[:n])); err == nil {
			t.Fatalf("the first %d bytes of %d are taken for the whole", n, len(whole))
		}
	}
	for what, data := range map[string][]byte{
		"more than the whole":                    append(slices.Clone(whole), 0),
		"more drafts than there is memory":       {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},
		"a number that never ends":               slices.Repeat([]byte{0xFF}, 20),
		"a photo of a draft that isn't there":    (&documents{photos: []photoUse{{draft: 1}}}).encodeCompact("a.yaml"),
		"a disbursal of a draft that isn't here": (&documents{disbursals: []disbursal{{draft: 1}}}).encodeCompact("a.yaml"),
	} {
		if _, err := decodeCompact("a.yaml", string(data)); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func randomDocuments(t *testing.T, seed uint64) *documents {
	t.Helper()
	f := filler{rand.New(rand.NewPCG(seed, 1))}
	d := &documents{drafts: make([]*spec.LoanDraft, 3)}
	f.fill(reflect.ValueOf(&d.drafts).Elem())
	f.fill(reflect.ValueOf(&d.journals).Elem())
	f.fill(reflect.ValueOf(&d.reports).Elem())
	f.fill(reflect.ValueOf(&d.faults).Elem())
	d.faults[0].Pos.File = "a.yaml"
	d.declared = []declaration{{"loan_draft/1", spec.Pos{File: "a.yaml", Line: 3, Column: 5}}}
	d.photos = []photoUse{{2, "b.jpg", spec.Pos{File: "a.yaml", Line: 1 << 30, Column: 1}}}
	d.disbursals = []disbursal{{1, spec.Pos{File: "kiva.yaml", Line: 1, Column: 7}}}
	return d
}

// A filler sets values to something else than zero.
type filler struct{ *rand.Rand }

func (f filler) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case *spec.Image:
		return
	case money.Amount:
		v.Set(reflect.ValueOf(money.FromInt(1 + f.Int64N(1_000_000))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("é", 1+f.IntN(200)) + "\x00\n")
	case reflect.Int, reflect.Int32:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 3 {
			name, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(name)
			f.fill(value)
			v.SetMapIndex(name, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic("a kind of field that this test doesn't know: " + v.Kind().String())
	}
}

// FuzzExpanded reads any bytes as a compact form: there is an error or there
// are documents that come out the same again, and never a panic.
func FuzzExpanded(f *testing.F) {
	l := &loader{ctx: f.Context(), budget: newBudget(), set: &spec.Set{}, index: newIndex(nil), locales: rule.NewLocales(nil)}
	f.Add(l.parseDocuments("a.yaml", []byte(benchDraft(1))).encodeCompact("a.yaml"))
	f.Add(l.parseDocuments("a.yaml", []byte("kind: Journal\nimage: x\n")).encodeCompact("a.yaml"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decodeCompact("a.yaml", string(data))
		if err != nil {
			return
		}
		again, err := decodeCompact("a.yaml", string(d.encodeCompact("a.yaml")))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again, cmp.AllowUnexported(documents{}, declaration{}, photoUse{}, disbursal{})); diff != "" {
			t.Error(diff)
		}
	})
}

// TestBrokenDisbursal holds that a date that can't be read is one fault: the
// date that stands in for it isn't judged.
func TestBrokenDisbursal(t *testing.T) {
	set := load(t, "-- kiva.yaml --\n"+benchSettings+"defaults: {loan_draft: {disburse_time: 2020-01-01}}\n-- a.yaml --\n"+
		strings.Replace(benchDraft(1), "disburse_time: 2026-12-01", "disburse_time: soon", 1))
	for _, f := range set.Faults {
		if f.Code == code.Disbursal.String() {
			t.Error(f)
		}
	}
	if err := set.Err(nil); err == nil || !strings.Contains(err.Error(), "disburse_time: not a date") {
		t.Error(err)
	}
}
