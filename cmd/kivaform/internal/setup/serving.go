package setup

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
)

// lockServing takes the lock of the process that serves the workspace's sandbox,
// until it is closed or the process ends. The lock is independent of the cache
// folder.
func lockServing(w *session.Workspace) (*flock.Flock, error) {
	folder, err := w.OpenDataFolder(session.SandboxFolder)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	for _, name := range []string{session.ServingLock, session.ServingFile} {
		if err := session.RefuseLinks(folder, name); err != nil {
			return nil, err
		}
	}
	f, err := folder.OpenFile(session.ServingLock, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	lock := flock.New(filepath.Join(w.Set.Dir, filepath.FromSlash(session.SandboxFolder), session.ServingLock), flock.SetFlag(os.O_RDWR|session.NoFollow))
	held, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, alreadyServedError(w)
	}
	return lock, nil
}

func alreadyServedError(w *session.Workspace) error {
	at := ""
	if s, err := w.Announced(); err == nil && s.URL != "" {
		at = fmt.Sprintf(", at %+.100q", s.URL)
	}
	return hint.With(fmt.Errorf("a sandbox serves this workspace already%s", at), "interrupt that one first")
}

// makeServingKey generates the key by which other commands recognise the sandbox.
// Without a cache folder it returns nil, and they don't find it.
func makeServingKey(w *session.Workspace) []byte {
	key := []byte(rand.Text())
	cache := w.App.WorkspaceCache()
	if cache == "" || os.WriteFile(filepath.Join(cache, session.ServingKey), key, 0o600) != nil {
		fmt.Fprintln(w.App.Err, "warning: other commands won't find this sandbox, as its key can't be kept; hint: set KIVAFORM_CACHE_DIR to a folder of your own outside of the workspace")
		return nil
	}
	return key
}

// announceSandbox writes the serving file atomically; withdraw removes it, unless
// another process has replaced it.
func announceSandbox(w *session.Workspace, base string) (withdraw func(), err error) {
	folder, err := w.OpenDataFolder(session.SandboxFolder)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	data, _ := json.Marshal(session.Serving{URL: base}) // of a string: can't fail
	temporary := session.ServingFile + "." + rand.Text()
	err = folder.WriteFile(temporary, data, 0o600)
	if err == nil {
		err = folder.Rename(temporary, session.ServingFile)
	}
	if err != nil {
		folder.Remove(temporary)
		return nil, err
	}
	return func() { withdrawServing(w, data) }, nil
}

func withdrawServing(w *session.Workspace, own []byte) {
	folder, err := w.OpenDataFolder(session.SandboxFolder)
	if err != nil {
		return
	}
	defer folder.Close()
	if there, err := session.ReadServing(folder, session.ServingFile); err == nil && bytes.Equal(there, own) {
		folder.Remove(session.ServingFile)
	}
}
