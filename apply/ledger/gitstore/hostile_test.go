//go:build unix

package gitstore_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger/gitstore"
	"kivaform/kiva/hint"
)

// marker makes a program that leaves a trace when it runs, and returns it and
// a check that it didn't.
func marker(t *testing.T) (program string, unharmed func()) {
	t.Helper()
	dir := t.TempDir()
	program, trace := filepath.Join(dir, "run"), filepath.Join(dir, "ran")
	write(t, program, "#!/bin/sh\necho \"$0 $*\" >> "+trace+"\nexit 1\n")
	return program, func() {
		t.Helper()
		if said, err := os.ReadFile(trace); err == nil {
			t.Errorf("it ran: %s", said)
		}
	}
}

// write writes a file that can be run.
func write(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, os.WriteFile(name, []byte(text), 0o755))
}

// everything uses all of a store, and returns the first error.
func everything(t *testing.T, o gitstore.Options) error {
	t.Helper()
	if o.Branch == "" {
		o.Branch = "kivaform-ledger"
	}
	s, err := gitstore.New(o)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, err := range s.List(t.Context(), "") {
		if err != nil {
			return err
		}
	}
	if err := s.Create(t.Context(), fmt.Sprintf("a-%s.json", filepath.Base(t.TempDir())), nil); err != nil {
		return err
	}
	return s.Preload(t.Context(), []string{"a.json"})
}

// looksBare lays a bare repository into a folder of the tree, by files that any
// commit can bring.
func looksBare(t *testing.T, dir, settings string) {
	t.Helper()
	for name, text := range map[string]string{"HEAD": "ref: refs/heads/main\n", "config": settings, "objects/.keep": "", "refs/.keep": ""} {
		write(t, filepath.Join(dir, name), text)
	}
}

// A folder of the clone that looks like a repository isn't taken for one: the
// ledger is at the clone's own remote.
func TestBareRepositoryInTheWorkspace(t *testing.T) {
	bare := remote(t)
	dir := clone(t, bare)
	program, unharmed := marker(t)
	workspace := filepath.Join(dir, "kiva")
	looksBare(t, workspace, fmt.Sprintf("[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tworktree = ..\n\tsshCommand = %s\n"+
		"[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ssh://git@127.0.0.1:9/x.git\n\tpromisor = true\n", program))
	write(t, filepath.Join(workspace, "refs", "heads", "main"), strings.Repeat("1", 40)+"\n")
	must(t, everything(t, gitstore.Options{Dir: workspace, Cache: t.TempDir()}))
	if got, want := gitstore.HeadCommit(t.Context(), workspace), strings.TrimSpace(git(t, dir, "rev-parse", "--short=12", "HEAD")); got != want {
		t.Errorf("commit %q, want %q", got, want)
	}
	unharmed()
	git(t, bare, "rev-parse", "--verify", "kivaform-ledger")
}

// A bare repository alone, and one that a ".git" leads to inside the tree, are
// no clones.
func TestRepositoriesAmongTheFiles(t *testing.T) {
	program, unharmed := marker(t)
	settings := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tsshCommand = " + program + "\n[remote \"origin\"]\n\turl = ssh://git@127.0.0.1:9/x.git\n"
	for name, lay := range map[string]func(dir string) error{
		"bare": func(dir string) error { looksBare(t, dir, settings); return nil },
		"a .git file": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, ".git"), []byte("gitdir: x.git\n"), 0o600)
		},
		"a .git link":  func(dir string) error { return os.Symlink("x.git", filepath.Join(dir, ".git")) },
		"a far link":   func(dir string) error { return os.Symlink(filepath.Join(dir, "x.git"), filepath.Join(dir, ".git")) },
		"an own clone": func(dir string) error { git(t, dir, "init", "--quiet"); return nil },
	} {
		dir := t.TempDir()
		looksBare(t, filepath.Join(dir, "x.git"), settings)
		must(t, lay(dir))
		if err := everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}); err == nil {
			t.Errorf("%s: taken for a clone", name)
		}
		if commit := gitstore.HeadCommit(t.Context(), dir); commit != "" {
			t.Errorf("%s: commit %s", name, commit)
		}
		unharmed()
	}
}

