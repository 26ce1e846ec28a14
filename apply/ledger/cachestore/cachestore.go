// Package cachestore remembers on disk what was read from a store.
//
// A ledger's objects never change, but one key may hold different objects: in
// two copies that went apart, and in a ledger that was restored from a backup
// and used on. To take the one for the other would make what was sent look
// unsent. So what is kept belongs to a place, to a ledger there, and to an
// object's version, and is good only where the store told this program that the
// key has that very version.
//
// A restore is not noticed between a preload and the reads that follow it.
package cachestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync"

	"kivaform/apply/ledger"
)

// A Store is another store with a cache. It is a [ledger.Store], and several
// programs may share the cache's folder.
//
// The place and the ledger's first object name the cache's file: where a ledger
// was begun anew in the same place, nothing of the former one is read. That
// first object is never kept, as it may hold the key of the digests. What is
// damaged is read anew; where the folder can't be written, nothing is kept.
type Store struct {
	ledger.Versioner
	place, base string

	mu   sync.Mutex
	pack *pack             // of this ledger; nil until its first object was read
	near map[string]string // the version of each key that was preloaded last
}

// New returns a store with a cache in a folder, which is made when something is
// kept; nothing is where it is empty. Only its owner must be able to write the
// folder. The place is the store's address, without secrets.
func New(store ledger.Versioner, place, folder string) *Store {
	return &Store{Versioner: store, place: place, base: folder}
}

// Preload asks for the versions of what will be read. Everything else is always
// read from the store, and not kept.
func (s *Store) Preload(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	versions, err := s.Versioner.Versions(ctx, keys)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.near = versions
	return nil
}

// Get returns an object from the cache, or reads it. It keeps what was
// preloaded.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if key == ledger.HeaderKey {
		return s.header(ctx)
	}
	p, err := s.opened(ctx)
	if err != nil {
		return nil, err
	}
	name := s.nameOf(key)
	if p == nil || name == "" {
		return s.Versioner.Get(ctx, key)
	}
	if data, ok := p.get(name); ok {
		return data, nil
	}
	data, err := s.Versioner.Get(ctx, key)
	if err == nil {
		p.add(name, data)
	}
	return data, err
}

// nameOf returns under which name the pack has an object, "" where it is not to
// be kept. No key has a space.
func (s *Store) nameOf(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.near[key]
	if version == "" {
		return ""
	}
	return key + " " + version
}

// header reads the ledger's first object, which names the cache.
func (s *Store) header(ctx context.Context) ([]byte, error) {
	data, err := s.Versioner.Get(ctx, ledger.HeaderKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(s.place+"\x00"), data...))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack == nil {
		name := "" // nowhere
		if s.base != "" {
			name = filepath.Join(s.base, hex.EncodeToString(sum[:12])+".objects")
		}
		s.pack = openPack(name)
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
