package gitstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/gitstore"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/kiva/hint"
)

// A host serves a bare repository over HTTP, as the well-known hosts do, and
// fails at pushes as a test says.
type host struct {
	url     string
	backend http.Handler

	mu    sync.Mutex
	fault func(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request))
	times int // how often the fault is still to happen
	deaf  int // how many requests of fetches are still to break off
}

func serve(t *testing.T, bare string) *host {
	t.Helper()
	git(t, bare, "config", "http.receivepack", "true")
	core := strings.TrimSpace(git(t, bare, "--exec-path"))
	h := &host{backend: &cgi.Handler{
		Path: filepath.Join(core, "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.url = server.URL + "/" + filepath.Base(bare)
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.breaksOff(r) {
		panic(http.ErrAbortHandler)
	}
	if fault := h.take(r); fault != nil {
		fault(w, r, h.backend.ServeHTTP)
		return
	}
	h.backend.ServeHTTP(w, r)
}

// failFetches makes the next requests of fetches break off.
func (h *host) failFetches(times int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = times
}

func (h *host) breaksOff(r *http.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deaf == 0 || r.URL.Query().Get("service") != "git-upload-pack" {
		return false
	}
	h.deaf--
	return true
}

// fail makes the next pushes fail.
func (h *host) fail(times int, fault func(http.ResponseWriter, *http.Request, func(http.ResponseWriter, *http.Request))) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.times, h.fault = times, fault
}

func (h *host) left() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.times
}

func (h *host) take(r *http.Request) func(http.ResponseWriter, *http.Request, func(http.ResponseWriter, *http.Request)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.times == 0 || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
		return nil
	}
	h.times--
	return h.fault
}

func TestConformanceOverHTTP(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) func() ledger.Store {
		address := serve(t, remote(t)).url
		return func() ledger.Store { return open(t, clone(t, address)) }
	})
}

// A push breaks off: before the host has it, or before its answer arrives.
// Another program creates the same bytes in between.
func TestPushLost(t *testing.T) {
	for _, tt := range []struct {
		name     string
		arrives  bool
		other    bool
		otherErr error
		want     error
	}{
		{name: "before"},
		{name: "before, and another is faster", other: true, want: ledger.ErrExists},
		{name: "after", arrives: true},
		{name: "after, and another comes too late", arrives: true, other: true, otherErr: ledger.ErrExists},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, remote(t))
			s, other := open(t, clone(t, h.url)), open(t, clone(t, h.url))
			if err := other.Create(t.Context(), "kivaform-ledger.json", nil); err != nil {
				t.Fatal(err)
			}
			h.fail(1, func(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request)) {
				if tt.arrives {
					serve(httptest.NewRecorder(), r)
				}
				if tt.other {
					if err := other.Create(context.Background(), "a.json", []byte("bytes of both")); !errors.Is(err, tt.otherErr) {
						t.Errorf("the other: %v, want %v", err, tt.otherErr)
					}
				}
				panic(http.ErrAbortHandler)
			})
			if err := s.Create(t.Context(), "a.json", []byte("bytes of both")); !errors.Is(err, tt.want) {
				t.Errorf("Create: %v, want %v", err, tt.want)
			}
			if h.left() != 0 {
				t.Error("nothing broke off")
			}
			if got, err := s.Get(t.Context(), "a.json"); err != nil || string(got) != "bytes of both" {
				t.Errorf("Get: %q, %v", got, err)
			}
		})
	}
}

// A push arrives, its answer is lost, and so is the fetch that would tell. When
// the host answers again, the object is found to be ours; where it doesn't,
// nobody says that nothing was created.
func TestPushAndFetchLost(t *testing.T) {
	for _, tt := range []struct {
		name  string
		begun bool // the branch is there
		other bool // another program goes on from our commit
		lost  int  // fetches
		want  string
	}{
		{name: "new branch", lost: 1},
		{name: "new branch, and the host stays away", lost: 2, want: "it is not known whether it was created"},
		{name: "branch that is there", begun: true, lost: 1},
		{name: "branch that went on", begun: true, other: true, lost: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := serve(t, remote(t))
			s, other := open(t, clone(t, h.url)), open(t, clone(t, h.url))
			if tt.begun {
				must(t, s.Create(t.Context(), "kivaform-ledger.json", nil))
			}
			h.fail(1, func(_ http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request)) {
				serve(httptest.NewRecorder(), r)
				if tt.other {
					if err := other.Create(context.Background(), "b.json", nil); err != nil {
						t.Error(err)
					}
				}
				h.failFetches(tt.lost)
				panic(http.ErrAbortHandler)
			})
			err := s.Create(t.Context(), "a.json", []byte("ours"))
			h.failFetches(0)
			if err == nil && tt.want != "" || err != nil && (tt.want == "" || !strings.Contains(hint.Text(err), tt.want)) {
				t.Errorf("Create: %v, want %q", err, tt.want)
			}
			for _, each := range []ledger.Store{s, other} {
				if err := each.Create(t.Context(), "a.json", []byte("ours")); !errors.Is(err, ledger.ErrExists) {
					t.Errorf("Create again: %v, want ErrExists", err)
				}
			}
		})
	}
}

