package plan_test

import (
	"bytes"
	"testing"
	"time"

	"kivaform/plan"
)

// A saved plan is refused or read, whatever it holds; what was read is written so
// that it reads the same, can be shown, and is compared with another plan.
func FuzzSaved(f *testing.F) {
	m := editedMoment()
	now, err := m.plan(f).Save(time.Now(), time.Hour, "test", "").Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(now)
	f.Add([]byte(`{"format_version":1,"id":"x","key":"AA==","items":[{"address":"","action":"submit","source":":"},{"address":"journal","source":"a:99999999999"},{"address":"loan_draft/L","borrowers":[{},{}]}],"reports":[{"period":"","rows":[{"amount":1e3}],"coverage":{"expected":-1}}]}`))
	f.Add([]byte(`{"format_version":1,"id":"x","key":"AA==","reports":[{"duplicate":{}, "rows":null, "gone":[""]}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := plan.ReadSaved(data)
		if err != nil {
			return
		}
		first, err := s.Encode()
		if err != nil {
			t.Skip() // a year that RFC 3339 doesn't have, for one
		}
		again, err := plan.ReadSaved(first)
		if err != nil {
			t.Fatalf("%q can't be read again: %v", first, err)
		}
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%q became %q, %v", first, second, err)
		}
		alone, _ := s.Reopen(nil)
		alone.Digest()
		beside, _ := s.Reopen(m.want)
		beside.Digest()
		if err := s.Restrict(m.plan(t)); err != nil {
			_ = err.Error()
		}
	})
}
