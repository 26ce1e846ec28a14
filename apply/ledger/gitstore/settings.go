package gitstore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A setting is one of git's. A name may have several values.
type setting struct{ name, value string }

// carried lists the prefixes of settings for reaching a remote.
var carried = []string{"credential.", "http.", "https.", "url.", "ssh."}

// carriedNames lists further settings for that.
var carriedNames = []string{"core.sshcommand", "core.askpass", "core.longpaths", "safe.directory"}

// ofRemote lists a remote's settings that are copied. The others name programs,
// or are ours to choose.
var ofRemote = []string{"url", "pushurl", "proxy", "proxyauthmethod"}

// readSettings returns git's settings in the clone: the system's, the user's and
// the clone's own. It ignores files of the work tree, even if one of those
// includes them.
func (c *clone) readSettings(ctx context.Context) ([]setting, error) {
	out, err := c.git(ctx, "config", "--list", "--null", "--includes", "--show-origin")
	if err != nil {
		return nil, err
	}
	var all []setting
	fromTree := make(map[string]bool)
	fields := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		origin := fields[i]
		if _, known := fromTree[origin]; !known {
			file, isFile := strings.CutPrefix(origin, "file:")
			fromTree[origin] = isFile && c.isFromTree(c.resolvePath(file))
		}
		if fromTree[origin] {
			continue
		}
		name, value, valued := strings.Cut(fields[i+1], "\n")
		if !valued {
			value = "true"
		}
		all = append(all, setting{name, value})
	}
	return all, nil
}

// resolvePath returns a path as git resolves it in the clone.
func (c *clone) resolvePath(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.top, name)
}

// selectReaching selects the settings for reaching a remote, with the remote's own
// under our name for it.
func selectReaching(all []setting, remote string) (picked []setting) {
	for _, s := range all {
		rest, isRemotes := strings.CutPrefix(s.name, "remote."+remote+".")
		switch {
		case isRemotes && slices.Contains(ofRemote, rest):
			picked = append(picked, setting{"remote." + ownRemote + "." + rest, s.value})
		case slices.Contains(carriedNames, s.name) || slices.ContainsFunc(carried, func(p string) bool { return strings.HasPrefix(s.name, p) }):
			picked = append(picked, s)
		}
	}
	return picked
}

// valueOf returns the last value of a setting, which is the valid one.
func valueOf(settings []setting, name string) string {
	for _, s := range slices.Backward(settings) {
		if s.name == name {
			return s.value
		}
	}
	return ""
}

// settingVariables returns environment variables that give git some settings.
// Arguments would expose secrets to all users of the machine.
func settingVariables(settings []setting) []string {
	var env []string
	for i, s := range settings {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s.name), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s.value))
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings)))
}

// sshOptions makes ssh fail rather than ask or wait, unless the user configures
// its command.
func sshOptions(settings []setting) []string {
	if os.Getenv("GIT_SSH_COMMAND") != "" || os.Getenv("GIT_SSH") != "" || valueOf(settings, "core.sshcommand") != "" {
		return nil
	}
	return []string{"GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"}
}
