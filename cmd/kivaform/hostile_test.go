//go:build unix

package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kivaform/apply/ledger/ledgertest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/sandbox"
)

// Secrets of a reviewer's environment, none of which may reach a listener.
var hostileSecrets = map[string]string{
	"KIVA_CLIENT_ID": "probe", "KIVA_CLIENT_SECRET": "hunter2-of-kiva", "PGPASSWORD": "hunter2-of-postgres",
	"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2-of-aws", "AWS_SESSION_TOKEN": "hunter2-of-session",
}

// A hostile is a clone in which a pull request has written every file of a
// workspace, and what watches the commands that are run there.
type hostile struct {
	t         *testing.T
	root      string // of all folders of the test
	dir       string // the workspace
	path      string // programs that record how they are called
	kivaform  string
	api       *listener // the hosts that the files name for Kiva
	serving   *listener // where the files say that a sandbox runs
	store     *listener // the hosts of ledgers
	untouched map[string]string
}

// A listener counts connections. It says that it is a sandbox, and that
// everything went well.
type listener struct {
	*httptest.Server
	connections atomic.Int32
}

func newListener(t *testing.T) *listener {
	l := new(listener)
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Kivaform-Sandbox", "1")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"x","token_type":"bearer","expires_in":600,"scope":"read:loans"}`)
	}))
	l.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			l.connections.Add(1)
		}
	}
	l.Start()
	t.Cleanup(l.Close)
	return l
}

