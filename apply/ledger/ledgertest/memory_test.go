package ledgertest

import (
	"testing"

	"kivaform/apply/ledger"
)

func TestMemory(t *testing.T) {
	Run(t, func(*testing.T) func() ledger.Store {
		m := new(Memory)
		return func() ledger.Store { return m }
	})
}
