package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kivaform/kiva/sandbox"
)

// How a command finds the sandbox that "kivaform sandbox" serves for its
// workspace. The address stands in a file of the workspace, which may have come
// with a clone, so it is believed only on loopback and if whoever answers there
// has a key that stands in the user's own cache folder.

// A serving file says where a running "kivaform sandbox" serves.
type serving struct {
	URL string `json:"url"`
}

const (
	servingFile = "serving.json" // in sandboxFolder
	servingKey  = "sandbox.key"  // in the workspace's cache
)

// probeTime is how long a sandbox may take to prove that it is there. It does so
// at once, whatever its latency, unless the machine is very busy.
const probeTime = 5 * time.Second

// runningSandbox returns the address of a sandbox that serves this workspace,
// "" where none answers.
func (w *workspace) runningSandbox(ctx context.Context) (string, error) {
	data, err := w.readServingFile()
	if err != nil || data == nil {
		return "", err
	}
	var s serving
	cache := w.app.workspaceCache()
	if cache == "" || json.Unmarshal(data, &s) != nil {
		return "", nil
	}
	key, err := os.ReadFile(filepath.Join(cache, servingKey))
	if err != nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if !sandbox.Proves(ctx, s.URL, key) {
		return "", nil
	}
	return s.URL, nil
}

// readServingFile returns what the serving file holds, nil where there is none.
func (w *workspace) readServingFile() ([]byte, error) {
	root, err := os.OpenRoot(w.set.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file := sandboxFolder + "/" + servingFile
	if err := refuseLinks(root, file); err != nil {
		return nil, err
	}
	data, err := root.ReadFile(file)
	if err != nil {
		return nil, nil // none that can be read
	}
	return data, nil
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

// announce writes the serving file, and returns what removes it.
func (w *workspace) announce(base string) (withdraw func(), err error) {
	folder, err := w.openDataFolder(sandboxFolder)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	data, _ := json.Marshal(serving{base}) // of a string: can't fail
	if err := folder.Remove(servingFile); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if err := folder.WriteFile(servingFile, data, 0o600); err != nil {
		return nil, err
	}
	return func() {
		if folder, err := w.openDataFolder(sandboxFolder); err == nil {
			folder.Remove(servingFile)
			folder.Close()
		}
	}, nil
}
