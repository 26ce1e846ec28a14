package workspace

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kivaform/spec/load"
)

var small = Options{Drafts: 7, Rows: 30, Each: 3, Seed: 5, Today: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}

func written(t *testing.T, o Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// digest digests all files of a folder with their names.
func digest(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", strings.TrimPrefix(path, dir), len(data), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestTheSameSeedWritesTheSameBytes(t *testing.T) {
	o := small
	o.Photos = 1
	first := digest(t, written(t, o))
	if digest(t, written(t, o)) != first {
		t.Error("the same options wrote other bytes")
	}
	o.Seed++
	if digest(t, written(t, o)) == first {
		t.Error("another seed wrote the same bytes")
	}
}

// No part changes with the size of another, so that what was measured at one
// size says something about the next.
func TestPartsDontDependOnEachOther(t *testing.T) {
	fewer := small
	fewer.Drafts = 3
	for _, name := range []string{"repayments/2026-11.csv", "loans/000000.yaml"} {
		if a, b := read(t, written(t, small), name), read(t, written(t, fewer), name); !bytes.Equal(a, b) {
			t.Errorf("%s differs:\n%s\n%s", name, a, b)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestKivaformReadsIt(t *testing.T) {
	dir := written(t, small)
	set, err := load.Workspace(t.Context(), dir, load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Err(nil); err != nil {
		t.Fatal(err)
	}
	if len(set.Drafts) != small.Drafts || len(set.Reports) != 1 || len(set.Reports[0].Rows) != small.Rows {
		t.Errorf("%d drafts and %d reports were read", len(set.Drafts), len(set.Reports))
	}
}

func TestADraftIs27LinesAndAKilobyte(t *testing.T) {
	one := small
	one.Drafts = 1
	text := read(t, written(t, one), "loans/000000.yaml")
	if lines := bytes.Count(text, []byte("\n")); lines != 27 || len(text) < 950 || len(text) > 1100 {
		t.Errorf("%d lines, %d bytes", lines, len(text))
	}
}

func TestPhotosAreDifferentPicturesOf2MB(t *testing.T) {
	o := small
	o.Photos = pictures + 1
	dir := written(t, o)
	first, second, again := read(t, dir, photoFile(0)), read(t, dir, photoFile(1)), read(t, dir, photoFile(pictures))
	if bytes.Equal(first, again) {
		t.Error("two drafts have the same photo")
	}
	if bytes.Equal(first[1000:], second[1000:]) {
		t.Error("two photos differ in their comments only")
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(again)); err != nil || c.Width != 2000 || len(again) < 1_800_000 || len(again) > 2_500_000 {
		t.Errorf("%d bytes, %d pixels wide: %v", len(again), c.Width, err)
	}
}

func TestOptionsThatMeanNothing(t *testing.T) {
	for _, change := range []func(*Options){
		func(o *Options) { o.Drafts = -1 },
		func(o *Options) { o.Rows = -1 },
		func(o *Options) { o.Each = 0 },
		func(o *Options) { o.Photos = o.Drafts + 1 },
	} {
		o := small
		change(&o)
		if o.Check() == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if err := small.Check(); err != nil {
		t.Error(err)
	}
}