// Names that kiva.yaml can't give a remote or a branch.
func TestPlacesRefused(t *testing.T) {
	for _, remote := range []string{
		"fd::7", "ext::sh -c x", "::", "-x", "--upload-pack=x", "ssh://-oProxyCommand=x/y", "ssh://git@-x/y", "-x:y", "git@-x:y", "x:-y",
		"./evil.git", "../evil.git", "/evil.git", "~/evil.git", ".", "..", "file:///evil.git", "file://evil", `C:\evil.git`, `\\host\evil`,
		"http://127.0.0.1/x", "git://example.org/x", "ftp://example.org/x", "HTTPS://example.org/x", "https:///x", "https://example.org",
		"https://exa mple.org/x", "ssh://example.org/x\ny", "origin\nx", "https::https://example.org/x", "x://y/z", "https://a:b@c@d/x y",
	} {
		if _, err := gitstore.New(gitstore.Options{Branch: "b", Remote: remote}); err == nil {
			t.Errorf("%q was taken", remote)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", remote, err)
		}
	}
	for _, remote := range []string{
		"origin", "team/upstream", "up.stream", "https://example.org/x.git", "https://user:pw@example.org:8443/x", "ssh://git@example.org:2222/~/x.git",
		"git@example.org:group/x.git", "example.org:x", "ssh://[::1]:22/x", "git+ssh://example.org/x",
	} {
		if _, err := gitstore.New(gitstore.Options{Branch: "b", Remote: remote}); err != nil {
			t.Errorf("%q: %v", remote, err)
		}
	}
	for _, branch := range []string{"", "-x", "a..b", "a:b", "a b", "a//b", "/a", "a/", ".a", "a/.b", "a.lock", "a.lock/b", "a~1", "a^", "a@{1}", "a\nb", "a\\b", "a.", "+a*"} {
		if _, err := gitstore.New(gitstore.Options{Branch: branch}); err == nil {
			t.Errorf("branch %q was taken", branch)
		}
	}
}

// A remote of the clone leads to a repository among the files that commits
// bring, however that is written, or to a program.
func TestRemotesThatAreNotFollowed(t *testing.T) {
	dir := clone(t, remote(t))
	program, unharmed := marker(t)
	evil := filepath.Join(dir, "files", "evil.git")
	git(t, dir, "init", "--quiet", "--bare", "--template=", evil)
	write(t, filepath.Join(evil, "hooks", "pre-receive"), "#!/bin/sh\nexec "+program+"\n")
	out := t.TempDir()
	must(t, os.Symlink(evil, filepath.Join(out, "link.git")))
	must(t, os.Symlink(out, filepath.Join(dir, "out")))
	git(t, dir, "config", "protocol.allow", "always")
	git(t, dir, "config", "protocol.ext.allow", "always")
	git(t, dir, "config", "url."+evil+".insteadOf", "https://moved.example/")
	git(t, dir, "config", "url.ext::"+program+" .insteadOf", "https://run.example/")
	for _, address := range []string{
		evil, "files/evil.git", "./files/evil", "file://" + evil, "file://" + strings.Replace(evil, "evil", "%65vil", 1), "out/link.git",
		filepath.Join(out, "link.git"), filepath.Join(out, "link"), filepath.Join(dir, ".git", "..", "files", "evil.git"),
		"ext::" + program + " x", "fd::7", "https://moved.example/", "https://run.example/x", "git://127.0.0.1:9/x", "http://192.0.2.1/x", "--upload-pack=" + program,
	} {
		git(t, dir, "config", "remote.origin.url", address)
		for _, err := range []error{
			everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}),
			everything(t, gitstore.Options{Dir: filepath.Join(dir, "files"), Cache: t.TempDir()}),
		} {
			if err == nil || !strings.Contains(err.Error(), `the remote "origin" leads to`) {
				t.Errorf("%s: %v", address, err)
			}
		}
		unharmed()
	}
	git(t, dir, "config", "remote.origin.url", "git@here.example:x.git")
	git(t, dir, "config", "remote.origin.pushurl", evil)
	if err := everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "commits bring") {
		t.Errorf("pushurl: %v", err)
	}
	for _, address := range []string{"https://moved.example/x", "https://run.example/x"} {
		if err := everything(t, gitstore.Options{Dir: dir, Remote: address, Cache: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "by https or ssh only") {
			t.Errorf("%s: %v", address, err)
		}
	}
	unharmed()
}

