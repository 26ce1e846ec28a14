package dirstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/apply/ledger/ledgertest"
)

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		root := filepath.Join(t.TempDir(), "new", "ledger")
		return func() ledger.Store { return dirstore.New(root) }
	})
}

// A program that was killed while it wrote leaves a temporary file, which is no
// object. Another one may be writing it, unless it is old: then it is removed.
func TestLeftovers(t *testing.T) {
	root := t.TempDir()
	young, old := filepath.Join(root, ".tmp-123"), filepath.Join(root, ".tmp-456")
	for _, name := range []string{young, old} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	s := dirstore.New(root)
	for key := range s.List(t.Context(), "") {
		t.Errorf("lists %q", key)
	}
	if err := s.Create(t.Context(), "a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(root, ".tmp-*"))
	if err != nil || !slices.Equal(left, []string{young}) {
		t.Errorf("left %q, %v; want only what another program may be writing", left, err)
	}
}

// Links among a ledger's files are refused, whatever they lead to: nothing is
// read or written elsewhere.
func TestLinks(t *testing.T) {
	const key = "e/145/loan_draft/L-1.1.intent.json"
	for _, link := range []string{"e", "e/145", "e/145/loan_draft", key} {
		root, outside := t.TempDir(), t.TempDir()
		target := filepath.Join(outside, "target")
		if link == key {
			if err := os.WriteFile(target, []byte("elsewhere"), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if err := os.MkdirAll(filepath.Join(target, strings.TrimPrefix(filepath.Dir(key), link)), 0o700); err != nil {
			t.Fatal(err)
		} else if err := os.WriteFile(filepath.Join(target, strings.TrimPrefix(key, link)), []byte("elsewhere"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, link)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		if data, err := dirstore.New(root).Get(t.Context(), key); err == nil || !strings.Contains(err.Error(), "symbolic link") {
			t.Errorf("%s is a link: read %q, %v", link, data, err)
		}
		for _, prefix := range []string{"", "e/", "e/145/", "e/145/loan_draft/L-1"} {
			var wrong error
			for _, err := range dirstore.New(root).List(t.Context(), prefix) {
				wrong = err
			}
			if wrong == nil || !strings.Contains(wrong.Error(), "symbolic link") {
				t.Errorf("%s is a link: listed below %q: %v", link, prefix, wrong)
			}
		}
		if err := dirstore.New(root).Create(t.Context(), "e/145/loan_draft/L-2.1.intent.json", []byte("x")); link != key && err == nil {
			t.Errorf("%s is a link: created", link)
		}
		if found, _ := filepath.Glob(filepath.Join(outside, "*", "L-2*")); len(found) > 0 {
			t.Errorf("%s is a link: wrote %q", link, found)
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	s := dirstore.New(b.TempDir())
	data := []byte(strings.Repeat("x", 1500))
	for i := 0; b.Loop(); i++ {
		if err := s.Create(b.Context(), fmt.Sprintf("e/%02x/%d.json", i%256, i), data); err != nil {
			b.Fatal(err)
		}
	}
}
