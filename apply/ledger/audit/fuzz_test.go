package audit

import (
	"bytes"
	"encoding/json"

	"kivaform/apply/ledger"

	"testing"
)

// A record that was read is written so that it reads the same, and whatever it
// says can be asked for its outcome and its lines.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"object":"intent","environment":"staging","partner_id":"145","stream":"repayments/2026-11","attempt":2,"merged_from":1,"at":"2026-11-20T10:00:00.5+03:00","run":"r","rows":[{"loan_id":"L-1","client_id":"1","amount":10.50,"after":1,"again":true}]}`,
		`{"version":1,"object":"intent","stream":"loan_draft/L-1","attempt":1,"recorded":"adopted","items":[{"address":"loan_draft/L-1","fingerprint":"aa","values":{"entreps[0].amount":"100","entreps[1].amount":"1e400","currency":"KES"},"digests":{"description":"x"}}]}`,
		`{"version":1,"object":"outcome","stream":"journals","attempt":1,"outcome":"accepted","status":200,"receipts":[{"archive_id":"a"},{"archive_id":"b"}],"problems":[{"loan_id":"L-1","severity":"error"}]}`,
		`{"version":1,"object":"resolution","stream":"journals","attempt":1,"decision":"exists","remote_id":"7","reason":"seen"}`,
		`{"version":1,"object":"done","stream":"journals","attempt":1}`,
		`{"object":"intent","rows":[{"amount":"1e9999999"}],"items":[{"address":""},{"address":"repayment"},{"address":"journal/%zz"}]}`,
		`{"object":"intent","rows":[{"amount":-0.0}]}`, "<<<<<<< ours\n", `[]`, "null", "{\"object\":\"intent\",\"stream\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a ledger.Attempt
		var r ledger.Result
		var d ledger.Resolution
		var done ledger.Done
		if reread(t, data, &a.Intent, ledger.IntentKey, func(i *ledger.Intent) *string { return &i.Object }) == nil {
			askAll(&a)
		}
		if reread(t, data, &r, "outcome", func(r *ledger.Result) *string { return &r.Object }) == nil {
			a.Result = &r
			askAll(&a)
		}
		if reread(t, data, &d, ledger.ResolutionKey, func(d *ledger.Resolution) *string { return &d.Object }) == nil {
			a.Resolutions = []ledger.Resolution{d}
			askAll(&a)
		}
		reread(t, data, &done, ledger.DoneKey, func(d *ledger.Done) *string { return &d.Object })
	})
}

func askAll(a *ledger.Attempt) {
	a.Outcome()
	Lines(a)
}

// reread reads a record into v, writes it, and reads it again. It returns the
// error of the first reading.
func reread[T any](t *testing.T, data []byte, v *T, object string, seen func(*T) *string) error {
	t.Helper()
	if err := ledger.Decode("a.json", data, v, object, seen(v)); err != nil {
		return err
	}
	first, err := ledger.Encode(v)
	if err != nil {
		t.Skip() // a year that RFC 3339 doesn't have, for one
	}
	again := new(T)
	if err := ledger.Decode("a.json", first, again, object, seen(again)); err != nil {
		t.Fatalf("%q can't be read again: %v", first, err)
	}
	second, err := ledger.Encode(again)
	if err != nil || !bytes.Equal(first, second) || !json.Valid(second) {
		t.Fatalf("%q became %q, %v", first, second, err)
	}
	return nil
}
