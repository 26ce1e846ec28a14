// Package cachestore remembers on disk what was read from a store. A ledger's
// objects never change, so what was read once is good for ever.
package cachestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"path/filepath"
	"sync"

	"kivaform/apply/ledger"
)

// A Store is another store with a cache. It is a [ledger.Store], and several
// programs may share the cache's folder.
//
// A cache belongs to one ledger, whose first object names its file: where a
// ledger was begun anew in the same place, nothing of the former one is read.
// That first object is never kept, as it may hold the key of the digests. What
// is damaged is read anew; where the folder can't be written, nothing is kept.
type Store struct {
	ledger.Store
	base string

	mu   sync.Mutex
	pack *pack // of this ledger; nil until its first object was read
}

// New returns a store with a cache in a folder, which is made when something is
// kept.
func New(store ledger.Store, folder string) *Store { return &Store{Store: store, base: folder} }

// Get returns an object from the cache, or reads it and keeps it.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if key == ledger.HeaderKey {
		return s.header(ctx)
	}
	p, err := s.opened(ctx)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return s.Store.Get(ctx, key)
	}
	if data, ok := p.get(key); ok {
		return data, nil
	}
	data, err := s.Store.Get(ctx, key)
	if err == nil {
		p.add(key, data)
	}
	return data, err
}

// header reads the ledger's first object, which names the cache.
func (s *Store) header(ctx context.Context) ([]byte, error) {
	data, err := s.Store.Get(ctx, ledger.HeaderKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack == nil {
		s.pack = openPack(filepath.Join(s.base, hex.EncodeToString(sum[:12])+".objects"))
	}
	return data, nil
}

// opened returns the ledger's cache, nil for a ledger without a first object.
func (s *Store) opened(ctx context.Context) (*pack, error) {
	s.mu.Lock()
	p := s.pack
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if _, err := s.header(ctx); err != nil {
		if errors.Is(err, ledger.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	return s.opened(ctx)
}

// Close writes to the disk what was read. The store under it stays open.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack != nil {
		s.pack.close()
		s.pack = nil
	}
	return nil
}

// List returns what the store lists.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return s.Store.List(ctx, prefix)
}
