package ledgertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"kivaform/apply/ledger"
)

// A Memory is a store in memory. Its hooks let a test fail or stop at each
// step.
type Memory struct {
	// BeforeCreate runs before an object is stored. Its error is returned, and
	// nothing is stored.
	BeforeCreate func(key string) error
	// AfterCreate runs when an object has been stored. Its error is returned:
	// a create that succeeded without an answer.
	AfterCreate func(key string) error

	mu      sync.Mutex
	objects map[string]memoryObject
}

type memoryObject struct {
	data    []byte
	version string
}

// Create stores an object.
func (m *Memory) Create(ctx context.Context, key string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !ledger.ValidKey(key) {
		return fmt.Errorf("%q is not a key", key)
	}
	if m.BeforeCreate != nil {
		if err := m.BeforeCreate(key); err != nil {
			return err
		}
	}
	if err := m.put(key, data); err != nil {
		return err
	}
	if m.AfterCreate != nil {
		return m.AfterCreate(key)
	}
	return nil
}

func (m *Memory) put(key string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.objects[key]; there {
		return fmt.Errorf("%s: %w", key, ledger.ErrExists)
	}
	if m.objects == nil {
		m.objects = make(map[string]memoryObject)
	}
	m.objects[key] = memoryObject{bytes.Clone(data), rand.Text()}
	return nil
}

// Get returns an object.
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	object, there := m.objects[key]
	if !there {
		return nil, fmt.Errorf("%s: %w", key, ledger.ErrNotExist)
	}
	return bytes.Clone(object.data), nil
}

// List returns the keys with a prefix.
func (m *Memory) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	m.mu.Lock()
	keys := slices.Sorted(maps.Keys(m.objects))
	m.mu.Unlock()
	return func(yield func(string, error) bool) {
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

// Versions returns another version for each create.
func (m *Memory) Versions(_ context.Context, keys []string) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := make(map[string]string)
	for _, key := range keys {
		if object, there := m.objects[key]; there {
			versions[key] = object.version
		}
	}
	return versions, nil
}

// Remove takes an object away, which no program does: a person, or a disk.
func (m *Memory) Remove(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
}