func newHostile(t *testing.T) *hostile {
	t.Helper()
	_ = ledgertest.Need(t, "git", "apt-get install git")
	program, err := exec.LookPath("kivaform")
	if err != nil {
		t.Fatal(err)
	}
	h := &hostile{t: t, root: t.TempDir(), kivaform: program, api: newListener(t), serving: newListener(t), store: newListener(t)}
	h.path = filepath.Join(h.root, "bin")
	h.dir = filepath.Join(h.root, "clone", "kiva")
	for _, dir := range []string{"bin", "calls", "home", "outside/folder", "tmp"} {
		h.must(os.MkdirAll(filepath.Join(h.root, dir), 0o700))
	}
	h.write("../../outside/file", "as it was")
	h.fakePrograms()
	git(t, h.root, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
	git(t, h.root, "clone", "--quiet", "remote.git", "clone")
	h.must(copyQuickstart(h.dir))
	h.writeFiles()
	clone := filepath.Dir(h.dir)
	git(t, clone, "add", "--all", "--force", ".")
	git(t, clone, "commit", "--quiet", "-m", "a contribution")
	git(t, clone, "push", "--quiet", "origin", "HEAD:main")
	return h
}

func (h *hostile) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write writes a file of the workspace.
func (h *hostile) write(name, text string) {
	h.t.Helper()
	file := filepath.Join(h.dir, name)
	h.must(os.MkdirAll(filepath.Dir(file), 0o777))
	h.must(os.WriteFile(file, []byte(text), 0o777))
}

// fakePrograms puts programs first on the path that record their arguments. git
// does its work; the others fail.
func (h *hostile) fakePrograms() {
	real, err := exec.LookPath("git")
	h.must(err)
	calls := filepath.Join(h.root, "calls")
	const script = "#!/bin/sh\n{ printf '%%s' %[1]s; printf ' %%s' \"$@\"; echo \" ${KIVA_CLIENT_SECRET:+with the secret}${PGPASSWORD:+ with the password}\"; } >> '%[2]s/%[1]s'\n%[3]s\n"
	for _, name := range []string{"git", "sh", "bash", "env", "ssh", "curl", "python3", "perl"} {
		then := "exit 1"
		if name == "git" {
			then = "exec '" + real + "' \"$@\""
		}
		h.must(os.WriteFile(filepath.Join(h.path, name), fmt.Appendf(nil, script, name, calls, then), 0o700))
	}
}

// marker is a command that leaves a file.
func (h *hostile) marker() string { return filepath.Join(h.root, "clone", "kiva", "run.sh") }

func (h *hostile) ran() string { return filepath.Join(h.root, "ran") }

// writeFiles writes what a pull request might, in every place that was ever
// believed. Nothing of it is a fault of the files.
func (h *hostile) writeFiles() {
	h.write("run.sh", "#!/bin/sh\necho \"$0 $*\" >> '"+h.ran()+"'\nexit 1\n")
	h.writeSettings("git:kivaform-ledger", "sandbox")
	// The workspace looks like a bare repository, and there is another in it.
	h.write("HEAD", "ref: refs/heads/main\n")
	h.write("objects/.keep", "")
	h.write("refs/.keep", "")
	h.write("config", h.repositoryConfig("false\n\tworktree = .."))
	h.write("evil.git/HEAD", "ref: refs/heads/main\n")
	h.write("evil.git/objects/.keep", "")
	h.write("evil.git/refs/.keep", "")
	h.write("evil.git/config", h.repositoryConfig("true"))
	h.write("evil.git/hooks/pre-receive", "#!/bin/sh\n"+h.marker()+"\n")
	// The ledger's cache lay here, under a name that can be foretold.
	for _, cwd := range []string{h.dir, filepath.Dir(h.dir)} {
		folder := h.cacheFolder(cwd)
		h.write(folder+"/objects/.keep", "")
		h.write(folder+"/refs/.keep", "")
		h.writeTip(filepath.Join(h.dir, folder))
		h.write(folder+"/config", h.repositoryConfig("true"))
	}
	h.write(".kivaform/sandbox/serving.json", fmt.Sprintf(`{"url":%q}`, h.serving.URL))
	h.write(".gitattributes", "* filter=evil\n")
}

// writeTip makes a repository as the ledger's cache was, of a branch without
// files.
func (h *hostile) writeTip(dir string) {
	h.t.Helper()
	git(h.t, dir, "init", "--quiet", "--bare", "--template=")
	tree := strings.TrimSpace(git(h.t, dir, "mktree"))
	commit := strings.TrimSpace(git(h.t, dir, "commit-tree", "-m", "x", tree))
	git(h.t, dir, "update-ref", "refs/kivaform/tip", commit)
}

// writeSettings writes kiva.yaml.
func (h *hostile) writeSettings(ledger, environment string) {
	h.write("kiva.yaml", fmt.Sprintf(`version: 1
partner_id: "145"
environment: %s
csv_format: three-column
repayment_amounts: cumulative-principal
ledger: %q
ignore: ["%sb", HEAD, config]
environments:
  sandbox: {today: 2026-11-20}
  production: {token_url: "%[4]s/oauth/token", audience: x, api_url: "%[4]s", public_url: "%[4]s", issuer: "%[4]s", introspection_url: "%[4]s", jwks_uri: "%[4]s"}
defaults:
  loan_draft: {theme: General, description_language: English, client_waiver_signed: true}
`, environment, ledger, strings.Repeat("**/", 12), h.api.URL))
}

// repositoryConfig names a program wherever git may take one from.
func (h *hostile) repositoryConfig(bare string) string {
	return fmt.Sprintf(`[core]
	repositoryformatversion = 0
	bare = %s
	sshCommand = %[2]s
	fsmonitor = %[2]s
	askPass = %[2]s
	hooksPath = %[3]s/evil.git/hooks
[credential]
	helper = %[2]s
[protocol "ext"]
	allow = always
[remote "ledger"]
	url = ext::%[2]s
	uploadpack = %[2]s
[remote "origin"]
	url = ssh://git@127.0.0.1:9/x.git
	uploadpack = %[2]s
	receivepack = %[2]s
[filter "evil"]
	smudge = %[2]s
	clean = %[2]s
`, bare, h.marker(), h.dir)
}

func (h *hostile) cacheFolder(cwd string) string {
	sum := sha256.Sum256([]byte(cwd + "\x00origin\x00kivaform-ledger"))
	return fmt.Sprintf(".kivaform/cache/ledger/git-%x-0", sum[:8])
}

// run runs a command, and checks all that holds of every command there.
func (h *hostile) run(args ...string) (out string, code int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, h.kivaform, append([]string{"-C", h.dir}, args...)...)
	c.Dir = h.dir
	c.Env = []string{
		"PATH=" + h.path + ":" + os.Getenv("PATH"), "HOME=" + filepath.Join(h.root, "home"), "TMPDIR=" + filepath.Join(h.root, "tmp"),
		"GIT_CONFIG_NOSYSTEM=1", "GORACE=atexit_sleep_ms=0",
	}
	for name, value := range hostileSecrets {
		c.Env = append(c.Env, name+"="+value)
	}
	data, err := c.CombinedOutput()
	out = string(data)
	title := strings.Join(args, " ")
	if ctx.Err() != nil {
		h.t.Fatalf("%s doesn't end\n%s", title, out)
	}
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		h.t.Fatal(err)
	}
	if strings.Contains(out, "goroutine ") {
		h.t.Errorf("%s panics:\n%s", title, out)
	}
	for name, value := range hostileSecrets {
		if strings.HasPrefix(value, "hunter2") && strings.Contains(out, value) {
			h.t.Errorf("%s prints %s", title, name)
		}
	}
	h.check(title)
	return out, c.ProcessState.ExitCode()
}

