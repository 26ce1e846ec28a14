package apply

import (
	"slices"
	"sync"

	"kivaform/plan"
)

// InFlight are the attempts of which the ledger has no answer: begun and not
// recorded yet, or recorded as unknown. They stay unknown if the program ends
// now. The zero value has none. It is safe for concurrent use.
type InFlight struct {
	mu        sync.Mutex
	addresses []plan.Address
}

// Addresses returns the addresses of the attempts, in the order of their begin.
func (f *InFlight) Addresses() []plan.Address {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.addresses)
}

func (f *InFlight) add(a plan.Address) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addresses = append(f.addresses, a)
}

func (f *InFlight) remove(a plan.Address) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.addresses, a); i >= 0 {
		f.addresses = slices.Delete(f.addresses, i, i+1)
	}
}
