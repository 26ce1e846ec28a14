package plan_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kivaform/plan"
	"kivaform/spec"
)

// TestComputeAnew computes the plan of a workspace whose resources aren't those
// that were observed, as equal as they may be: what the ledger knows is looked
// up by their addresses.
func TestComputeAnew(t *testing.T) {
	resources := func() *spec.Set { return set(draft("L-2", 200), draft("L-1", 100), journal("L-1", "visit")) }
	l := new(fakeLedger)
	l.remember(draft("L-1", 100), plan.OutcomeAccepted)
	l.remember(draft("L-2", 150), plan.OutcomeUnknown)
	l.remember(journal("L-1", "visit"), plan.OutcomeRejected)
	want := resources()
	have, err := plan.Observe(t.Context(), want, l, new(pagedKiva), nil)
	if err != nil {
		t.Fatal(err)
	}
	observed := plan.Compute(want, have, nil)
	for name, other := range map[string]*spec.Set{
		"equal":          resources(),
		"in other order": set(draft("L-1", 100), draft("L-2", 200), journal("L-1", "visit")),
	} {
		actions := func(p *plan.Plan) map[spec.Address]plan.Item {
			all := make(map[spec.Address]plan.Item)
			for item := range p.Items() {
				all[item.Address()] = item
			}
			return all
		}
		p := plan.Compute(other, have, nil)
		for i, item := range p.Drafts {
			if item.Resource != other.Drafts[i] {
				t.Errorf("%s: draft %d is another's", name, i)
			}
		}
		got := actions(p)
		if diff := cmp.Diff(actions(observed), got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(plan.Item{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := observed.Drafts[1].Action; got != plan.Unchanged {
		t.Errorf("a draft that was sent is %s", got)
	}
}

// TestDigester holds digests against the form that ledgers were written with,
// one after the other and from several goroutines.
func TestDigester(t *testing.T) {
	key := []byte("a key for tests")
	sum := func(texts ...string) string {
		mac := hmac.New(sha256.New, key)
		for _, s := range texts {
			mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
			mac.Write([]byte(s))
		}
		return hex.EncodeToString(mac.Sum(nil))
	}
	d := plan.NewDigester(key)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 50 {
				a := spec.DraftAddress(fmt.Sprint(i, n))
				f := spec.Field{Path: "loanuse", Value: fmt.Sprint("to buy cows: ", n)}
				if got, want := d.Fingerprint(a, []spec.Field{f, f}), sum("kivaform fingerprint 1", string(a), f.Path, f.Value, f.Path, f.Value)[:16]; got != want {
					t.Errorf("fingerprint %s, want %s", got, want)
				}
				if got, want := d.Field(a, f), sum("kivaform field 1", string(a), f.Path, f.Value)[:32]; got != want {
					t.Errorf("field %s, want %s", got, want)
				}
			}
		})
	}
	all.Wait()
}
