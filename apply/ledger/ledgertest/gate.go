package ledgertest

import (
	"context"

	"kivaform/apply/ledger"
)

// A Gate is a store behind hooks that let a test fail or stop at each step.
type Gate struct {
	ledger.Store
	// BeforeCreate runs before an object is stored. Its error is returned, and
	// nothing is stored.
	BeforeCreate func(key string) error
	// AfterCreate runs when an object has been stored. Its error is returned:
	// a create that succeeded without an answer.
	AfterCreate func(key string) error
}

// Create stores an object between the hooks.
func (g *Gate) Create(ctx context.Context, key string, data []byte) error {
	if g.BeforeCreate != nil {
		if err := g.BeforeCreate(key); err != nil {
			return err
		}
	}
	if err := g.Store.Create(ctx, key, data); err != nil {
		return err
	}
	if g.AfterCreate != nil {
		return g.AfterCreate(key)
	}
	return nil
}
