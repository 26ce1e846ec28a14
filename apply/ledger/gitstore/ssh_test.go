package gitstore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger"
)

// sshScript stands for ssh: it reaches one host, which is this machine, and
// notes how it was called. Every other host fails as ssh does.
const sshScript = `#!/bin/sh
echo "$*" >> "LOG"
while :; do
	case "$1" in
	-G) exit 0 ;;
	-p|-o) shift 2 ;;
	-*) shift ;;
	*) break ;;
	esac
done
host=${1#git@}; shift
case "$host" in
here.example) cd "HOME" && exec sh -c "$*" ;;
denied.example) echo "Load key: invalid format" >&2; echo "git@$host: Permission denied (publickey)." >&2 ;;
changed.example) echo "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @" >&2; echo "Host key verification failed." >&2 ;;
silent.example) ;;
*) echo "ssh: Could not resolve hostname $host: Name or service not known" >&2 ;;
esac
exit 255
`

// fakeSSH makes a program that stands for ssh, which lets in to a folder. It
// returns the program and what it is called with.
func fakeSSH(t *testing.T, home string) (program string, calls func() string) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell here")
	}
	dir := t.TempDir()
	program, log := filepath.Join(dir, "ssh"), filepath.Join(dir, "calls")
	script := strings.NewReplacer("LOG", log, "HOME", home).Replace(sshScript)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GIT_SSH_COMMAND", "GIT_SSH", "GIT_SSH_VARIANT"} {
		t.Setenv(name, "") // so that it comes back
		os.Unsetenv(name)
	}
	return program, func() string {
		data, _ := os.ReadFile(log)
		return string(data)
	}
}

// Each form of an address works, however git is told how to call ssh.
func TestSSH(t *testing.T) {
	const patient = "BatchMode=yes"
	for _, tt := range []struct {
		name    string
		address func(bare string) string
		way     func(t *testing.T, program string) []string // options of the clone
		calls   string                                      // how ssh must have been called
		batch   bool                                        // ssh is told not to ask
	}{
		{"ssh://, GIT_SSH_COMMAND", func(bare string) string { return "ssh://git@here.example" + bare }, byVariable, "git@here.example", false},
		{"ssh:// with a port, core.sshCommand", func(bare string) string { return "ssh://here.example:2222" + bare }, bySetting, "-p 2222 here.example", false},
		{"host:path, core.sshCommand", func(bare string) string { return "git@here.example:" + filepath.Base(bare) }, bySetting, "git@here.example", false},
		{"host:path, ssh itself", func(bare string) string { return "here.example:" + bare }, byPath, "here.example", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bare := remote(t)
			program, calls := fakeSSH(t, filepath.Dir(bare))
			address, options := tt.address(bare), tt.way(t, program)
			s, other := open(t, cloneWith(t, address, options)), open(t, cloneWith(t, address, options))
			before := len(calls())
			if err := s.Create(t.Context(), "a/one.json", []byte("one")); err != nil {
				t.Fatal(err)
			}
			if err := other.Create(t.Context(), "a/one.json", []byte("two")); !errors.Is(err, ledger.ErrExists) {
				t.Errorf("created twice: %v", err)
			}
			if data, err := other.Get(t.Context(), "a/one.json"); string(data) != "one" || err != nil {
				t.Errorf("Get: %q, %v", data, err)
			}
			said := calls()[before:]
			for _, part := range []string{tt.calls + " git-receive-pack '", tt.calls + " git-upload-pack '"} {
				if !strings.Contains(said, part) {
					t.Errorf("ssh wasn't called with %q:\n%s", part, said)
				}
			}
			if got := strings.Contains(said, patient); got != tt.batch {
				t.Errorf("%s: %v, not %v:\n%s", patient, got, tt.batch, said)
			}
		})
	}
}

// The ways by which git learns how to call ssh.
func byVariable(t *testing.T, program string) []string {
	t.Setenv("GIT_SSH_COMMAND", program)
	return nil
}

func bySetting(_ *testing.T, program string) []string {
	return []string{"-c", "core.sshCommand=" + program}
}

func byPath(t *testing.T, program string) []string {
	t.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	return nil
}

func cloneWith(t *testing.T, address string, options []string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, filepath.Dir(dir), append(append([]string{"clone", "--quiet", "--branch=main"}, options...), address, dir)...)
	return dir
}

// What ssh says is wrong is said, and not only that the remote can't be read.
func TestSSHFails(t *testing.T) {
	bare := remote(t)
	program, _ := fakeSSH(t, filepath.Dir(bare))
	t.Setenv("GIT_SSH_COMMAND", program)
	for address, says := range map[string]string{
		"nowhere.example:partner.git":           "ssh: Could not resolve hostname nowhere.example: Name or service not known",
		"ssh://git@denied.example/partner.git":  "git@denied.example: Permission denied (publickey).",
		"git@changed.example:partner.git":       "Host key verification failed.",
		"silent.example:partner.git":            "fatal: Could not read from remote repository.",
		"ssh://here.example/nowhere/absent.git": "fatal: '/nowhere/absent.git' does not appear to be a git repository",
	} {
		dir := cloneWith(t, bare, nil)
		git(t, dir, "remote", "set-url", "origin", address)
		s := open(t, dir)
		_, err := s.Get(t.Context(), "a.json")
		created := s.Create(t.Context(), "a.json", nil)
		for what, err := range map[string]error{"Get": err, "Create": created} {
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %s: %v; it should say %q", address, what, err, says)
			}
		}
	}
}