// check fails for what has happened since the last time, and forgets it.
func (h *hostile) check(title string) {
	h.t.Helper()
	if ran, err := os.ReadFile(h.ran()); err == nil {
		h.t.Errorf("%s ran a command of the files: %s", title, ran)
		os.Remove(h.ran())
	}
	for name, l := range map[string]*listener{"Kiva's addresses": h.api, "the running sandbox": h.serving, "the ledger": h.store} {
		if n := l.connections.Swap(0); n > 0 {
			h.t.Errorf("%s made %d connections to what the files name for %s", title, n, name)
		}
	}
	h.checkCalls(title)
	now := h.snapshot()
	if h.untouched != nil && !maps.Equal(now, h.untouched) {
		h.t.Errorf("%s wrote outside of the workspace: %s", title, changes(h.untouched, now))
	}
	h.untouched = now
}

// gitCommands are what the ledger's store asks of git.
var gitCommands = []string{"cat-file", "commit-tree", "config", "fast-import", "fetch", "hash-object", "init", "ls-remote", "ls-tree", "maintenance", "mktree", "push", "remote", "rev-parse", "update-ref", "var", "version"}

// checkCalls looks at which programs were started: git alone, with arguments of
// our own and without secrets.
func (h *hostile) checkCalls(title string) {
	h.t.Helper()
	calls, err := os.ReadDir(filepath.Join(h.root, "calls"))
	h.must(err)
	for _, program := range calls {
		file := filepath.Join(h.root, "calls", program.Name())
		data, err := os.ReadFile(file)
		h.must(err)
		h.must(os.Remove(file))
		for call := range strings.Lines(string(data)) {
			known := slices.ContainsFunc(strings.Fields(call), func(word string) bool { return slices.Contains(gitCommands, word) })
			foreign := strings.Contains(call, "evil") || strings.Contains(call, "::") || strings.Contains(call, "run.sh") || strings.Contains(call, "-pack")
			if program.Name() != "git" || !known || foreign || strings.Contains(call, "with the") {
				h.t.Errorf("%s started: %s", title, call)
			}
		}
	}
}

// snapshot tells of everything outside of the workspace, but the user's cache,
// the remote and what is temporary.
func (h *hostile) snapshot() map[string]string {
	h.t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(h.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(h.root, path)
		switch rel {
		case "clone/kiva", "home/.cache/kivaform", "remote.git", "tmp", "calls", "ran":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case "home/.cache":
			return nil
		}
		files[rel] = d.Type().String()
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			files[rel] = fmt.Sprintf("%x", sha256.Sum256(data))
			return err
		}
		return nil
	})
	h.must(err)
	return files
}

func changes(before, after map[string]string) (names []string) {
	for name := range after {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	for name := range before {
		if after[name] == "" {
			names = append(names, "no "+name)
		}
	}
	slices.Sort(names)
	return names
}

// hostileCommands are the commands of every day.
var hostileCommands = [][]string{
	{"validate"}, {"plan"}, {"apply", "--auto-approve", "--confirm-production"}, {"todo"}, {"status"}, {"ledger", "verify"}, {"auth", "check"},
}

// runAll runs all commands in an environment.
func (h *hostile) runAll(environment string) {
	h.t.Helper()
	for _, args := range hostileCommands {
		h.run(append(args, "--env", environment)...)
	}
}

// accepted counts what the workspace's sandbox took.
func (h *hostile) accepted() (n int) {
	h.t.Helper()
	server, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(h.dir, session.DataFolder, "sandbox"), Today: func() time.Time { return sandboxDay }})
	h.must(err)
	entries, err := server.Record()
	h.must(err)
	return len(entries)
}