// Passwords go to an https address of kiva.yaml only where the clone has a
// remote, or the environment says so. Addresses are rewritten first.
func TestHostsOfAddresses(t *testing.T) {
	dir := clone(t, remote(t))
	git(t, dir, "remote", "add", "second", "https://known.invalid/y.git")
	git(t, dir, "config", "url.https://token@known.invalid.insteadOf", "https://known.invalid")
	for address, refused := range map[string]bool{
		"https://known.invalid/other.git":          false,
		"https://named.invalid/x.git":              false,
		"https://strange.invalid/x.git":            true,
		"https://known.invalid.strange.invalid/x":  true,
		"https://known.invalid:8443/x.git":         true,
		"https://known.invalid@strange.invalid/x.": true,
	} {
		err := everything(t, gitstore.Options{Dir: dir, Remote: address, Cache: t.TempDir(), AllowHost: func(host string) bool { return host == "named.invalid" }})
		if got := err != nil && strings.Contains(hint.Text(err), "KIVAFORM_ALLOW_HOSTS"); got != refused {
			t.Errorf("%s: refused: %v, not %v: %v", address, got, refused, err)
		}
	}
}

// A repository in the cache folder that has more than what the store left there
// is made anew, and the settings in it never count.
func TestForgedCache(t *testing.T) {
	bare := remote(t)
	dir, cache := clone(t, bare), t.TempDir()
	program, unharmed := marker(t)
	for name, forge := range map[string]func(repo string) error{
		"config": func(repo string) error {
			return os.WriteFile(filepath.Join(repo, "config"), []byte("[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tsshCommand = "+program+"\n\tfsmonitor = "+program+
				"\n[include]\n\tpath = /dev/null\n[protocol \"ext\"]\n\tallow = always\n[remote \"ledger\"]\n\turl = ext::"+program+" x\n\tuploadpack = "+program+"\n\treceivepack = "+program+"\n"), 0o600)
		},
		"hooks": func(repo string) error {
			for _, hook := range []string{"reference-transaction", "pre-push", "post-rewrite", "pre-auto-gc"} {
				write(t, filepath.Join(repo, "hooks", hook), "#!/bin/sh\nexec "+program+"\n")
			}
			return nil
		},
		"a link": func(repo string) error { return os.Symlink(bare, filepath.Join(repo, "refs", "link")) },
		"alternates": func(repo string) error {
			return os.WriteFile(filepath.Join(repo, "objects", "info", "alternates"), []byte(filepath.Join(bare, "objects")+"\n"), 0o600)
		},
		"commondir": func(repo string) error {
			return os.WriteFile(filepath.Join(repo, "commondir"), []byte(bare+"\n"), 0o600)
		},
		"config.worktree": func(repo string) error {
			return os.WriteFile(filepath.Join(repo, "config.worktree"), []byte("[core]\n\tsshCommand = "+program+"\n"), 0o600)
		},
	} {
		must(t, everything(t, gitstore.Options{Dir: dir, Cache: cache}))
		repos, _ := filepath.Glob(filepath.Join(cache, "git-*-0"))
		if len(repos) != 1 {
			t.Fatalf("%q", repos)
		}
		must(t, os.MkdirAll(filepath.Join(repos[0], "objects", "info"), 0o700))
		before, err := os.ReadFile(filepath.Join(repos[0], "config"))
		must(t, err)
		must(t, forge(repos[0]))
		must(t, everything(t, gitstore.Options{Dir: dir, Cache: cache}))
		unharmed()
		after, err := os.ReadFile(filepath.Join(repos[0], "config"))
		must(t, err)
		if name == "config" && string(after) != string(before) {
			t.Errorf("the settings are\n%s", after)
		}
		for _, left := range []string{"hooks", "refs/link", "objects/info/alternates", "commondir", "config.worktree"} {
			if _, err := os.Lstat(filepath.Join(repos[0], left)); err == nil {
				t.Errorf("%s: %s is left", name, left)
			}
		}
	}
}

