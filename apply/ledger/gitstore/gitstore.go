// Package gitstore keeps a ledger's objects as files of a git branch. It needs
// no server but the host of the partner's repository.
//
// # Guarantees
//
// The branch has a history of its own, and holds only the ledger. A create is a
// commit on the branch's newest commit, whose push must fast-forward: the remote
// accepts one of two competing commits, so an object is created once, for all
// clones. It is as durable as the remote. Concurrent creates share a commit.
//
// A lost answer is never guessed: the branch is fetched again, and the objects
// were created if our very commit is part of it. No two commits are equal,
// because each has a random number in its message. If that fails, too, Create
// returns an error, and the object may exist or not.
//
// # Requirements
//
// The git program, version 2.32 or newer, and the right to push to the branch
// without being asked for a password; for reading only the right to fetch. The
// store touches no file of the work tree, no index and no reference of the
// clone: it fetches into a repository of its own, in a cache folder that can be
// deleted at any time. A killed program leaves no lock that blocks others.
//
// Reading is fast if the server lets clients omit objects
// (uploadpack.allowFilter, which the well-known hosts enable).
//
// # Trust
//
// The store trusts the settings of the system, of the user and of the clone's
// ".git" for reaching a remote: addresses, passwords, proxies, ssh. Anyone may
// write the files of the work tree, so no repository and no setting among them
// counts, and the ledger's address, which stands there too, must name a remote
// of the clone or an https or ssh address. Other protocols run programs.
package gitstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
	"kivaform/kiva/hint"
)

// A Store is a branch of a remote git repository. It is a [ledger.Store], safe
// for any number of programs in any number of clones.
type Store struct {
	options Options
	creates together.Group[object, struct{}]
	reads   together.Group[string, []byte]
	fetches together.Group[struct{}, struct{}]

	opening sync.Mutex
	repo    *repository // nil until first needed
	closed  chan struct{}
	close   func() // closes closed, once

	nearLock sync.Mutex
	near     map[string][]byte // preloaded, by key

	net     sync.Mutex // held during a fetch or a push
	tipLock sync.Mutex
	tip     string // the branch's newest known commit; "" for none
	pushed  bool   // a push was tried
	fetched bool   // the branch was fetched, and contains its former commit
}

// Options describe a store's branch.
type Options struct {
	Branch string
	// Remote is the name of a remote of the clone, or an https or ssh address;
	// "origin" if empty.
	Remote string
	// AllowHost reports whether git may send its passwords to a host (with the
	// port, if the address has one) of no remote of the clone. Nil allows none.
	AllowHost func(host string) bool
	// Dir is a folder of the clone with the settings and the remotes.
	Dir string
	// Cache is the folder of the store's own repositories, which only its owner
	// may be able to write. If it is empty or can't be written, a temporary one
	// is used and removed.
	Cache string
}

// An object is one caller's object to create.
type object struct {
	key  string
	data []byte
}

// New returns the store of a branch. It reads and writes nothing.
func New(o Options) (*Store, error) {
	if o.Remote == "" {
		o.Remote = "origin"
	}
	if !isBranch(o.Branch) {
		return nil, fmt.Errorf("%q is not the name of a branch", o.Branch)
	}
	if err := checkRemote(o.Branch, o.Remote); err != nil {
		return nil, err
	}
	if o.Cache != "" { // git runs in another folder than this program
		var err error
		if o.Cache, err = filepath.Abs(o.Cache); err != nil {
			return nil, err
		}
	}
	s := &Store{options: o, closed: make(chan struct{})}
	s.close = sync.OnceFunc(func() { close(s.closed) })
	s.creates.Work, s.creates.Most = s.createAll, 256
	s.reads.Work, s.reads.Most, s.reads.Width = s.readAll, 256, 2
	s.fetches.Work, s.fetches.Most = s.fetchAll, 1<<20
	return s, nil
}

// isBranch reports whether a name is valid for a branch, by the rules of git
// check-ref-format.
func isBranch(name string) bool {
	if strings.HasPrefix(name, "-") || strings.ContainsAny(name, " ~^:?*[\\@") || strings.ContainsFunc(name, isControl) || strings.Contains(name, "..") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return true
}