// forgeCache puts the ledger's branch where its cache lay, with its tree
// emptied.
func (h *hostile) forgeCache() {
	h.t.Helper()
	for _, cwd := range []string{h.dir, filepath.Dir(h.dir)} {
		dir := filepath.Join(h.dir, h.cacheFolder(cwd))
		h.must(os.RemoveAll(dir))
		git(h.t, h.root, "init", "--quiet", "--bare", "--template=", dir)
		git(h.t, dir, "-c", "fetch.unpackLimit=1000000", "fetch", "--quiet", filepath.Join(h.root, "remote.git"), "refs/heads/kivaform-ledger:refs/kivaform/tip")
		tree := strings.TrimSpace(git(h.t, dir, "rev-parse", "refs/kivaform/tip:sandbox"))
		var forged bytes.Buffer
		z := zlib.NewWriter(&forged)
		fmt.Fprint(z, "tree 0\x00")
		h.must(z.Close())
		object := filepath.Join(dir, "objects", tree[:2], tree[2:])
		h.must(os.Remove(object))
		h.must(os.WriteFile(object, forged.Bytes(), 0o444))
	}
}

// A pull request writes every file of a workspace. None of them runs a program,
// chooses where a secret goes, is believed, or has anything written elsewhere.
func TestHostileWorkspace(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	h.check("nothing")

	t.Run("everything at once", func(t *testing.T) {
		h.t = t
		h.must(syscall.Mkfifo(filepath.Join(h.dir, "rows.csv"), 0o600))
		h.write("report.yaml", "kind: RepaymentReport\nperiod: 2026-10\ncsv: rows.csv\n")
		h.runAll("sandbox")
		h.runAll("production")
		for _, ledger := range []string{
			"git:kivaform-ledger@./evil.git", "git:kivaform-ledger@ext::" + h.marker(), "git:kivaform-ledger@fd::7", "git:kivaform-ledger@--upload-pack=" + h.marker(),
			"postgres://u@" + strings.TrimPrefix(h.store.URL, "http://") + "/db", "s3://bucket/x?region=x&endpoint=" + h.store.URL,
		} {
			h.writeSettings(ledger, "sandbox")
			h.run("validate")
			if strings.HasPrefix(ledger, "git:") {
				h.run("plan")
				h.run("ledger", "verify")
			}
		}
		h.must(os.Remove(filepath.Join(h.dir, "rows.csv")))
		h.must(os.Remove(filepath.Join(h.dir, "report.yaml")))
	})

	t.Run("ledgers in folders elsewhere", func(t *testing.T) {
		h.t = t
		for _, ledger := range []string{
			"../../outside/folder", filepath.Join(h.root, "new/x"), "../../outside", "../.git/led",
		} {
			h.writeSettings(ledger, "sandbox")
			for _, args := range [][]string{{"apply", "--auto-approve"}, {"auth", "check"}, {"ledger", "verify"}, {"ledger", "export"}} {
				out, code := h.run(args...)
				if code != cli.ExitRefused && code != cli.ExitInvalid {
					t.Errorf("%s with %s ends with %d\n%s", args, ledger, code, out)
				}
				if strings.Contains(out, "outside/file") || strings.Contains(out, "file is not") {
					t.Errorf("%s with %s lists it:\n%s", args, ledger, out)
				}
			}
		}
	})

	t.Run("files without faults", func(t *testing.T) {
		h.t = t
		h.writeSettings("git:kivaform-ledger", "sandbox")
		h.runAll("production")
		h.runAll("sandbox")
		if n := h.accepted(); n != 49 {
			t.Fatalf("%d items were sent, not 49", n)
		}
		h.forgeCache()
		h.runAll("sandbox")
		if n := h.accepted(); n != 49 {
			t.Errorf("a forged cache makes it %d", n)
		}
		if status := git(t, filepath.Dir(h.dir), "status", "--porcelain", "--untracked-files=all"); strings.Contains(status, "events") {
			t.Errorf("git would take the sandbox's data:\n%s", status)
		}
		h.untouched = h.snapshot() // git status wrote its index
	})

	t.Run("links", func(t *testing.T) {
		h.t = t
		h.must(os.RemoveAll(filepath.Join(h.dir, session.DataFolder)))
		h.must(os.MkdirAll(filepath.Join(h.dir, session.DataFolder, "sandbox"), 0o777))
		h.must(os.Symlink("../../../../outside/made", filepath.Join(h.dir, session.DataFolder, "sandbox", "events.jsonl")))
		h.must(os.Symlink("../../../outside/folder", filepath.Join(h.dir, session.DataFolder, "cache")))
		h.runAll("sandbox")
		h.must(os.RemoveAll(filepath.Join(h.dir, session.DataFolder)))
		h.must(os.Symlink("../../outside/folder", filepath.Join(h.dir, session.DataFolder)))
		h.runAll("sandbox")
	})
}
