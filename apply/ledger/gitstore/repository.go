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

// tipRef is the branch's last known commit.
const tipRef = "refs/kivaform/tip"

// anonymous signs commits if git has no identity.
const anonymous = "kivaform <kivaform@localhost>"

// A repository is a bare one of our own that holds the branch alone, most of it
// not even fetched. It uses the clone's settings for reaching the remote, and no
// others.
type repository struct {
	clone     *clone
	known     []setting // of the clone
	settings  []setting // of this repository
	dir       string
	remote    string // git's name of it
	committer string
	cwd       string
	env       []string
	lock      *flock.Flock // nil if the folder belongs to this program alone
}

// openRepository takes a cached repository that no other program uses, or
// creates one.
func openRepository(ctx context.Context, o Options) (*repository, error) {
	r := &repository{}
	if err := r.copySettings(ctx, o); err != nil {
		return nil, err
	}
	if err := r.takeSlot(o); err != nil {
		return nil, err
	}
	r.env = ownEnvironment(filepath.Join(r.dir, userFile), r.settings)
	err := r.prepareRepository(ctx)
	if err == nil {
		err = r.allowRemote(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// slots is the number of cached repositories, one for each concurrent program.
const slots = 8

// takeSlot finds a free folder. The system releases a dead program's lock.
func (r *repository) takeSlot(o Options) error {
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

// takeTemporary creates a folder for this program alone, among the system's
// temporary ones if the cache can't be written.
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

// prepareRepository creates the repository, unless a valid one exists. Locks in
// it are a dead program's.
func (r *repository) prepareRepository(ctx context.Context) error {
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

// copySettings reads the settings for reaching the remote.
func (r *repository) copySettings(ctx context.Context, o Options) error {
	c, err := findClone(ctx, o.Dir)
	if err != nil {
		return err
	}
	if r.known, err = c.readSettings(ctx); err != nil {
		return err
	}
	r.clone, r.cwd, r.remote = c, c.top, ownRemote
	r.settings = selectReaching(r.known, o.Remote)
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
		setting{"core.bigFileThreshold", "8m"}, // larger objects bypass git's memory
		setting{"http.lowSpeedLimit", "100"}, setting{"http.lowSpeedTime", "60"})
	r.committer = c.commitIdentity(ctx)
	return nil
}

// ownRemote is the remote's name in our repository.
const ownRemote = "ledger"

// allowRemote finds the remote's final address, after the user's url.insteadOf,
// and allows its protocol.
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

// fetchRemedy returns a hint for a failed fetch, or "". A remote's owner matters
// to this machine's git only if the remote is a folder here.
func (r *repository) fetchRemedy(err error, remote string) string {
	isFolder := parseAddress(valueOf(r.settings, "remote."+ownRemote+".url")).protocol == "file"
	switch {
	case isFolder && saysWords(err, dubious):
		return trustHint(foreignRepository(err))
	case !saysWords(err, "does not appear to be a git repository"):
		return ""
	case isAddress(remote):
		return "no repository is at the address that the ledger's place names: correct it there"
	}
	return fmt.Sprintf("no repository is where the remote %q leads; see git remote -v, and correct it by git remote set-url %s ADDRESS", remote, shellWord(remote))
}

// commitIdentity returns the author of commits: git's identity in the clone.
func (c *clone) commitIdentity(ctx context.Context) string {
	out, err := c.git(ctx, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
	name, _, found := strings.Cut(string(out), "> ")
	if err != nil || !found {
		return anonymous
	}
	return name + ">"
}

// gitWithPromisor runs git with the setting that the remote has the omitted
// objects. Other commands run without it: they would fetch objects one by one.
func (r *repository) gitWithPromisor(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	known := []string{"-c", "remote." + ownRemote + ".promisor=true", "-c", "remote." + ownRemote + ".partialclonefilter=blob:none"}
	return r.git(ctx, networkTime, stdin, append(known, args...)...)
}

// git runs git in the repository.
func (r *repository) git(ctx context.Context, limit time.Duration, stdin []byte, args ...string) ([]byte, error) {
	return runGit(ctx, limit, r.cwd, r.env, stdin, append([]string{"--git-dir=" + r.dir}, args...)...)
}

// knownTip returns the branch's last known commit, or "".
func (r *repository) knownTip(ctx context.Context) string {
	out, err := r.git(ctx, localTime, nil, "rev-parse", "--quiet", "--verify", tipRef)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// close tidies the repository up for the next program, or removes a temporary
// one.
func (r *repository) close() error {
	if r.lock == nil {
		return os.RemoveAll(r.dir)
	}
	r.gitWithPromisor(context.Background(), nil, "maintenance", "run", "--auto", "--quiet") // can wait for the next time
	return r.lock.Unlock()
}
