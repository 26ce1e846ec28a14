package gitstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kivaform/kiva/hint"
)

// Time limits of one run of git.
const (
	localTime   = time.Minute
	networkTime = 5 * time.Minute
)

// A gitError is a failed run of git.
type gitError struct {
	command string
	stderr  string
	err     error
}

// telling lists the beginnings of git's lines with an error, the best first.
var telling = []string{"!", "fatal:", "error:"}

// unreadable is git's message after another program, such as ssh, has reported
// the error on the line before.
const unreadable = "fatal: Could not read from remote repository."

// Error returns git's most informative line.
func (e *gitError) Error() string {
	best, rank, before := e.err.Error(), len(telling), ""
	for line := range strings.Lines(e.stderr) {
		line = strings.TrimSpace(line)
		i := slices.IndexFunc(telling, func(t string) bool { return strings.HasPrefix(line, t) })
		if i >= 0 && i < rank {
			best, rank = line, i
			if line == unreadable && before != "" {
				best = before
			}
		}
		before = line
	}
	return "git " + e.command + ": " + best
}

// saysWords reports whether git's messages contain words.
func saysWords(err error, words string) bool {
	failed := (*gitError)(nil)
	return errors.As(err, &failed) && strings.Contains(failed.stderr, words)
}

func (e *gitError) Unwrap() error { return e.err }

// userInfo matches an address's user and password.
var userInfo = regexp.MustCompile(`://[^/@\s']+@`)

// safeOptions keep git from running programs that a repository names, and from
// mistaking a folder for a repository.
var safeOptions = []string{
	"-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never",
	"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=", // none; versions before 2.36 take "false" for a program
}

// runGit runs git in a folder. It prompts for nothing, and ends after limit or
// after more than maxAnswer bytes of output.
func runGit(ctx context.Context, limit time.Duration, dir string, env []string, stdin []byte, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append(slices.Clip(safeOptions), args...)...) // #nosec G204 -- git with arguments of our own; addresses were checked
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdin = bytes.NewReader(stdin)
	stdout, stderr := &answer{end: cancel}, &lastWords{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = 5 * time.Second // its child processes may hold the pipes
	detachTerminal(cmd)
	err := cmd.Run()
	if err == nil {
		return stdout.text.Bytes(), nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("the git program is not installed")
	}
	command := args[slices.IndexFunc(args, isCommand)]
	if stdout.over {
		return nil, hint.With(fmt.Errorf("git %s: the answer has more than %d MiB, so kivaform has not written what it is about", command, maxAnswer>>20),
			"find out who put so much into the ledger's branch, and remove it there")
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("no end after %s: %w", limit, ctx.Err())
	}
	return stdout.text.Bytes(), &gitError{command, userInfo.ReplaceAllString(string(stderr.keptText()), "://"), err}
}

func isCommand(arg string) bool {
	return arg != "" && arg[0] != '-' && !strings.Contains(arg, "=")
}

// withheld lists the beginnings of variables that no program started by git
// needs: other secrets, and settings that would write them into messages.
var withheld = []string{"KIVA_", "KIVAFORM_", "PG", "AWS_", "GIT_TRACE", "GIT_CURL_VERBOSE"}

// repositoryVariables lists the variables by which a caller's git, such as a
// hook's, refers to another repository, or says how to create one.
var repositoryVariables = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_QUARANTINE_PATH", "GIT_GRAFT_FILE",
	"GIT_REPLACE_REF_BASE", "GIT_CEILING_DIRECTORIES", "GIT_ATTR_SOURCE", "GIT_CONFIG", "GIT_TEMPLATE_DIR",
	"GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", allowVariable,
}

// gitEnvironment returns the program's environment without its secrets and other
// repositories, such that git prompts for nothing, fetches nothing on its own
// and prints English.
func gitEnvironment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "PATH" || slices.Contains(repositoryVariables, name) ||
			slices.ContainsFunc(withheld, func(p string) bool { return strings.HasPrefix(name, p) })
	})
	env = append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GCM_INTERACTIVE=never", "PATH="+wholePath(), allowVariable+"=")
	if os.Getenv("SSH_ASKPASS_REQUIRE") == "" {
		env = append(env, "SSH_ASKPASS_REQUIRE=never")
	}
	return env
}

// wholePath returns PATH without relative folders: git is started among the
// workspace's files.
func wholePath() string {
	folders := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool { return !filepath.IsAbs(dir) })
	return strings.Join(folders, string(os.PathListSeparator))
}

// ownEnvironment is the environment for the store's own repository: git sees
// only the given settings.
func ownEnvironment(global string, settings []setting) []string {
	env := slices.DeleteFunc(gitEnvironment(), func(v string) bool { return strings.HasPrefix(v, "GIT_CONFIG_") })
	env = append(env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+global)
	env = append(env, settingVariables(settings)...)
	return append(env, sshOptions(settings)...)
}
