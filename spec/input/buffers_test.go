package input_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"kivaform/spec/input"
)

// TestBuffers reads files of many sizes, larger ones before smaller ones and
// several at once: each is read whole and alone.
func TestBuffers(t *testing.T) {
	dir := t.TempDir()
	sizes := []int{100_000, 0, 1, 4096, 70_000, 4095, 4097, 3}
	for i, n := range sizes {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), bytes.Repeat([]byte{byte('a' + i)}, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var b input.Buffers
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, n := range sizes {
				err := b.Read(t.Context(), root, fmt.Sprint(i), 1<<20, func(data []byte) {
					if !bytes.Equal(data, bytes.Repeat([]byte{byte('a' + i)}, n)) {
						t.Errorf("file %d of %d bytes: %d bytes, or others", i, n, len(data))
					}
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := b.Read(t.Context(), root, "none", 1<<20, func([]byte) { t.Error("a file that isn't there was read") }); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
