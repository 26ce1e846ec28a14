package gitstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// tipRef is the branch as it was last seen.
const tipRef = "refs/kivaform/tip"

// anonymous signs commits where git doesn't know whose they are.
const anonymous = "kivaform <kivaform@localhost>"

// A repository is a bare one of our own that holds the branch alone, most of it
// not even fetched. It borrows the clone's settings, so that git reaches the
// remote as it does in the clone.
type repository struct {
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
	r := &repository{env: environment()}
	if err := r.borrow(ctx, o); err != nil {
		return nil, err
	}
	if err := r.take(o); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
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
		return fmt.Errorf("no folder for what is fetched of the ledger: %w; hint: set KIVAFORM_CACHE_DIR or TMPDIR to a folder that can be written", err)
	}
	r.dir = dir
	return nil
}

// prepare makes the repository, unless a sound one is there. Locks in it are
// a dead program's.
func (r *repository) prepare(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(r.dir, "HEAD")); err == nil {
		err = removeLocks(r.dir)
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
	_, err := runGit(ctx, localTime, r.dir, r.env, nil, "init", "--quiet", "--bare", "--template=", ".")
	return err
}

func removeLocks(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "objects":
			return fs.SkipDir
		case strings.HasSuffix(name, ".lock"):
			return os.Remove(name)
		}
		return nil
	})
}

// borrow reads the settings that say how to reach the remote. They go to git by
// its environment: some hold secrets.
func (r *repository) borrow(ctx context.Context, o Options) error {
	top, err := runGit(ctx, localTime, o.Dir, r.env, nil, "rev-parse", "--show-toplevel")
	inClone := err == nil
	r.cwd = strings.TrimSpace(string(top))
	if !inClone {
		r.cwd = o.Dir
	}
	settings := []string{
		"remote." + ownRemote + ".fetch=refs/heads/" + o.Branch + ":" + tipRef,
		"core.hooksPath=" + os.DevNull, "gc.autoDetach=false", "fetch.negotiationAlgorithm=default",
		"http.lowSpeedLimit=100", "http.lowSpeedTime=60",
	}
	if inClone {
		own, err := r.cloneSettings(ctx, o)
		if err != nil {
			return err
		}
		settings = append(own, settings...)
	}
	r.remote = ownRemote
	if !slices.ContainsFunc(settings, func(s string) bool { return strings.HasPrefix(s, "remote."+ownRemote+".url=") }) {
		switch {
		case isAddress(o.Remote):
			settings = append(settings, "remote."+ownRemote+".url="+o.Remote)
		case !inClone:
			return fmt.Errorf("%s is not in a git repository, so it has no remote %q; hint: git clone, or name an address: git:%s@ADDRESS", o.Dir, o.Remote, o.Branch)
		default:
			return fmt.Errorf("the repository has no remote %q; hint: git remote add %s ADDRESS", o.Remote, o.Remote)
		}
	}
	r.committer = r.identity(ctx, o.Dir)
	r.env = append(slices.Clip(r.env), configured(settings)...)
	r.env = append(r.env, sshOptions(settings)...)
	return nil
}

// ownRemote is what the remote is called in our repository.
const ownRemote = "ledger"

// isAddress tells an address from a remote's name, as git does.
func isAddress(remote string) bool { return strings.ContainsAny(remote, `/:\`) }

// carried are the settings of a clone that have to do with reaching a remote.
var carried = []string{"credential.", "http.", "https.", "url.", "ssh.", "protocol.", "core.sshcommand=", "core.askpass=", "core.gitproxy="}

// cloneSettings returns the settings that only the clone has, with the remote's
// under our own name for it.
func (r *repository) cloneSettings(ctx context.Context, o Options) ([]string, error) {
	out, err := runGit(ctx, localTime, o.Dir, r.env, nil, "config", "--list", "--null", "--includes", "--show-scope")
	if err != nil {
		return nil, err
	}
	var settings []string
	fields := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		setting := strings.Replace(fields[i+1], "\n", "=", 1)
		rest, ofRemote := strings.CutPrefix(setting, "remote."+o.Remote+".")
		ours := fields[i] == "local" || fields[i] == "worktree"
		switch {
		case ofRemote && (strings.HasPrefix(rest, "url=") || strings.HasPrefix(rest, "pushurl=") || strings.HasPrefix(rest, "proxy=")):
			settings = append(settings, "remote."+ownRemote+"."+rest)
		case ours && slices.ContainsFunc(carried, func(p string) bool { return strings.HasPrefix(setting, p) }):
			settings = append(settings, setting)
		}
	}
	return settings, nil
}

// configured returns the variables that give git some settings, after those
// that the environment gives already.
func configured(settings []string) []string {
	n, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	var env []string
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, name), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, value))
		n++
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n))
}

// sshOptions makes ssh give up rather than ask or wait, unless the user says
// how to call it.
func sshOptions(settings []string) []string {
	own := func(s string) bool { return strings.HasPrefix(s, "core.sshcommand=") }
	if os.Getenv("GIT_SSH_COMMAND") != "" || os.Getenv("GIT_SSH") != "" || slices.ContainsFunc(settings, own) {
		return nil
	}
	return []string{"GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"}
}

// identity returns who signs commits: whom git knows in the clone.
func (r *repository) identity(ctx context.Context, dir string) string {
	out, err := runGit(ctx, localTime, dir, r.env, nil, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
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
