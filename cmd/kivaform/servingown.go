package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"kivaform/kiva/hint"
)

// lockServing makes this the only process that serves the workspace's sandbox,
// until the lock is closed or the process ends. Which cache folder another one
// uses doesn't matter.
func (w *workspace) lockServing() (*flock.Flock, error) {
	folder, err := w.openDataFolder(sandboxFolder)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	for _, name := range []string{servingLock, servingFile} {
		if err := refuseLinks(folder, name); err != nil {
			return nil, err
		}
	}
	f, err := folder.OpenFile(servingLock, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	lock := flock.New(filepath.Join(w.set.Dir, filepath.FromSlash(sandboxFolder), servingLock), flock.SetFlag(os.O_RDWR|noFollow))
	held, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, w.servedAlready()
	}
	return lock, nil
}

func (w *workspace) servedAlready() error {
	at := ""
	if s, err := w.announced(); err == nil && s.URL != "" {
		at = fmt.Sprintf(", at %+.100q", s.URL)
	}
	return hint.With(fmt.Errorf("a sandbox serves this workspace already%s", at), "interrupt that one first")
}

// makeServingKey makes the key by which other commands know the sandbox that is
// to be served. Without a cache folder it has none, and they don't find it.
func (w *workspace) makeServingKey() []byte {
	key := []byte(rand.Text())
	cache := w.app.workspaceCache()
	if cache == "" || os.WriteFile(filepath.Join(cache, servingKey), key, 0o600) != nil {
		fmt.Fprintln(w.app.err, "warning: other commands won't find this sandbox, as its key can't be kept; hint: set KIVAFORM_CACHE_DIR to a folder of your own outside of the workspace")
		return nil
	}
	return key
}

// announce writes the serving file, which appears whole, and returns what
// removes it if it is still this one.
func (w *workspace) announce(base string) (withdraw func(), err error) {
	folder, err := w.openDataFolder(sandboxFolder)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	data, _ := json.Marshal(serving{URL: base}) // of a string: can't fail
	temporary := servingFile + "." + rand.Text()
	err = folder.WriteFile(temporary, data, 0o600)
	if err == nil {
		err = folder.Rename(temporary, servingFile)
	}
	if err != nil {
		folder.Remove(temporary)
		return nil, err
	}
	return func() { w.withdrawServing(data) }, nil
}

func (w *workspace) withdrawServing(own []byte) {
	folder, err := w.openDataFolder(sandboxFolder)
	if err != nil {
		return
	}
	defer folder.Close()
	if there, err := readServing(folder, servingFile); err == nil && bytes.Equal(there, own) {
		folder.Remove(servingFile)
	}
}
