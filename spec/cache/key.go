package cache

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
)

const keyFile = "checked.key"

// Key returns a key of this user and this build of the program, in 32 bytes. It
// is made from a secret in the folder dir, which is created where it isn't
// there. Another build gets another key, so that it opens nothing of what this
// one has judged by its own rules.
func Key(dir string) ([]byte, error) {
	secret, err := readSecret(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeSecret(dir); err == nil {
			secret, err = readSecret(dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cache: key: %w", err)
	}
	h := sha256.New()
	h.Write(secret)
	h.Write([]byte(build()))
	return h.Sum(nil), nil
}

func readSecret(dir string) ([]byte, error) {
	secret, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err == nil && len(secret) != sha256.Size {
		return nil, fs.ErrNotExist // damaged: another will do
	}
	return secret, err
}

// writeSecret makes the secret. Where two processes do so at once the later one
// wins; the other's entries don't open, and are made again.
func writeSecret(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, keyFile+"-*") // 0600
	if err != nil {
		return err
	}
	secret := make([]byte, sha256.Size)
	rand.Read(secret)
	_, err = tmp.Write(secret)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, keyFile))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// build names this build of the program: its version, and the size and time of
// its file, which differ from build to build while somebody works on it.
func build() string {
	name := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		name = info.String()
	}
	file, err := os.Executable()
	if err != nil {
		return name
	}
	if info, err := os.Stat(file); err == nil {
		name += fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	}
	return name
}