// A folder that is a link isn't used, and what it leads to stays.
func TestCacheThatIsALink(t *testing.T) {
	dir, cache, elsewhere := clone(t, remote(t)), t.TempDir(), t.TempDir()
	must(t, everything(t, gitstore.Options{Dir: dir, Cache: cache}))
	repos, _ := filepath.Glob(filepath.Join(cache, "git-*-0"))
	must(t, os.RemoveAll(repos[0]))
	looksBare(t, elsewhere, "mine")
	must(t, os.Symlink(elsewhere, repos[0]))
	must(t, everything(t, gitstore.Options{Dir: dir, Cache: cache}))
	if text, _ := os.ReadFile(filepath.Join(elsewhere, "config")); string(text) != "mine" {
		t.Errorf("written through a link: %s", text)
	}
}

// Settings count that the system, the user and the clone have. A file of the
// tree doesn't, though they may include it.
func TestIncludedFileOfTheTree(t *testing.T) {
	bare := remote(t)
	program, calls := fakeSSH(t, filepath.Dir(bare))
	bad, unharmed := marker(t)
	dir := clone(t, bare)
	git(t, dir, "remote", "set-url", "origin", "git@here.example:partner.git")
	write(t, filepath.Join(dir, "shared.config"), "[core]\n\tsshCommand = "+bad+"\n[credential]\n\thelper = "+bad+"\n[remote \"origin\"]\n\turl = ext::"+bad+" x\n")
	global := filepath.Join(t.TempDir(), "gitconfig")
	write(t, global, "[core]\n\tsshCommand = "+program+"\n[include]\n\tpath = "+filepath.Join(dir, "shared.config")+"\n[push]\n\tgpgSign = true\n[core]\n\thooksPath = "+filepath.Dir(bad)+"\n")
	t.Setenv("GIT_CONFIG_GLOBAL", global)
	git(t, dir, "config", "include.path", "../shared.config")
	must(t, everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}))
	unharmed()
	if calls() == "" {
		t.Error("the user's own core.sshCommand wasn't used")
	}
}

// What git starts sees no secret that isn't its own.
func TestSecretsAreWithheld(t *testing.T) {
	bare := remote(t)
	program, _ := fakeSSH(t, filepath.Dir(bare))
	log := filepath.Join(t.TempDir(), "environment")
	t.Setenv("GIT_SSH_COMMAND", "env >> "+log+"; "+program)
	t.Setenv("GIT_SSH_VARIANT", "ssh")
	for _, name := range []string{"KIVA_CLIENT_SECRET", "KIVA_CLIENT_ID", "KIVAFORM_LEDGER_KEY", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "withheld-secret")
	}
	for _, name := range []string{"SSH_AUTH_SOCK", "GITHUB_TOKEN", "HTTPS_PROXY"} {
		t.Setenv(name, "needed-by-git")
	}
	t.Setenv("PATH", "bin"+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := clone(t, bare)
	git(t, dir, "remote", "set-url", "origin", "git@here.example:partner.git")
	must(t, everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}))
	said, err := os.ReadFile(log)
	must(t, err)
	if strings.Contains(string(said), "withheld-secret") || strings.Contains(string(said), ":bin:") || strings.Count(string(said), "needed-by-git") < 3 {
		t.Errorf("the environment was\n%s", said)
	}
}

