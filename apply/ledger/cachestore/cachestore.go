// Package cachestore caches on disk the objects read from a store.
//
// A ledger's objects never change, but one key may have different objects: in
// two copies that diverged, and in a ledger restored from a backup and used on.
// Confusing them would make sent items look unsent. So a cached object belongs
// to a store's address, to a ledger there, and to the object's version, and is
// used only if the store has told this program that the key has that very
// version.
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
// The store's address and the ledger's first object name the cache's file: a
// ledger begun anew at one address uses none of the former one's objects. That
// first object is never cached, because it may hold the key of the digests.
// Damaged objects are read again; a folder that can't be written is ignored.
type Store struct {
	ledger.Versioner
	place, base string

	mu   sync.Mutex
	pack *pack             // of this ledger; nil until its first object was read
	near map[string]string // the versions from the last preload, by key
}

// New returns a store with a cache in a folder, created when needed; "" means no
// cache. Only its owner may be able to write the folder. place is the store's
// address, without secrets.
func New(store ledger.Versioner, place, folder string) *Store {
	return &Store{Versioner: store, place: place, base: folder}
}

// Preload requests the versions of the keys to read. Other keys are always read
// from the store, and not cached.
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

// Get returns an object from the cache, or reads it. It caches preloaded keys.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if key == ledger.HeaderKey {
		return s.readHeader(ctx)
	}
	p, err := s.openPack(ctx)
	if err != nil {
		return nil, err
	}
	name := s.nameOf(key)
	if p == nil || name == "" {
		return s.Versioner.Get(ctx, key)
	}
	if data, ok := p.findObject(name); ok {
		return data, nil
	}
	data, err := s.Versioner.Get(ctx, key)
	if err == nil {
		p.addObject(name, data)
	}
	return data, err
}

// nameOf returns an object's name in the pack, or "" if it isn't to be cached.
// No key has a space.
func (s *Store) nameOf(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.near[key]
	if version == "" {
		return ""
	}
	return key + " " + version
}

// readHeader reads the ledger's first object, which names the cache.
func (s *Store) readHeader(ctx context.Context) ([]byte, error) {
	data, err := s.Versioner.Get(ctx, ledger.HeaderKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(s.place+"\x00"), data...))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack == nil {
		name := "" // in memory only
		if s.base != "" {
			name = filepath.Join(s.base, hex.EncodeToString(sum[:12])+".objects")
		}
		s.pack = openPack(name)
	}
	return data, nil
}

// openPack returns the ledger's cache, or nil for a ledger without a first object.
func (s *Store) openPack(ctx context.Context) (*pack, error) {
	s.mu.Lock()
	p := s.pack
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if _, err := s.readHeader(ctx); err != nil {
		if errors.Is(err, ledger.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	return s.openPack(ctx)
}

// Close writes the new objects to the disk. It doesn't close the store below.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pack != nil {
		s.pack.close()
		s.pack = nil
	}
	return nil
}
