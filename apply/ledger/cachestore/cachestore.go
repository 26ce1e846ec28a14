// Package cachestore remembers on disk what was read from a store. A ledger's
// objects never change, so what was read once is good for ever.
package cachestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"kivaform/apply/ledger"
)

// A Store is another store with a cache. It is a [ledger.Store], and several
// programs may share the cache's folder.
//
// A cache belongs to one ledger, whose first object names its folder: where a
// ledger was begun anew in the same place, nothing of the former one is read.
// That first object is never kept, as it may hold the key of the digests. What
// is damaged is read anew; where the folder can't be written, nothing is kept.
type Store struct {
	ledger.Store
	base string

	mu  sync.Mutex
	dir string // of this ledger; "" until its first object was read
}

// New returns a store with a cache in a folder, which is made when something is
// kept.
func New(store ledger.Store, folder string) *Store { return &Store{Store: store, base: folder} }

// Get returns an object from the cache, or reads it and keeps it.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if key == ledger.HeaderKey {
		return s.header(ctx)
	}
	dir, err := s.folder(ctx)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		return s.Store.Get(ctx, key)
	}
	name := sha256.Sum256([]byte(key))
	text := hex.EncodeToString(name[:])
	file := filepath.Join(dir, text[:2], text)
	if data, ok := load(file); ok {
		return data, nil
	}
	data, err := s.Store.Get(ctx, key)
	if err == nil {
		keep(file, data)
	}
	return data, err
}

// header reads the ledger's first object, which names the folder.
func (s *Store) header(ctx context.Context) ([]byte, error) {
	data, err := s.Store.Get(ctx, ledger.HeaderKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dir = filepath.Join(s.base, hex.EncodeToString(sum[:12]))
	return data, nil
}

// folder returns the ledger's folder, "" for a ledger without a first object.
func (s *Store) folder(ctx context.Context) (string, error) {
	s.mu.Lock()
	dir := s.dir
	s.mu.Unlock()
	if dir != "" {
		return dir, nil
	}
	if _, err := s.header(ctx); err != nil {
		if errors.Is(err, ledger.ErrNotExist) {
			return "", nil
		}
		return "", err
	}
	return s.folder(ctx)
}

// load reads a kept object: its digest, then the object.
func load(file string) ([]byte, bool) {
	kept, err := os.ReadFile(file)
	if err != nil || len(kept) < sha256.Size {
		return nil, false
	}
	data := kept[sha256.Size:]
	sum := sha256.Sum256(data)
	return data, bytes.Equal(sum[:], kept[:sha256.Size])
}

// keep writes an object for the next time. It need not succeed: what isn't kept
// is read again.
func keep(file string, data []byte) {
	dir := filepath.Dir(file)
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(dir, ".tmp-") // for its owner alone
	if err != nil {
		return
	}
	sum := sha256.Sum256(data)
	_, err = f.Write(append(sum[:], data...))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// List returns what the store lists.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return s.Store.List(ctx, prefix)
}