// The ways by which git knows a password work: they are the user's or the
// clone's own. The workspace is below the top of a clone of each kind.
func TestPasswords(t *testing.T) {
	for name, set := range map[string]func(t *testing.T, dir, address, global string){
		"in the address": func(t *testing.T, dir, address, _ string) {
			git(t, dir, "remote", "set-url", "origin", strings.Replace(address, "://", "://ann:hunter2@", 1))
		},
		"http.extraHeader of the clone": func(t *testing.T, dir, address, _ string) {
			git(t, dir, "config", "http."+address+".extraHeader", "Authorization: Basic YW5uOmh1bnRlcjI=")
		},
		"credential.helper of the user": func(t *testing.T, _, _, global string) {
			write(t, global, "[credential]\n\thelper = \"!f() { echo username=ann; echo password=hunter2; }; f\"\n")
		},
		"url.insteadOf of the user": func(t *testing.T, dir, address, global string) {
			git(t, dir, "remote", "set-url", "origin", "https://short.invalid/")
			write(t, global, "[url \""+strings.Replace(address, "://", "://ann:hunter2@", 1)+"\"]\n\tinsteadOf = https://short.invalid/\n")
		},
		"credential.helper of the environment": func(t *testing.T, _, _, _ string) {
			t.Setenv("GIT_CONFIG_COUNT", "1")
			t.Setenv("GIT_CONFIG_KEY_0", "credential.helper")
			t.Setenv("GIT_CONFIG_VALUE_0", "!f() { echo username=ann; echo password=hunter2; }; f")
		},
	} {
		t.Run(name, func(t *testing.T) {
			bare := remote(t)
			h := serve(t, bare)
			backend := h.backend
			h.backend = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, password, _ := r.BasicAuth(); user != "ann" || password != "hunter2" {
					w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
					http.Error(w, "no", http.StatusUnauthorized)
					return
				}
				backend.ServeHTTP(w, r)
			})
			dir := clone(t, bare)
			git(t, dir, "remote", "set-url", "origin", h.url)
			global := filepath.Join(t.TempDir(), "gitconfig")
			write(t, global, "")
			t.Setenv("GIT_CONFIG_GLOBAL", global)
			if err := everything(t, gitstore.Options{Dir: dir, Cache: t.TempDir()}); err == nil {
				t.Fatal("no password was needed")
			}
			set(t, dir, h.url, global)
			workspace := filepath.Join(dir, "a", "b")
			must(t, os.MkdirAll(workspace, 0o755))
			must(t, everything(t, gitstore.Options{Dir: workspace, Cache: t.TempDir()}))
		})
	}
}

// Folders that are named from where the program was started.
func TestRelativeFolders(t *testing.T) {
	dir := clone(t, remote(t))
	must(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755))
	t.Chdir(filepath.Join(dir, "a"))
	must(t, everything(t, gitstore.Options{Dir: "b", Cache: filepath.Join("..", "..", "cache")}))
	if repos, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "cache", "git-*-0", "HEAD")); len(repos) != 1 {
		t.Errorf("kept in %q", repos)
	}
	t.Setenv("TMPDIR", "b")
	must(t, everything(t, gitstore.Options{Dir: "b"}))
}

// Clones whose ".git" is a file: a linked worktree, also inside of its clone,
// and a submodule.
func TestWorktreeAndSubmodule(t *testing.T) {
	bare := remote(t)
	main := clone(t, bare)
	linked, inside := filepath.Join(t.TempDir(), "linked"), filepath.Join(main, "trees", "linked")
	git(t, main, "worktree", "add", "--quiet", "--detach", linked)
	git(t, main, "worktree", "add", "--quiet", "--detach", inside)
	above := clone(t, remote(t))
	git(t, above, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", bare, "sub")
	for _, dir := range []string{linked, inside, filepath.Join(above, "sub")} {
		workspace := filepath.Join(dir, "kiva")
		must(t, os.MkdirAll(workspace, 0o755))
		must(t, everything(t, gitstore.Options{Dir: workspace, Cache: t.TempDir()}))
		if gitstore.HeadCommit(t.Context(), workspace) == "" {
			t.Errorf("%s: no commit", dir)
		}
	}
}
