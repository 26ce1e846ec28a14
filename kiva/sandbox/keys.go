package sandbox

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
	"os"
	"path/filepath"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/gofrs/flock"
)

// A keyring holds the key that signs tokens. It is made when it is first
// needed, because that takes longer than a whole plan, and kept in dir.
type keyring struct {
	dir string

	mu  sync.Mutex
	key *jose.JSONWebKey
}

// memoryKey is the key of all sandboxes in memory of this process.
var memoryKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// get returns the private key.
func (k *keyring) get() (*jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	private, err := k.load()
	if err != nil {
		return nil, fmt.Errorf("sandbox: key for tokens: %w", err)
	}
	key := &jose.JSONWebKey{Key: private, Algorithm: string(jose.RS256), Use: "sig"}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sandbox: key for tokens: %w", err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)[:8] // as long as Kiva's
	k.key = key
	return key, nil
}

func (k *keyring) load() (*rsa.PrivateKey, error) {
	if k.dir == "" {
		return memoryKey()
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(k.dir, "key.lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, err
	}
	defer lock.Unlock()
	name := filepath.Join(k.dir, "key.pem")
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return generateKey(name)
	}
	if err != nil {
		return nil, err
	}
	return parseKey(name, data)
}

// generateKey makes a key and keeps it in a file that only its owner can read.
// The file appears whole or not at all.
func generateKey(name string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		return nil, err
	}
	return key, os.Rename(name+".new", name)
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
