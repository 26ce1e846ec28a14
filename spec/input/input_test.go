package input_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"kivaform/spec/input"
)

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// TestOpenIrregular holds that nothing but a regular file is opened, and that
// opening a pipe which nobody writes to doesn't wait.
func TestOpenIrregular(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	makePipe(t, filepath.Join(dir, "pipe"))
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Skip("no sockets with names here:", err)
	}
	defer socket.Close()
	root := openRoot(t, dir)
	for name, want := range map[string]error{"folder": input.ErrFolder, "pipe": input.ErrIrregular, "socket": input.ErrIrregular} {
		if f, err := input.Open(root, name); !errors.Is(err, want) {
			t.Errorf("%s: %v, %v", name, f, err)
		}
		if data, err := input.ReadNamed(t.Context(), filepath.Join(dir, name), 10); !errors.Is(err, want) {
			t.Errorf("%s by its whole name: %q, %v", name, data, err)
		}
	}
	if data, err := input.ReadNamed(t.Context(), os.DevNull, 10); !errors.Is(err, input.ErrIrregular) {
		t.Errorf("%s: %q, %v", os.DevNull, data, err)
	}
}

// TestReadBounds reads files of about the limit, and one that would fill any
// disk.
func TestReadBounds(t *testing.T) {
	const limit = 3 << 20
	for size, ok := range map[int64]bool{0: true, limit - 1: true, limit: true, limit + 1: false, 100 << 30: false} {
		name := filepath.Join(t.TempDir(), "sparse")
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil {
			t.Skip("no sparse files here:", err)
		}
		data, err := input.ReadNamed(t.Context(), name, limit)
		if tooLarge := errors.As(err, new(*input.TooLargeError)); tooLarge == ok || ok && int64(len(data)) != size {
			t.Errorf("%d bytes: read %d, %v", size, len(data), err)
		}
	}
}

// TestReadUntilTheContextEnds ends the context while a file is read.
func TestReadUntilTheContextEnds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "long")
	if err := os.WriteFile(name, bytes.Repeat([]byte{'a'}, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx := &endingContext{Context: t.Context(), left: 3}
	data, err := input.ReadAll(ctx, f, nil, 1<<30)
	if !errors.Is(err, context.Canceled) || len(data) == 0 || len(data) > 4<<20 {
		t.Errorf("read %d bytes: %v", len(data), err)
	}
}

// An endingContext ends when it has been asked a number of times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestIsHidden(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".git/config", "photos/a.jpg", "photos/.b.jpg", ".env"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"rows.csv": ".git/config", "photos/env": "../.env", "g": ".git", "photos/up": "..",
		"loop": "loop", "fine": "photos/../photos/a.jpg", "twice": "g/config",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	root := openRoot(t, dir)
	for name, want := range map[string]bool{
		".git/config": true, "photos/a.jpg": false, "photos/.b.jpg": true, ".env": true, "photos/../.env": true,
		"rows.csv": true, "photos/env": true, "g/config": true, "photos/up/.env": true, "photos/up/g/config": true,
		"twice": true, "loop": false, "fine": false, "none": false, "none/.git": true,
	} {
		if got := input.IsHidden(root, name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
