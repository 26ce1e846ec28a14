package load

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/field"
)

func TestDiscover(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{
		"kiva.yaml", "catalog.yaml", "a.yaml", "b.yml", "c.YAML", "d.txt", ".e.yaml", "sub/f.yaml", "sub/catalog.yaml",
		".git/g.yaml", "sub/.h/i.yaml", "other/kiva.yml", "other/deep/j.yaml", "ledger/kivaform-ledger.json", "ledger/deep/k.yaml", "records/kivaform-ledger.json", "records/145/l.json", "docs/l/m.yaml", "docs/n.yaml",
		"copied/kivaform-ledger.json", "copied/p.yaml", "copied/deep/q.yaml",
	} {
		write(t, filepath.Join(dir, file), "")
	}
	outside := t.TempDir()
	write(t, filepath.Join(outside, "o.yaml"), "")
	link(t, outside, filepath.Join(dir, "linked"))
	link(t, filepath.Join(outside, "o.yaml"), filepath.Join(dir, "out.yaml"))
	link(t, "a.yaml", filepath.Join(dir, "in.yaml"))
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	ignored := func(file string) bool { return matchGlob("docs/**/m.yaml", file) }
	isOwnLedger := func(file string) bool { return file == "ledger" || file == "records" }
	got, skipped, err := discoverFiles(t.Context(), root, ignored, isOwnLedger)
	want := []string{"a.yaml", "b.yml", "c.YAML", "docs/n.yaml", "in.yaml", "out.yaml", "sub/catalog.yaml", "sub/f.yaml"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found %v (%v), want %v", got, err, want)
	}
	var places []string
	for _, f := range skipped {
		places = append(places, f.Pos.File)
	}
	slices.Sort(places)
	if want := []string{"copied", "ledger/deep/k.yaml", "linked", "other"}; !slices.Equal(places, want) {
		t.Errorf("told of %v, want %v", places, want)
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

// TestLinksOut holds that nothing is read through a symbolic link that leaves
// the workspace.
func TestLinksOut(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "x"), "kind: Journal\n")
	write(t, filepath.Join(dir, "kiva.yaml"), "version: 1\n---\nkind: RepaymentReport\nperiod: 2026-11\ncsv: rows.csv\n---\nkind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5}]\nimage: face.jpg\n")
	for _, name := range []string{"a.yaml", "rows.csv", "face.jpg"} {
		link(t, filepath.Join(outside, "x"), filepath.Join(dir, name))
	}
	s, err := Workspace(t.Context(), dir, Options{Now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	const why = "leaves the workspace through a symbolic link; hint: keep the file in the workspace"
	want := strings.Join([]string{"a.yaml: " + why, "kiva.yaml:5:6: csv: " + why, "kiva.yaml:9:8: image: " + why}, "\n")
	if err := s.Err(nil); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Where kiva.yaml can't be read, its settings aren't said to be missing, nor the
// fields that its defaults give.
func TestNoWarningsWithoutSettings(t *testing.T) {
	dir := t.TempDir()
	draft := "kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 5}]\n---\nkind: Journal\nkey: a\ninternal_loan_id: L-1\nbody: b\n"
	write(t, filepath.Join(dir, "a.yaml"), draft)
	for settings, want := range map[string]bool{"version: 1\n": true, "version: 1\n  csv_format: three-column\n": false} {
		write(t, filepath.Join(dir, "kiva.yaml"), settings)
		s, err := Workspace(t.Context(), dir, Options{Now: testNow})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(s.Warnings(nil)) > 0; got != want || (s.Err(nil) == nil) != want {
			t.Errorf("%q: error %v, warnings %v", settings, s.Err(nil), s.Warnings(nil))
		}
	}
}

func TestIgnoredLedger(t *testing.T) {
	for _, ledger := range []string{"ledger", "./ledger/", "absolute"} {
		dir := t.TempDir()
		if ledger == "absolute" {
			ledger = filepath.Join(dir, "ledger")
		}
		write(t, filepath.Join(dir, "kiva.yaml"), "version: 1\nledger: "+ledger+"\n")
		write(t, filepath.Join(dir, "ledger", "a.yaml"), "nonsense\n")
		s, err := Workspace(t.Context(), dir, Options{})
		if err != nil || s.Err(nil) != nil || len(s.Faults) != 1 || s.Faults[0].Pos.File != "ledger/a.yaml" {
			t.Errorf("ledger %s: %v %v", ledger, err, s.Faults)
		}
	}
}

func TestMatchGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, file string
		want          bool
	}{
		{"docs", "docs", true},
		{"docs", "a/docs", false},
		{"*.yaml", "a.yaml", true},
		{"*.yaml", "a/b.yaml", false},
		{"**/*.yaml", "a.yaml", true},
		{"**/*.yaml", "a/b/c.yaml", true},
		{"docs/**", "docs", true},
		{"docs/**", "docs/a/b", true},
		{"docs/**", "doc/a", false},
		{"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true},
		{"a/**/z", "a/b/c/y", false},
		{"**", "x/y", true},
		{"a?c/[xy]", "abc/y", true},
		{"a?c/[xy]", "abc/z", false},
	} {
		if got := matchGlob(tt.pattern, tt.file); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.pattern, tt.file, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, s := range []string{"São Paulo: Brazil", "sao paulo: brazil", " SÃO  PAULO: BRAZIL\t", "Sa\u0303o Paulo: Brazil"} {
		if got := foldName(s); got != "sao paulo: brazil" {
			t.Errorf("%q folds to %q", s, got)
		}
	}
}

func TestPhotos(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "kiva.yaml"), "version: 1\nphotos: {max_pixels: 32}\n")
	write(t, filepath.Join(dir, "loans", "a.yaml"), `kind: LoanDraft
entreps: [{loan_id: L-1, amount: 5}]
image: ../photos/1.jpg
---
kind: LoanDraft
entreps: [{loan_id: L-2, amount: 5}]
image: ../photos/1.jpg
---
kind: LoanDraft
entreps: [{loan_id: L-3, amount: 5}]
image: ../photos/bad.jpg
`)
	write(t, filepath.Join(dir, "photos", "bad.jpg"), "not a picture")
	file, err := os.Create(filepath.Join(dir, "photos", "1.jpg")) // a PNG, whatever its name
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	kept := t.TempDir()
	s, err := Workspace(t.Context(), dir, Options{Now: testNow, CacheDir: kept})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range s.Drafts[:2] {
		i := d.Image
		if i == nil || i.File != "photos/1.jpg" || i.Width != 32 || i.Height != 24 || i.Bytes == 0 || len(i.Digest) != 64 {
			t.Errorf("%s: %+v", d.Address(), i)
		}
		fields := field.Values(d)
		n := slices.IndexFunc(fields, func(f spec.Field) bool { return f.Path == "image" })
		if n < 0 || fields[n].Value != i.Digest || fields[n].Kind != spec.Photo || !fields[n].Personal || !strings.Contains(fields[n].Show, "32×24") {
			t.Errorf("fields: %+v", fields)
		}
	}
	var faults []string
	for _, f := range s.Faults {
		if f.Severity == spec.Error {
			faults = append(faults, f.Pos.String()+" "+f.Path+" "+f.Code+" "+string(f.Address))
		}
	}
	if want := []string{"loans/a.yaml:11:8 image KF058 loan_draft/L-3"}; !slices.Equal(faults, want) {
		t.Errorf("faults %v, want %v", faults, want)
	}
	if facts, err := os.ReadDir(filepath.Join(kept, photosFolder)); err != nil || len(facts) != 1 {
		t.Errorf("kept %v, %v; want the facts of one photo", facts, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".kivaform")); err == nil {
		t.Error("something was kept in the workspace")
	}
	if uri, err := s.DataURI(s.Drafts[0].Image); err != nil || !strings.HasPrefix(uri, "data:image/png;base64,") {
		t.Errorf("sent as %.40s (%v)", uri, err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, image.NewGray(image.Rect(0, 0, 320, 240))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DataURI(s.Drafts[0].Image); !errors.Is(err, spec.ErrPhotoChanged) {
		t.Errorf("a photo that changed: %v", err)
	}
}

// TestGroupOverflow holds that a sum beyond an amount's range is refused
// rather than wrapped around.
func TestGroupOverflow(t *testing.T) {
	member := "  - {first_name: Mary, amount: 999999999999}\n"
	s := load(t, "-- kiva.yaml --\nversion: 1\n-- a.yaml --\nkind: LoanDraft\ngroup_name: G\ninternal_loan_id: G-1\nentreps:\n"+strings.Repeat(member, 923)+
		"not_pictured: ["+strings.Repeat("true, ", 923)+"]\n")
	const want = "a.yaml:927:32: entreps[922].amount: the loan's amount is too large"
	if err := s.Err(nil); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestPersonal holds that no fault repeats a personal value.
func TestPersonal(t *testing.T) {
	s := load(t, `
-- kiva.yaml --
version: 1
-- a.yaml --
kind: LoanDraft
entreps:
  - {loan_id: L-1, first_name: [Qsecret], last_name: Qsecret, gender: Qsecret, amount: 1}
group_name: "Qsecret\0"
loanuse: Qsecret
description: "Qsecret is Qsecret"
image_encoded: Qsecret
image_url: Qsecret
---
kind: Journal
key: a
subject: {Qsecret: Qsecret}
body: "Qsecret\x07"
`)
	if text := describe(s); strings.Contains(text, "Qsecret") || len(s.Faults) < 9 {
		t.Errorf("faults repeat personal values, or are too few:\n%s", text)
	}
}

// TestBelowAWorkspace asks for a folder within a workspace: whoever makes another
// one there would hide its documents from the first.
func TestBelowAWorkspace(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "loans", "2026")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	hint := func() string {
		t.Helper()
		_, err := Workspace(t.Context(), inner, Options{})
		fault := (*spec.Fault)(nil)
		if !errors.As(err, &fault) {
			t.Fatal(err)
		}
		return fault.Remedy
	}
	if got := hint(); !strings.Contains(got, "kivaform init") {
		t.Errorf("without any workspace: %s", got)
	}
	write(t, filepath.Join(dir, "kiva.yaml"), "version: 1\n")
	if got, want := hint(), "kivaform -C "+dir; !strings.HasSuffix(got, want) {
		t.Errorf("below a workspace: %s, want %s", got, want)
	}
}
