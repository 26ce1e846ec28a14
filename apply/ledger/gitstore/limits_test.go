package gitstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

// store writes an object into a bare repository, and returns its id.
func store(t *testing.T, bare, kind string, content io.Reader) string {
	t.Helper()
	cmd := exec.Command("git", "-C", bare, "hash-object", "-w", "-t", kind, "--stdin")
	cmd.Stdin = content
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(id))
}

// folder writes a tree of entries "MODE TYPE ID" by their names.
func folder(t *testing.T, bare string, entries map[string]string) string {
	t.Helper()
	var list strings.Builder
	for name, entry := range entries {
		fmt.Fprintf(&list, "%s\t%s\n", entry, name)
	}
	cmd := exec.Command("git", "-C", bare, "mktree")
	cmd.Stdin = strings.NewReader(list.String())
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(id))
}

func file(id string) string      { return "100644 blob " + id }
func subfolder(id string) string { return "040000 tree " + id }

// push makes a tree what the ledger's branch has now.
func push(t *testing.T, bare, tree string) {
	t.Helper()
	args := []string{"commit-tree", "-m", "x", tree}
	if before, err := exec.Command("git", "-C", bare, "rev-parse", "--verify", "--quiet", "refs/heads/kivaform-ledger").Output(); err == nil {
		args = append(args, "-p", strings.TrimSpace(string(before)))
	}
	git(t, bare, "update-ref", "refs/heads/kivaform-ledger", strings.TrimSpace(git(t, bare, args...)))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func wantTooLarge(t *testing.T, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || hint.Of(err) == "" {
		t.Errorf("%s: %v; hint: %q; want %q", what, err, hint.Of(err), text)
	}
}

// An object that takes some kilobytes in git and a lot of memory elsewhere is
// not read, whichever way it is asked for. Others are, and when the branch is
// rid of it, everything is as before.
func TestHugeObjects(t *testing.T) {
	bare := remote(t)
	dir := clone(t, "file://"+bare)
	huge := file(store(t, bare, "blob", io.LimitReader(zeros{}, ledger.MaxObject+1)))
	most := file(store(t, bare, "blob", io.LimitReader(zeros{}, ledger.MaxObject)))
	small := file(store(t, bare, "blob", strings.NewReader("x")))
	push(t, bare, folder(t, bare, map[string]string{ledger.HeaderKey: huge, "huge.json": huge, "most.json": most, "small.json": small}))
	s := open(t, dir)
	_, err := s.Get(t.Context(), ledger.HeaderKey)
	wantTooLarge(t, "header", err, ledger.HeaderKey+" has more than 64 MiB")
	must(t, s.Preload(t.Context(), []string{ledger.HeaderKey, "huge.json", "small.json"}))
	_, err = s.Get(t.Context(), "huge.json")
	wantTooLarge(t, "preloaded", err, "huge.json has more than 64 MiB")
	if data, err := s.Get(t.Context(), "small.json"); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := s.Get(t.Context(), "most.json"); err != nil || len(data) != ledger.MaxObject {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	must(t, s.Close())
	push(t, bare, folder(t, bare, map[string]string{"small.json": small}))
	if _, err := open(t, dir).Get(t.Context(), ledger.HeaderKey); !errors.Is(err, ledger.ErrNotExist) {
		t.Errorf("after the object went: %v", err)
	}
}

// Objects that are too much together are read one after another, and no more
// of them are held for later than fits.
func TestManyLargeObjects(t *testing.T) {
	const size = 30 << 20
	bare := remote(t)
	s := open(t, clone(t, "file://"+bare))
	files := make(map[string]string)
	for i := range 3 {
		files[fmt.Sprintf("%d.json", i)] = file(store(t, bare, "blob", bytes.NewReader(bytes.Repeat([]byte{byte(i)}, size))))
	}
	push(t, bare, folder(t, bare, files))
	for range s.List(t.Context(), "") {
	}
	before := heap()
	must(t, s.Preload(t.Context(), slices.Sorted(maps.Keys(files))))
	if held := heap() - before; held < size || held > ledger.MaxObject+8<<20 {
		t.Errorf("%d MiB are held", held>>20)
	}
	var gets sync.WaitGroup
	for range 2 {
		for i := range 3 {
			gets.Go(func() {
				if data, err := s.Get(t.Context(), fmt.Sprintf("%d.json", i)); err != nil || len(data) != size || data[size-1] != byte(i) {
					t.Errorf("%d: %d bytes, %v", i, len(data), err)
				}
			})
		}
		gets.Wait() // what was held is read from git the second time
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A folder that is in itself many times has names without end.
func TestManyNames(t *testing.T) {
	bare := remote(t)
	s := open(t, clone(t, "file://"+bare))
	entry := file(store(t, bare, "blob", strings.NewReader("x")))
	for range 6 { // a million names of 198 bytes
		names := make(map[string]string)
		for i := range 10 {
			names[fmt.Sprintf("%032d", i)] = entry
		}
		entry = subfolder(folder(t, bare, names))
	}
	push(t, bare, strings.Fields(entry)[2])
	n, last := 0, error(nil)
	for _, err := range s.List(t.Context(), "") {
		n, last = n+1, err
	}
	wantTooLarge(t, fmt.Sprintf("%d names", n), last, "git ls-tree: the answer has more than 128 MiB")
}

// A folder of too many entries isn't searched.
func TestHugeFolder(t *testing.T) {
	bare := remote(t)
	s := open(t, clone(t, "file://"+bare))
	id := store(t, bare, "blob", strings.NewReader("x"))
	raw := make([]byte, 20)
	if _, err := fmt.Sscanf(id, "%40x", &raw); err != nil {
		t.Fatal(err)
	}
	var tree bytes.Buffer
	for i := 0; tree.Len() <= ledger.MaxObject; i++ {
		fmt.Fprintf(&tree, "100644 %0240d\x00%s", i, raw)
	}
	push(t, bare, folder(t, bare, map[string]string{"a": subfolder(store(t, bare, "tree", &tree))}))
	_, err := s.Get(t.Context(), "a/b.json")
	wantTooLarge(t, "Get", err, "the folder /a has more than 64 MiB")
	wantTooLarge(t, "Create", s.Create(t.Context(), "a/b.json", nil), "the folder /a has more than 64 MiB")
}

// When all callers gave up and the store is closed, git doesn't go on waiting
// for a host.
func TestCloseEndsFetches(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(ended)
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	dir := clone(t, remote(t))
	git(t, dir, "remote", "set-url", "origin", server.URL+"/"+filepath.Base(dir))
	s := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	if _, err := s.Get(ctx, "a.json"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	must(t, s.Close())
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("git still waits")
	}
}
