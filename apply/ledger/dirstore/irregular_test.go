//go:build unix

package dirstore_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/kiva/hint"
)

// What isn't a regular file among a ledger's files is refused without waiting
// for its other end, whether it is in the place of an object or of a folder.
func TestIrregularFiles(t *testing.T) {
	const key = "e/145/loan_draft/L-1.1.intent.json"
	for kind, make := range map[string]func(name string) error{
		"pipe": func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"socket": func(name string) error {
			t.Chdir(filepath.Dir(name)) // a socket's path is short
			l, err := net.Listen("unix", filepath.Base(name))
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		},
	} {
		for _, place := range []string{"e", "e/145", "e/145/loan_draft", key} {
			root := t.TempDir()
			if err := os.MkdirAll(filepath.Dir(filepath.Join(root, place)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := make(filepath.Join(root, place)); err != nil {
				t.Skipf("no %s here: %v", kind, err)
			}
			_, err := dirstore.New(root).Get(t.Context(), key)
			wantRefused(t, kind+" at "+place, err, "not a regular file")
			for _, prefix := range []string{"", "e/", "e/145/", "e/145/loan_draft/L-1"} {
				var wrong error
				for _, err := range dirstore.New(root).List(t.Context(), prefix) {
					wrong = err
				}
				wantRefused(t, kind+" at "+place+", listed below "+prefix, wrong, "not a regular file")
			}
			if place != key {
				err := dirstore.New(root).Create(t.Context(), key, []byte("x"))
				wantRefused(t, "created where a "+kind+" is at "+place, err, "not a regular file")
			}
		}
	}
}

func wantRefused(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || hint.Of(err) == "" {
		t.Errorf("%s: %v; hint: %q", what, err, hint.Of(err))
	}
}

// A file without end costs no memory, and one of any size no more time than the
// caller has.
func TestHugeObjects(t *testing.T) {
	root := t.TempDir()
	sparse := func(key string, size int64) {
		t.Helper()
		f, err := os.Create(filepath.Join(root, key))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Truncate(size); err != nil {
			t.Skip("no sparse files here: ", err)
		}
	}
	sparse("huge.json", 1<<40)
	sparse("over.json", ledger.MaxObject+1)
	sparse("most.json", ledger.MaxObject)
	s := dirstore.New(root)
	for _, key := range []string{"huge.json", "over.json"} {
		_, err := s.Get(t.Context(), key)
		wantRefused(t, key, err, filepath.Join(root, key)+" has more than 64 MiB")
	}
	if data, err := s.Get(t.Context(), "most.json"); err != nil || len(data) != ledger.MaxObject {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, "most.json"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
