//go:build unix

package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kivaform/kiva/sandbox/internal/pa2"
)

// useFolder uses every file of a sandbox's folder.
func useFolder(dir string) error {
	s, err := Open(Options{Dir: dir})
	if err != nil {
		return err
	}
	if _, err := s.tokens.Keys.All(); err != nil {
		return err
	}
	p, err := s.photos.Keep([]byte("a photo"))
	if err == nil {
		_, err = s.photos.Get(p.Digest)
	}
	return err
}

// folderFiles are all files of a sandbox's folder.
var folderFiles = []string{"events.jsonl", "lock", "key.lock", "key.pem", "key.old.pem", filepath.Join("photos", pa2.Digest([]byte("a photo")))}

// A pipe in place of the sandbox's files is refused: opening it would wait for
// its other end, without end.
func TestPipesInTheFolder(t *testing.T) {
	for _, name := range append([]string{"photos"}, folderFiles...) {
		pipe := filepath.Join(t.TempDir(), name)
		dir := strings.TrimSuffix(pipe, name)
		if err := os.MkdirAll(filepath.Dir(pipe), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip("no pipes here: ", err)
		}
		if err := useFolder(dir); err == nil || name != "photos" && !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("%s is a pipe: %v", name, err)
		}
	}
}

// A file of any size in place of the sandbox's files costs no more memory than
// the sandbox's own could.
func TestHugeFilesInTheFolder(t *testing.T) {
	for _, name := range folderFiles {
		huge := filepath.Join(t.TempDir(), name)
		dir := strings.TrimSuffix(huge, name)
		if err := os.MkdirAll(filepath.Dir(huge), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(huge, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(huge, 1<<40); err != nil {
			t.Skip("no sparse files here: ", err)
		}
		isLock := strings.HasSuffix(name, "lock") // is never read
		if err := useFolder(dir); (err == nil) != isLock || err != nil && !strings.Contains(err.Error(), " MiB") {
			t.Errorf("%s is huge: %v", name, err)
		}
	}
}