// A host that never takes a push is an error with a remedy, soon.
func TestNoRightToPush(t *testing.T) {
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"403": func(w http.ResponseWriter) { http.Error(w, "no", http.StatusForbidden) },
		"401": func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "no", http.StatusUnauthorized)
		},
	} {
		h := serve(t, remote(t))
		h.fail(1<<30, func(w http.ResponseWriter, _ *http.Request, _ func(http.ResponseWriter, *http.Request)) { refuse(w) })
		s := open(t, clone(t, h.url))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := s.Create(ctx, "a.json", nil); err == nil || !strings.Contains(hint.Text(err), "hint: the ledger's branch needs a remote that you may push to") {
			t.Errorf("%s: %v", name, err)
		}
		for key := range s.List(t.Context(), "") {
			t.Errorf("%s: lists %s", name, key)
		}
	}
}

// A hook of the host that declines says why.
func TestHookDeclines(t *testing.T) {
	bare := remote(t)
	if err := os.MkdirAll(filepath.Join(bare, "hooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bare, "hooks", "pre-receive"), []byte("#!/bin/sh\necho the branch is protected >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, clone(t, bare))
	if err := s.Create(t.Context(), "a.json", nil); err == nil || !strings.Contains(hint.Text(err), "declined") {
		t.Errorf("%v", err)
	}
}

// A caller whose time is over gets away, although git still waits.
func TestGivesUpInTime(t *testing.T) {
	h := serve(t, remote(t))
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	h.fail(1, func(http.ResponseWriter, *http.Request, func(http.ResponseWriter, *http.Request)) { <-release })
	s := open(t, clone(t, h.url))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if err := s.Create(ctx, "a.json", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// What a killed program leaves behind stops nobody: its locks, half a
// repository, or a damaged one.
func TestLeftoversStopNobody(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, repo string){
		"locks": func(t *testing.T, repo string) {
			for _, lock := range []string{"refs/kivaform/tip.lock", "shallow.lock", "config.lock", "packed-refs.lock", "gc.pid.lock"} {
				must(t, os.WriteFile(filepath.Join(repo, lock), nil, 0o600))
			}
		},
		"half a repository": func(t *testing.T, repo string) { must(t, os.RemoveAll(filepath.Join(repo, "refs"))) },
		"no objects":        func(t *testing.T, repo string) { must(t, os.RemoveAll(filepath.Join(repo, "objects"))) },
		"an empty reference": func(t *testing.T, repo string) {
			must(t, os.WriteFile(filepath.Join(repo, "refs", "kivaform", "tip"), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			address := "file://" + remote(t)
			dir := clone(t, address)
			first := open(t, dir)
			must(t, first.Create(t.Context(), "a.json", []byte("x")))
			must(t, first.Close())
			must(t, open(t, clone(t, address)).Create(t.Context(), "c.json", []byte("z")))
			repos, _ := filepath.Glob(filepath.Join(dir, ".kivaform", "cache", "git-*-0"))
			if len(repos) != 1 {
				t.Fatalf("%q", repos)
			}
			damage(t, repos[0])
			second := open(t, dir)
			must(t, second.Create(t.Context(), "b.json", []byte("y")))
			for _, key := range []string{"a.json", "b.json", "c.json"} {
				if _, err := second.Get(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A branch that went away or was rewritten is not taken for an empty ledger:
// everything would be sent again.
func TestLostHistoryIsNoticed(t *testing.T) {
	for want, harm := range map[string]func(t *testing.T, bare, before string){
		"is gone": func(t *testing.T, bare, _ string) { git(t, bare, "update-ref", "-d", "refs/heads/kivaform-ledger") },
		"was rewritten": func(t *testing.T, bare, before string) {
			git(t, bare, "update-ref", "refs/heads/kivaform-ledger", before)
		},
	} {
		bare := remote(t)
		dir := clone(t, "file://"+bare)
		s := open(t, dir)
		must(t, s.Create(t.Context(), "a.json", nil))
		before := strings.TrimSpace(git(t, bare, "rev-parse", "kivaform-ledger"))
		must(t, s.Create(t.Context(), "b.json", nil))
		must(t, s.Close())
		harm(t, bare, before)
		again := open(t, dir)
		for key, err := range again.List(t.Context(), "") {
			if err == nil || !strings.Contains(hint.Text(err), want) || !strings.Contains(hint.Text(err), "hint:") {
				t.Errorf("lists %q, %v; want an error with %q", key, err, want)
			}
		}
		if err := again.Create(t.Context(), "c.json", nil); err == nil {
			t.Errorf("created though the branch %s", want)
		}
	}
}

// The clone stays as it was: its references, index and work tree, also while a
// commit is being prepared there, or its own locks are left over.
func TestTheCloneIsNotTouched(t *testing.T) {
	dir := clone(t, "file://"+remote(t))
	must(t, os.WriteFile(filepath.Join(dir, "loans.yaml"), []byte("x"), 0o600))
	git(t, dir, "add", "loans.yaml")
	must(t, os.WriteFile(filepath.Join(dir, ".git", "index.lock"), nil, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, ".git", "shallow.lock"), nil, 0o600))
	state := func() string {
		return git(t, dir, "for-each-ref") + git(t, dir, "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no")
	}
	before := state()
	s := open(t, dir)
	must(t, s.Create(t.Context(), "a.json", []byte("x")))
	for range s.List(t.Context(), "") {
	}
	must(t, s.Close())
	if after := state(); after != before {
		t.Errorf("was\n%s\nis\n%s", before, after)
	}
}

func TestNoRemote(t *testing.T) {
	bare := t.TempDir()
	plain := filepath.Join(t.TempDir(), "plain")
	git(t, bare, "init", "--quiet", plain)
	for dir, want := range map[string]string{
		plain:       `no remote "origin"; hint: git remote add`,
		t.TempDir(): "is not in a git repository",
	} {
		s := open(t, dir)
		if _, err := s.Get(t.Context(), "a.json"); err == nil || !strings.Contains(hint.Text(err), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := gitstore.New(gitstore.Options{Branch: "--upload-pack=x"}); err == nil {
		t.Error("an option was taken for a branch")
	}
}

// git's own advice on a repository of another user isn't lost.
func TestRepositoryOfAnotherUser(t *testing.T) {
	bare := remote(t)
	dir := filepath.Join(t.TempDir(), "a clone")
	git(t, filepath.Dir(dir), "clone", "--quiet", bare, dir)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	_, err = open(t, dir).Get(t.Context(), "a.json")
	if want := "; hint: if you trust the owner of its files: git config --global --add safe.directory '" + real + "'"; err == nil || !strings.HasSuffix(hint.Text(err), want) {
		t.Errorf("%v, want %s", err, want)
	}
	git(t, home, "config", "--global", "--add", "safe.directory", real)
	_, err = open(t, dir).Get(t.Context(), "a.json")
	if want := "git config --global --add safe.directory " + bare; err == nil || !strings.HasSuffix(hint.Text(err), want) {
		t.Errorf("the remote: %v, want %s", err, want)
	}
	git(t, home, "config", "--global", "--add", "safe.directory", bare)
	if _, err := open(t, dir).Get(t.Context(), "a.json"); !errors.Is(err, ledger.ErrNotExist) {
		t.Errorf("by the hints: %v", err)
	}
}

// A remote that leads nowhere is named, with how to see where it leads.
func TestRemoteThatIsNotThere(t *testing.T) {
	bare := remote(t)
	dir := clone(t, bare)
	git(t, dir, "remote", "set-url", "origin", bare+".moved")
	_, err := open(t, dir).Get(t.Context(), "a.json")
	if want := `the remote "origin" leads; see git remote -v`; err == nil || !strings.Contains(hint.Text(err), "; hint: ") || !strings.Contains(hint.Text(err), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// Calls that come from a hook's git, which says where its own repository is,
// still use ours.
func TestInsideAHook(t *testing.T) {
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "elsewhere.git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(t.TempDir(), "index"))
	bare := func() string {
		dir, index := os.Getenv("GIT_DIR"), os.Getenv("GIT_INDEX_FILE")
		os.Unsetenv("GIT_DIR")
		os.Unsetenv("GIT_INDEX_FILE")
		defer os.Setenv("GIT_DIR", dir)
		defer os.Setenv("GIT_INDEX_FILE", index)
		return clone(t, "file://"+remote(t))
	}()
	must(t, open(t, bare).Create(t.Context(), "a.json", nil))
}

// An address in place of a remote's name needs no clone.
func TestAddressInPlaceOfARemote(t *testing.T) {
	bare := remote(t)
	program, calls := fakeSSH(t, filepath.Dir(bare))
	t.Setenv("GIT_SSH_COMMAND", program)
	for i, address := range []string{"ssh://git@here.example" + bare, "git@here.example:partner.git"} {
		s, err := gitstore.New(gitstore.Options{Branch: "kivaform-ledger", Remote: address, Dir: t.TempDir(), Cache: t.TempDir()})
		must(t, err)
		t.Cleanup(func() { s.Close() })
		must(t, s.Create(t.Context(), fmt.Sprintf("%d.json", i), nil))
	}
	if !strings.Contains(calls(), "git@here.example") {
		t.Error(calls())
	}
}

// A host that doesn't let clients leave things out works as well.
func TestHostWithoutFilters(t *testing.T) {
	bare := remote(t)
	git(t, bare, "config", "uploadpack.allowFilter", "false")
	must(t, open(t, clone(t, "file://"+bare)).Create(t.Context(), "a.json", []byte("x")))
	if got, err := open(t, clone(t, "file://"+bare)).Get(t.Context(), "a.json"); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}
