package merge_test

import (
	"maps"
	"testing"

	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/merge"
)

// Whatever another copy holds, merging it changes and removes nothing here, and
// once it succeeded there is nothing left to bring.
func FuzzMerge(f *testing.F) {
	objects := ledgertest.Used(f)
	f.Add(ledgertest.Archive(objects), ledgertest.Archive(objects))
	for key := range objects {
		some := maps.Clone(objects)
		delete(some, key)
		f.Add(ledgertest.Archive(objects), ledgertest.Archive(some))
		f.Add(ledgertest.Archive(some), ledgertest.Archive(objects))
		some[key] = objects[key] + " "
		f.Add(ledgertest.Archive(some), ledgertest.Archive(objects))
	}
	f.Fuzz(func(t *testing.T, theirs, ours []byte) {
		from, to := ledgertest.Stored(t, theirs), ledgertest.Stored(t, ours)
		before := ledgertest.Contents(t, to)
		source := ledgertest.Contents(t, from)
		_, err := merge.Copies(t.Context(), from, to)
		after := ledgertest.Contents(t, to)
		for key, data := range before {
			if after[key] != data {
				t.Errorf("%s was %q, and is %q", key, data, after[key])
			}
		}
		if !maps.Equal(source, ledgertest.Contents(t, from)) {
			t.Error("the other copy was changed")
		}
		if err != nil {
			return
		}
		if again, err := merge.Copies(t.Context(), from, to); err != nil || again.Objects > 0 {
			t.Errorf("merged again: %+v, %v", again, err)
		}
	})
}
