package worldtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"kivaform/apply/ledger"
	"kivaform/spec"
)

// A store keeps a ledger's objects, and knows for each intent which addresses
// it names, so that the checks needn't believe the ledger's own reading.
type store struct {
	mu      sync.Mutex
	name    string
	objects map[string]object
}

type object struct {
	data      []byte
	addresses []spec.Address // of an intent
}

func newStore(name string) *store { return &store{name: name, objects: make(map[string]object)} }

// copy returns the store as it is now: a dump, a clone, another site.
func (s *store) copy(name string) *store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &store{name: name, objects: maps.Clone(s.objects)}
}

// replace makes the store what another one was: a dump is restored, a branch is
// reset, a folder is checked out.
func (s *store) replace(by *store) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects = maps.Clone(by.objects)
}

// hasAllOf reports whether nothing was stored in another one that isn't here.
func (s *store) hasAllOf(other *store) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range other.objects {
		if _, there := s.objects[key]; !there {
			return false
		}
	}
	return true
}

// names returns the addresses that any intent names.
func (s *store) names() map[spec.Address]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[spec.Address]bool)
	for _, o := range s.objects {
		for _, a := range o.addresses {
			all[a] = true
		}
	}
	return all
}

// Create stores a new object.
func (s *store) Create(_ context.Context, key string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.objects[key]; there {
		return fmt.Errorf("%s: %w", key, ledger.ErrExists)
	}
	s.objects[key] = object{bytes.Clone(data), addressesOf(key, data)}
	return nil
}

// Get returns an object.
func (s *store) Get(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, there := s.objects[key]
	if !there {
		return nil, fmt.Errorf("%s: %w", key, ledger.ErrNotExist)
	}
	return bytes.Clone(o.data), nil
}

// List yields the keys with a prefix.
func (s *store) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	s.mu.Lock()
	keys := slices.Sorted(maps.Keys(s.objects))
	s.mu.Unlock()
	return func(yield func(string, error) bool) {
		for _, key := range keys {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

func addressesOf(key string, data []byte) []spec.Address {
	if !strings.HasSuffix(key, ".intent.json") {
		return nil
	}
	var in struct {
		Stream    string
		MovedFrom string `json:"moved_from"`
		Items     []struct{ Address spec.Address }
		Rows      []struct {
			LoanID string `json:"loan_id"`
		}
	}
	if json.Unmarshal(data, &in) != nil {
		return nil
	}
	var all []spec.Address
	for _, item := range in.Items {
		all = append(all, item.Address)
	}
	_, period, _ := strings.Cut(in.Stream, "/")
	for _, row := range in.Rows {
		all = append(all, spec.RepaymentAddress(period, row.LoanID))
	}
	if in.MovedFrom != "" {
		all = append(all, spec.Address(in.MovedFrom))
	}
	return all
}

var (
	errPower = errors.New("the power is cut")
	errStore = errors.New("the store doesn't answer")
)

// A link is a machine's way to a store. It is where a machine stops or pauses,
// and where answers are lost.
type link struct {
	*store
	machine *machine
}

// Create loses its answer, or the request, by the seed.
func (l *link) Create(ctx context.Context, key string, data []byte) error {
	if err := l.machine.step(true); err != nil {
		return err
	}
	chance := l.machine.w.chance("create", key, l.machine.run())
	loses := l.machine.w.has[storeLoses] && !l.machine.w.calm
	if loses && chance < 4 {
		return errStore
	}
	err := l.store.Create(ctx, key, data)
	if err == nil {
		l.machine.begun(addressesOf(key, data))
	}
	if power := l.machine.step(true); power != nil {
		return power
	}
	if loses && chance >= 4 && chance < 8 {
		return errStore
	}
	return err
}

// Get reads, while there is power.
func (l *link) Get(ctx context.Context, key string) ([]byte, error) {
	if l.machine.dead() {
		return nil, errPower
	}
	return l.store.Get(ctx, key)
}
