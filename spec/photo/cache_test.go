package photo_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/spec/photo"
)

// cached inspects a photo with a new cache and returns both.
func cached(t *testing.T) (file, dir string, facts photo.Photo) {
	t.Helper()
	file = write(t, asJPEG(quarters(64, 48)))
	dir = filepath.Join(t.TempDir(), "not", "there yet")
	return file, dir, inspectOK(t, file, photo.Limits{}, dir)
}

func inspectOK(t *testing.T, file string, limits photo.Limits, dir string) photo.Photo {
	t.Helper()
	p, err := inspectFile(file, limits, dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// entries returns the files of a cache.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCacheHit changes what was kept: where the change comes back, nothing was
// decoded.
func TestCacheHit(t *testing.T) {
	file, dir, facts := cached(t)
	kept := entries(t, dir)
	if len(kept) != 1 {
		t.Fatalf("%d files in the cache, want 1", len(kept))
	}
	data, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept[0], bytes.Replace(data, []byte(":64,"), []byte(":6400,"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := inspectOK(t, file, photo.Limits{}, dir); again.Width != 6400 {
		t.Errorf("the second time %+v: not from the cache", again)
	}
	if sent, _, err := encodeFile(file, photo.Limits{}); err != nil || sent != facts {
		t.Errorf("Encode believed the cache: %+v, %v", sent, err)
	}
	if other := inspectOK(t, file, photo.Limits{MaxPixels: 32}, dir); other.Width != 32 {
		t.Errorf("under other limits %+v", other)
	}
	inspectOK(t, write(t, asPNG(quarters(64, 48))), photo.Limits{}, dir)
	copied := filepath.Join(t.TempDir(), "elsewhere.png")
	if err := os.Rename(file, copied); err != nil {
		t.Fatal(err)
	}
	if moved := inspectOK(t, copied, photo.Limits{}, dir); moved.Width != 6400 {
		t.Errorf("after a move %+v: not from the cache", moved)
	}
}

// TestCacheSeesContent replaces a photo by another of the same size and time.
func TestCacheSeesContent(t *testing.T) {
	data := asJPEG(quarters(64, 48))
	file, dir, before := cached(t)
	then := time.Unix(1_700_000_000, 0)
	data = append(data[:len(data)-2], 0xff, 0xd8)
	for _, content := range [][]byte{data, asJPEG(quarters(64, 48)), asPNG(quarters(64, 48))} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, then, then); err != nil {
			t.Fatal(err)
		}
		p, err := inspectFile(file, photo.Limits{}, dir)
		want, _, wantErr := encodeFile(file, photo.Limits{})
		if p != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%+v, %v; without a cache %+v, %v", p, err, want, wantErr)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if p, err := inspectFile(file, photo.Limits{}, dir); err == nil {
		t.Errorf("a file that is gone: %+v, as %+v", p, before)
	}
}

func TestCacheDamaged(t *testing.T) {
	file, dir, facts := cached(t)
	kept := entries(t, dir)[0]
	good, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "{", "null", "[]", "{}", string(good[:len(good)/2]), "\x00\x00\x00",
		strings.Replace(string(good), facts.Digest, strings.Repeat("0", 64), 1),
		strings.Replace(string(good), "image/jpeg", "text/html", 1),
		strings.Replace(string(good), ":64,", ":-64,", 1),
	} {
		if err := os.WriteFile(kept, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if p := inspectOK(t, file, photo.Limits{}, dir); p != facts {
			t.Errorf("with %q in the cache: %+v, want %+v", bad, p, facts)
		}
		if mended, err := os.ReadFile(kept); err != nil || !bytes.Equal(mended, good) {
			t.Errorf("%q wasn't mended: %q, %v", bad, mended, err)
		}
	}
}

// TestCacheCannotBeWritten has a file in the place of the folder.
func TestCacheCannotBeWritten(t *testing.T) {
	file, _, facts := cached(t)
	if p := inspectOK(t, file, photo.Limits{}, file); p != facts {
		t.Errorf("%+v, want %+v", p, facts)
	}
	dir := t.TempDir()
	inspectOK(t, file, photo.Limits{}, dir)
	kept := entries(t, dir)[0]
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(kept, 0o700); err != nil { // can't be replaced by a file
		t.Fatal(err)
	}
	if p := inspectOK(t, file, photo.Limits{}, dir); p != facts {
		t.Errorf("%+v, want %+v", p, facts)
	}
	if left := entries(t, dir); len(left) != 1 {
		t.Errorf("something was left behind: %q", left)
	}
}

func TestCacheShared(t *testing.T) {
	file, dir, facts := cached(t)
	for range 5 {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if p, err := inspectFile(file, photo.Limits{}, dir); err != nil || p != facts {
					t.Errorf("%+v, %v; want %+v", p, err, facts)
				}
			})
		}
		wg.Wait()
		if left := entries(t, dir); len(left) != 1 {
			t.Errorf("%d files, want 1: %q", len(left), left)
		}
	}
}
