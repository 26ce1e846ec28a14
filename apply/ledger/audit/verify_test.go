package audit_test

import (
	"bytes"
	"strings"
	"testing"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/plan"
)

func TestVerify(t *testing.T) {
	replace := func(old, new string) func([]byte) []byte {
		return func(data []byte) []byte { return bytes.Replace(data, []byte(old), []byte(new), 1) }
	}
	add := func(key, data string) func(*testing.T, *ledgertest.Memory) {
		return func(t *testing.T, s *ledgertest.Memory) {
			if err := s.Create(t.Context(), key, []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(part string, f func([]byte) []byte) func(*testing.T, *ledgertest.Memory) {
		return func(t *testing.T, s *ledgertest.Memory) { ledgertest.Change(t, s, part, f) }
	}
	for _, tt := range []struct {
		name   string
		damage func(*testing.T, *ledgertest.Memory)
		want   string // part of the only problem; "" for none
	}{
		{"sound", nil, ""},
		{"a broken intent", edit("L-1.2.intent", func(b []byte) []byte { return b[:len(b)/2] }), "is broken"},
		{"a broken outcome", edit("L-1.2.accepted", func([]byte) []byte { return []byte("{") }), "is broken"},
		{"a missing first attempt", func(t *testing.T, s *ledgertest.Memory) {
			ledgertest.Change(t, s, "L-1.1.intent", nil)
			ledgertest.Change(t, s, "L-1.1.rejected", nil)
		}, "is missing"},
		{"a missing intent", edit("L-1.2.intent", nil), "its outcome is there"},
		{"a changed intent", edit("L-1.2.intent", replace(`"attempt": 2`, `"attempt": 3`)), "holds attempt 3"},
		{"an intent of another partner", edit("L-1.2.intent", replace(`"partner_id": "145"`, `"partner_id": "14"`)), "of staging/14"},
		{"an outcome of another loan", edit("L-1.1.rejected", replace(`loan_draft/L-1`, `loan_draft/L-2`)), "is about attempt 1 on loan_draft/L-2"},
		{"an outcome that says otherwise", edit("L-1.1.rejected", replace(`"rejected"`, `"not-sent"`)), "says not-sent"},
		{"a fingerprint that doesn't fit", edit("L-1.2.intent", replace(`"fingerprint": "00112233aabbccdd"`, `"fingerprint": "ffffffffffffffff"`)), "has the fingerprint 00112233aabbccdd"},
		{"no header", edit("kivaform-ledger", nil), "is missing"},
		{"a foreign file", add("notes.txt", "hello"), "is not an object"},
		{"a foreign file below", add("staging/145/loan_draft/x/README.md", "hello"), "is not an object"},
		{"another object's name", add("staging/145/repayments/2026-11.1.done.json", `{"version":1,"object":"intent"}`), `holds "intent"`},
		{"of a newer version", add("staging/145/plans/x.json", `{"version":2,"object":"plan-use"}`), "has version 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := ledgertest.Filled(t)
			if tt.damage != nil {
				tt.damage(t, store)
			}
			v, err := audit.Verify(t.Context(), store)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tt.want == "" && (len(v.Findings) > 0 || v.Attempts != 4 || v.Unknown != 1 || v.Objects != 8):
				t.Errorf("%+v", v)
			case tt.want != "" && (len(v.Findings) == 0 || !strings.Contains(v.Findings[0].Problem, tt.want) || v.Findings[0].Meaning == ""):
				t.Errorf("%+v, want %q", v.Findings, tt.want)
			}
		})
	}
}

// An item that was accepted twice without a person's word is found.
func TestVerifyFindsDoubles(t *testing.T) {
	store := ledgertest.Filled(t)
	ledgertest.Change(t, store, "L-1.1.rejected", nil)
	l := ledger.New(store, ledgertest.Scope, ledger.Options{})
	for a, err := range l.Attempts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Intent.Attempt == 1 && a.Intent.Stream == ledgertest.Draft {
			ledgertest.Finish(t, ledgertest.Open(t, store), a, ledger.Result{Outcome: plan.OutcomeAccepted})
		}
	}
	v, err := audit.Verify(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Findings) != 1 || !strings.Contains(v.Findings[0].Problem, "sent loan_draft/L-1, which attempt 1 had sent") {
		t.Errorf("%+v", v.Findings)
	}
}

// A key may have any number. What is missing before it takes no time and no room.
func TestVerifyBoundsAGap(t *testing.T) {
	store := new(ledgertest.Memory)
	if err := store.Create(t.Context(), "staging/145/journals/all.999999999999.intent.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	v, err := audit.Verify(t.Context(), store)
	if err != nil || len(v.Findings) > 200 {
		t.Fatalf("%d findings, %v", len(v.Findings), err)
	}
	all := ""
	for _, f := range v.Findings {
		all += f.Problem + "\n"
	}
	if !strings.Contains(all, "up to attempt 999999999998") {
		t.Errorf("%s", all)
	}
}
