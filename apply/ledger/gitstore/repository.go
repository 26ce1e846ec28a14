package gitstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva/hint"

	"github.com/gofrs/flock"
)

// tipRef is the branch as it was last seen.
const tipRef = "refs/kivaform/tip"

// anonymous signs commits where git doesn't know whose they are.
const anonymous = "kivaform <kivaform@localhost>"

// A repository is a bare one of our own that holds the branch alone, most of it
// not even fetched. It borrows those settings by which git reaches the remote in
// the clone, and no others.
type repository struct {
	clone     *clone
	known     []setting // of the clone
	settings  []setting // of this repository
	dir       string
	remote    string // as git calls it
	committer string
	cwd       string
	env       []string
	lock      *flock.Flock // nil where the folder is for this program alone
}

// openRepository takes one of the kept repositories that no other program uses,
// or makes one.
func openRepository(ctx context.Context, o Options) (*repository, error) {
	r := &repository{}
	if err := r.borrow(ctx, o); err != nil {
		return nil, err
	}
	if err := r.take(o); err != nil {
		return nil, err
	}
	r.env = ownEnvironment(filepath.Join(r.dir, userFile), r.settings)
	err := r.prepare(ctx)
	if err == nil {
		err = r.allowRemote(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// slots is how many programs keep what they fetched for the next time.
const slots = 8

// take finds a folder that nobody else uses. The system takes a dead program's
// lock away.
func (r *repository) take(o Options) error {
	sum := sha256.Sum256([]byte(r.cwd + "\x00" + o.Remote + "\x00" + o.Branch))
	base := filepath.Join(o.Cache, fmt.Sprintf("git-%x", sum[:8]))
	if o.Cache == "" || os.MkdirAll(o.Cache, 0o700) != nil {
		return r.takeTemporary("")
	}
	for i := range slots {
		r.dir = base + "-" + strconv.Itoa(i)
		lock := flock.New(r.dir + ".lock")
		if ok, err := lock.TryLock(); ok && err == nil {
			r.lock = lock
			return nil
		}
	}
	return r.takeTemporary(o.Cache)
}

// takeTemporary makes a folder for this program alone, among the system's
// temporary ones where the cache can't be written.
func (r *repository) takeTemporary(in string) error {
	dir, err := os.MkdirTemp(in, "git-")
	if err != nil && in != "" {
		dir, err = os.MkdirTemp("", "git-")
	}
	if err != nil {
		return hint.With(fmt.Errorf("no folder for what is fetched of the ledger: %w", err), "set KIVAFORM_CACHE_DIR or TMPDIR to a folder that can be written")
	}
	r.dir, err = filepath.Abs(dir) // git runs in another folder than this program
	return err
}

// prepare makes the repository, unless a sound one is there. Locks in it are
// a dead program's.
func (r *repository) prepare(ctx context.Context) error {
	if isOurs(r.dir) {
		err := r.writeSettings()
		if err == nil {
			err = removeLocks(r.dir)
		}
		if err == nil {
			_, err = r.git(ctx, localTime, nil, "rev-parse", "--quiet", "--verify", tipRef+"^{tree}")
		}
		if err == nil {
			return nil
		}
	}
	if err := emptyDir(r.dir); err != nil {
		return err
	}
	if err := r.writeSettings(); err != nil {
		return err
	}
	_, err := r.git(ctx, localTime, nil, "init", "--quiet", "--bare", "--template=")
	return err
}

// borrow reads the settings that say how to reach the remote.
func (r *repository) borrow(ctx context.Context, o Options) error {
	c, err := findClone(ctx, o.Dir)
	if err != nil {
		return err
	}
	if r.known, err = c.settings(ctx); err != nil {
		return err
	}
	r.clone, r.cwd, r.remote = c, c.top, ownRemote
	r.settings = reaching(r.known, o.Remote)
	if isAddress(o.Remote) {
		r.settings = append(r.settings, setting{"remote." + ownRemote + ".url", o.Remote})
	}
	switch {
	case valueOf(r.settings, "remote."+ownRemote+".url") != "":
	case c.gitDir == "":
		return hint.With(fmt.Errorf("%s is not in a git repository, so it has no remote %q", o.Dir, o.Remote), "git clone, or name an address: git:%s@ADDRESS", o.Branch)
	default:
		return hint.With(fmt.Errorf("the repository has no remote %q", o.Remote), "git remote add %s ADDRESS", o.Remote)
	}
	r.settings = append(r.settings,
		setting{"remote." + ownRemote + ".fetch", "refs/heads/" + o.Branch + ":" + tipRef},
		setting{"gc.autoDetach", "false"}, setting{"maintenance.autoDetach", "false"},
		setting{"fetch.negotiationAlgorithm", "default"},
		setting{"core.bigFileThreshold", "8m"}, // what is larger goes past git's memory
		setting{"http.lowSpeedLimit", "100"}, setting{"http.lowSpeedTime", "60"})
	r.committer = c.identity(ctx)
	return nil
}

// ownRemote is what the remote is called in our repository.
const ownRemote = "ledger"

// allowRemote looks at where git would end up, with addresses rewritten as the
// user's settings say (url.insteadOf), and allows the protocols of that.
func (r *repository) allowRemote(ctx context.Context, o Options) error {
	out, err := r.git(ctx, localTime, nil, "remote", "--verbose")
	if err != nil {
		return err
	}
	var protocols []string
	for line := range strings.Lines(string(out)) {
		_, reached, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		reached = strings.TrimSuffix(strings.TrimSuffix(reached, " (fetch)"), " (push)")
		protocol, err := r.clone.checkReached(o, reached, r.known)
		if err != nil {
			return err
		}
		protocols = append(protocols, protocol)
	}
	r.env = append(r.env, allowVariable+"="+strings.Join(protocols, ":"))
	return nil
}

// remedy is a hint for a fetch that failed, "" where there is none. A remote's
// owner matters to this machine's git only if the remote is a folder here.
func (r *repository) remedy(err error, remote string) string {
	isFolder := parseAddress(valueOf(r.settings, "remote."+ownRemote+".url")).protocol == "file"
	switch {
	case isFolder && says(err, dubious):
		return trustHint(foreignRepository(err))
	case !says(err, "does not appear to be a git repository"):
		return ""
	case isAddress(remote):
		return "no repository is at the address that the ledger's place names: correct it there"
	}
	return fmt.Sprintf("no repository is where the remote %q leads; see git remote -v, and correct it by git remote set-url %s ADDRESS", remote, shellWord(remote))
}

// identity returns who signs commits: whom git knows in the clone.
func (c *clone) identity(ctx context.Context) string {
	out, err := c.git(ctx, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
	name, _, found := strings.Cut(string(out), "> ")
	if err != nil || !found {
		return anonymous
	}
	return name + ">"
}

// partly runs git in the repository where it must know that the remote has what
// is left out here. Other commands don't know it: they would fetch objects by
// themselves, one by one.
func (r *repository) partly(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	known := []string{"-c", "remote." + ownRemote + ".promisor=true", "-c", "remote." + ownRemote + ".partialclonefilter=blob:none"}
	return r.git(ctx, networkTime, stdin, append(known, args...)...)
}

// git runs git in the repository.
func (r *repository) git(ctx context.Context, limit time.Duration, stdin []byte, args ...string) ([]byte, error) {
	return runGit(ctx, limit, r.cwd, r.env, stdin, append([]string{"--git-dir=" + r.dir}, args...)...)
}

// tip returns the branch's commit as it was last seen, "" where it never was.
func (r *repository) tip(ctx context.Context) string {
	out, err := r.git(ctx, localTime, nil, "rev-parse", "--quiet", "--verify", tipRef)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// close tidies the repository up for the next program, or removes it where
// it isn't kept.
func (r *repository) close() error {
	if r.lock == nil {
		return os.RemoveAll(r.dir)
	}
	r.partly(context.Background(), nil, "maintenance", "run", "--auto", "--quiet") // the next time will do as well
	return r.lock.Unlock()
}
