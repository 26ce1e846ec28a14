package session

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kivaform/kiva/sandbox"
)

// How a command finds the sandbox that "kivaform sandbox" serves for its
// workspace. The address stands in a file of the workspace, which may have come
// with a clone, so it is believed only on loopback and if whoever answers there
// has a key that stands in the user's own cache folder.

// A Serving file says where a running "kivaform sandbox" serves.
type Serving struct {
	URL string `json:"url"`
}

const (
	ServingFile = "serving.json" // in sandboxFolder
	ServingLock = "serving.lock" // in sandboxFolder, held while a sandbox is served
	ServingKey  = "sandbox.key"  // in the workspace's cache
)

// maxServing is more than a serving file ever has, in bytes.
const maxServing = 1 << 10

// probeTime is how long a sandbox may take to prove that it is there. It does so
// at once, whatever its latency, unless the machine is very busy.
const probeTime = 5 * time.Second

// runningSandbox returns the address of a sandbox that serves this workspace,
// "" where none answers. It says where one is announced and not believed.
func (w *Workspace) runningSandbox(ctx context.Context) (string, error) {
	s, err := w.Announced()
	if err != nil || s.URL == "" {
		return "", err
	}
	cache := w.App.WorkspaceCache()
	if cache != "" {
		key, err := os.ReadFile(filepath.Join(cache, ServingKey))
		ctx, cancel := context.WithTimeout(ctx, probeTime)
		defer cancel()
		if err == nil && sandbox.Proves(ctx, s.URL, key) {
			return s.URL, nil
		}
	}
	w.warnOfStranger(s)
	return "", nil
}

// warnOfStranger says that a sandbox was announced and another one is used. The
// file may have come with a clone, so the address is escaped and cut.
func (w *Workspace) warnOfStranger(s Serving) {
	where := "there is no cache folder to have its key"
	if dir, err := w.App.CacheFolder(); err == nil {
		where = "its key isn't in the cache folder " + dir
	}
	fmt.Fprintf(w.App.Err, "warning: a sandbox is announced at %+.100q, but %s, so this command used its own; hint: use the same KIVAFORM_CACHE_DIR for both, or, if nothing listens there, delete %s\n",
		s.URL, where, filepath.Join(w.Set.Dir, filepath.FromSlash(SandboxFolder), ServingFile))
}

// Announced returns what the serving file says, nothing where there is none that
// can be read.
func (w *Workspace) Announced() (s Serving, err error) {
	root, err := os.OpenRoot(w.Set.Dir)
	if err != nil {
		return s, err
	}
	defer root.Close()
	file := SandboxFolder + "/" + ServingFile
	if err := RefuseLinks(root, file); err != nil {
		return s, err
	}
	data, err := ReadServing(root, file)
	if err != nil || json.Unmarshal(data, &s) != nil {
		return Serving{}, nil
	}
	return s, nil
}

// ReadServing reads the file by which a running sandbox announces itself.
func ReadServing(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxServing))
}
