package oauth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"kivaform/kiva/sandbox/internal/folder"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A Keyring holds the keys of tokens: the signing one, and after a rotation the
// one before, whose tokens stay valid until the next. Keys are generated when
// first needed, because that takes longer than a whole plan, and kept in dir.
type Keyring struct {
	dir string // "" for memory

	mu      sync.Mutex
	keys    []*jose.JSONWebKey // the signing one first
	written time.Time          // modification time of the signing key's file
}

// NewKeyring returns the keys of a folder, or keys in memory if dir is empty.
func NewKeyring(dir string) *Keyring { return &Keyring{dir: dir} }

const (
	keyFile    = "key.pem"
	oldKeyFile = "key.old.pem"
)

// memoryKey is the first key of all sandboxes in this process's memory.
var memoryKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// All returns the private keys, the signing one first.
func (k *Keyring) All() ([]*jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil || k.isRotated() {
		if err := k.loadKeys(); err != nil {
			return nil, fmt.Errorf("sandbox: key for tokens: %w", err)
		}
	}
	return k.keys, nil
}

// isRotated reports whether another process has rotated the keys.
func (k *Keyring) isRotated() bool {
	if k.dir == "" {
		return false
	}
	info, err := os.Lstat(filepath.Join(k.dir, keyFile))
	return err != nil || !info.ModTime().Equal(k.written)
}

// Rotate generates a new signing key. Tokens of the one before stay valid,
// unless it is revoked.
func (k *Keyring) Rotate(revoke bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" {
		return k.rotateMemory(revoke)
	}
	return k.withLock(func(root *os.Root) error {
		if err := root.Remove(oldKeyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if !revoke {
			if err := root.Rename(keyFile, oldKeyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		_, err := generateKey(root, keyFile)
		k.keys = nil
		return err
	})
}

func (k *Keyring) rotateMemory(revoke bool) error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	keys := []*jose.JSONWebKey{webKey(private)}
	if !revoke && len(k.keys) > 0 {
		keys = append(keys, k.keys[0])
	}
	k.keys = keys
	return nil
}

// webKey gives a key an id of the length of Kiva's.
func webKey(private *rsa.PrivateKey) *jose.JSONWebKey {
	key := &jose.JSONWebKey{Key: private, Algorithm: string(jose.RS256), Use: "sig"}
	thumbprint, _ := key.Thumbprint(crypto.SHA256) // of an RSA key: can't fail
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)[:8]
	return key
}

// withLock calls f under the lock of the keys, which holds for all processes.
func (k *Keyring) withLock(f func(*os.Root) error) error {
	dir := folder.Dir(k.dir)
	return dir.Do(func(root *os.Root) error {
		lock, err := dir.Lock(root, "key.lock")
		if err != nil {
			return err
		}
		defer lock.Unlock()
		return f(root)
	})
}

func (k *Keyring) loadKeys() error {
	if k.dir == "" {
		private, err := memoryKey()
		if err == nil {
			k.keys = []*jose.JSONWebKey{webKey(private)}
		}
		return err
	}
	return k.withLock(k.loadFiles)
}

func (k *Keyring) loadFiles(root *os.Root) error {
	private, err := readKey(root, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		private, err = generateKey(root, keyFile)
	}
	if err != nil {
		return err
	}
	info, err := root.Lstat(keyFile)
	if err != nil {
		return err
	}
	k.keys, k.written = []*jose.JSONWebKey{webKey(private)}, info.ModTime()
	old, err := readKey(root, oldKeyFile)
	if err == nil {
		k.keys = append(k.keys, webKey(old))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func readKey(root *os.Root, name string) (*rsa.PrivateKey, error) {
	data, err := folder.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	return parseKey(filepath.Join(root.Name(), name), data)
}

// generateKey generates a key and writes it to a file of mode 0600.
func generateKey(root *os.Root, name string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return key, folder.ReplaceFile(root, name, data)
}

func parseKey(name string, data []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key; delete it", name)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; delete it", name, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no RSA key; delete it", name)
	}
	return key, nil
}
