// Package ledgertest is the conformance suite that every ledger store passes.
package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kivaform/apply/ledger"
)

// Run tests a store. open returns a store that holds nothing but what earlier
// calls for the same test created, so that calling it again is what another
// program does.
func Run(t *testing.T, open func(t *testing.T) func() ledger.Store) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, open func() ledger.Store)
	}{
		{"objects stay as created", objectsStay},
		{"nothing is created twice", createdOnce},
		{"lists by prefix", lists},
		{"keys of every form", keysOfEveryForm},
		{"one winner for each key", oneWinner},
		{"one winner for the same bytes", oneWinnerOfTheSame},
		{"a cancelled create leaves all or nothing", cancelled},
		{"keys that are none are refused", refused},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

func objectsStay(t *testing.T, open func() ledger.Store) {
	ctx, s := t.Context(), open()
	if _, err := s.Get(ctx, "a/b/c.json"); !errors.Is(err, ledger.ErrNotExist) {
		t.Errorf("Get of nothing: %v, want ErrNotExist", err)
	}
	for _, data := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("0123456789\x00\xff"), 50_000)} {
		key := fmt.Sprintf("a/b/%d.json", len(data))
		if err := s.Create(ctx, key, data); err != nil {
			t.Fatal(err)
		}
		for _, reader := range []ledger.Store{s, open()} {
			if got, err := reader.Get(ctx, key); err != nil || !bytes.Equal(got, data) {
				t.Errorf("Get %s: %d bytes, %v; want %d", key, len(got), err, len(data))
			}
		}
	}
}

func createdOnce(t *testing.T, open func() ledger.Store) {
	ctx := t.Context()
	if err := open().Create(ctx, "k.json", []byte("first")); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"second", "first"} {
		if err := open().Create(ctx, "k.json", []byte(data)); !errors.Is(err, ledger.ErrExists) {
			t.Errorf("Create again with %q: %v, want ErrExists", data, err)
		}
	}
	if got, _ := open().Get(ctx, "k.json"); string(got) != "first" {
		t.Errorf("the object became %q", got)
	}
}

func lists(t *testing.T, open func() ledger.Store) {
	ctx, s := t.Context(), open()
	if got := list(t, s, ""); len(got) != 0 {
		t.Errorf("an empty store lists %q", got)
	}
	keys := []string{"e/1/a.1.intent.json", "e/1/a.10.intent.json", "e/1/a.2.intent.json", "e/1/ab.1.intent.json", "e/10/a.1.intent.json", "f/x.json", "top.json"}
	for _, key := range keys {
		if err := s.Create(ctx, key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, prefix := range []string{"", "e/", "e/1", "e/1/", "e/1/a", "e/1/a.1.", "e/1/a.1", "f/x.json", "g", "e/2/", "to"} {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
		slices.Sort(want)
		for _, reader := range []ledger.Store{s, open()} {
			if got := list(t, reader, prefix); !slices.Equal(got, want) {
				t.Errorf("List %q: %q, want %q", prefix, got, want)
			}
		}
	}
	for key, err := range s.List(ctx, "e/") { // stopping early is no error
		if err != nil || key == "" {
			t.Errorf("%q %v", key, err)
		}
		break
	}
}

func keysOfEveryForm(t *testing.T, open func() ledger.Store) {
	ctx, s := t.Context(), open()
	keys := []string{
		"staging/145/loan_draft/3f/LOAN%2F12%2F2026.1.intent.json",
		"staging/145/loan_draft/3f/" + strings.Repeat("%D0%97", 10) + "~0123456789abcdef01234567.1.accepted-9c41b07e2d5a6f13.json",
		"staging/145/journals/all.1.intent.json",
		"UPPER/lower-_.9.json",
	}
	for _, key := range keys {
		if err := s.Create(ctx, key, []byte(key)); err != nil {
			t.Errorf("Create %s: %v", key, err)
		}
		if got, err := open().Get(ctx, key); err != nil || string(got) != key {
			t.Errorf("Get %s: %q, %v", key, got, err)
		}
	}
	slices.Sort(keys)
	if got := list(t, s, ""); !slices.Equal(got, keys) {
		t.Errorf("List: %q, want %q", got, keys)
	}
}

func oneWinner(t *testing.T, open func() ledger.Store) {
	const writers, keys = 8, 12
	ctx := t.Context()
	var wins [keys]atomic.Int32
	var wg sync.WaitGroup
	for w := range writers {
		s := open()
		wg.Go(func() {
			for k := range keys {
				key := fmt.Sprintf("race/%d.json", (k+w)%keys)
				switch err := s.Create(ctx, key, fmt.Appendf(nil, "by %d", w)); {
				case err == nil:
					wins[(k+w)%keys].Add(1)
					if got, err := s.Get(ctx, key); err != nil || string(got) != fmt.Sprintf("by %d", w) {
						t.Errorf("%s was won by %d and holds %q (%v)", key, w, got, err)
					}
				case !errors.Is(err, ledger.ErrExists):
					t.Errorf("Create %s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	for k := range wins {
		if n := wins[k].Load(); n != 1 {
			t.Errorf("key %d was created %d times", k, n)
		}
	}
}

// Programs that create the same bytes at the same moment are still two.
func oneWinnerOfTheSame(t *testing.T, open func() ledger.Store) {
	const writers, keys = 6, 5
	for k := range keys {
		key := fmt.Sprintf("same/%d.json", k)
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range writers {
			s := open()
			wg.Go(func() {
				switch err := s.Create(t.Context(), key, []byte("the same")); {
				case err == nil:
					wins.Add(1)
				case !errors.Is(err, ledger.ErrExists):
					t.Errorf("Create %s: %v", key, err)
				}
			})
		}
		wg.Wait()
		if n := wins.Load(); n != 1 {
			t.Errorf("%s was created %d times", key, n)
		}
	}
}

func cancelled(t *testing.T, open func() ledger.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := open()
	err := s.Create(ctx, "c.json", []byte("whole"))
	got, getErr := open().Get(t.Context(), "c.json")
	switch {
	case err == nil && string(got) != "whole":
		t.Errorf("created without error, and reads %q (%v)", got, getErr)
	case err != nil && getErr == nil && string(got) != "whole":
		t.Errorf("half an object: %q", got)
	}
}

func refused(t *testing.T, open func() ledger.Store) {
	for _, key := range []string{"", "/abs", "../up", "a/../b", "a//b", "./a", "a b", "a/.git/b", "ä", "a\n", "-x/.."} {
		if err := open().Create(t.Context(), key, nil); err == nil || errors.Is(err, ledger.ErrExists) {
			t.Errorf("Create %q: %v, want a refusal", key, err)
		}
	}
}

func list(t *testing.T, s ledger.Store, prefix string) []string {
	t.Helper()
	var keys []string
	for key, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