// Create commits an object and pushes the commit.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if !ledger.ValidKey(key) {
		return fmt.Errorf("%q is not a ledger's key", key)
	}
	_, err := s.creates.Do(ctx, object{key, data})
	return err
}

// Get returns an object. It fetches only if the object isn't in the known
// commit.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if !ledger.ValidKey(key) {
		return nil, fmt.Errorf("%q is not a ledger's key", key)
	}
	if data, there := s.takeNear(key); there {
		return data, nil
	}
	for {
		if data, err := s.reads.Do(ctx, key); !errors.Is(err, errLater) {
			return data, err
		}
	}
}

// Close releases the store's repository; the store can't be used afterwards. It
// ends reads and fetches whose callers gave up, but no create.
func (s *Store) Close() error {
	s.close()
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.repo == nil {
		return nil
	}
	return s.repo.close()
}

// untilClosed returns a context that also ends when the store is closed.
func (s *Store) untilClosed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// ensureRepository returns the store's repository.
func (s *Store) ensureRepository(ctx context.Context) (*repository, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.repo != nil {
		return s.repo, nil
	}
	repo, err := openRepository(ctx, s.options)
	if err != nil {
		return nil, err
	}
	s.repo = repo
	s.setTip(repo.knownTip(ctx))
	return repo, nil
}

func (s *Store) setTip(tip string) {
	s.tipLock.Lock()
	defer s.tipLock.Unlock()
	s.tip = tip
}

func (s *Store) knownTip() string {
	s.tipLock.Lock()
	defer s.tipLock.Unlock()
	return s.tip
}

// fetch updates the branch to a state after the call.
func (s *Store) fetch(ctx context.Context) error {
	_, err := s.fetches.Do(ctx, struct{}{})
	return err
}

func (s *Store) fetchAll(ctx context.Context, calls []*together.Call[struct{}, struct{}]) {
	ctx, cancel := s.untilClosed(ctx)
	defer cancel()
	err := s.fetchNow(ctx)
	for _, c := range calls {
		c.Err = err
	}
}

// fetchNow fetches the branch, the first time without its history. A missing
// branch is empty, but one that existed must continue its former commit.
func (s *Store) fetchNow(ctx context.Context) error {
	repo, err := s.ensureRepository(ctx)
	if err != nil {
		return err
	}
	s.net.Lock()
	defer s.net.Unlock()
	args := []string{"fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--filter=blob:none"}
	known := s.knownTip()
	if known == "" && !s.pushed {
		args = append(args, "--depth=1")
	}
	args = append(args, repo.remote, "refs/heads/"+s.options.Branch+":"+tipRef)
	_, err = repo.gitWithPromisor(ctx, nil, args...)
	var failed *gitError
	switch {
	case errors.As(err, &failed) && strings.Contains(failed.stderr, "couldn't find remote ref"):
		if known == "" {
			s.fetched = true
			return nil
		}
		return hint.With(fmt.Errorf("the branch %s is gone from %s, and it held a ledger", s.options.Branch, s.options.Remote),
			"push it again (its newest commit was %s), or delete %s if it was meant to go", known, repo.dir)
	case failed != nil && strings.Contains(failed.stderr, "non-fast-forward"):
		return hint.With(fmt.Errorf("the branch %s of %s was rewritten, so what was sent may be forgotten", s.options.Branch, s.options.Remote),
			"push its former commit %s again, or delete %s if it was meant so", known, repo.dir)
	case err != nil:
		return hint.With(fmt.Errorf("fetch %s from %s: %w", s.options.Branch, withoutPassword(s.options.Remote), err), "%s", repo.fetchRemedy(err, s.options.Remote))
	}
	s.setTip(repo.knownTip(ctx))
	s.fetched = true
	return nil
}

// newNonce returns a random number, which makes a commit unique.
func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x", b)
}

// emptyDir creates an empty folder with mode 0700.
func emptyDir(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o700)
}
