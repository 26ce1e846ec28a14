package load

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kivaform/spec"
)

func TestIDForms(t *testing.T) {
	for id, want := range map[string]string{ // what the problem names, "" for none
		"L-1042": "", "No 7 of May": "", "~!": "", "Ñ-1": "", "ऋण-१२": "", "Größe: ½": "", "ที่-1": "", "贷款-1": "", "한-1": "", "a̱-1": "",
		"N\u0303-1": "U+004E U+0303", "xe\u0301": "U+0065 U+0301", "\u212B": "U+212B", "e\u0323\u0302x": "U+0065 U+0323 U+0302", "\u1112\u1161": "U+1112",
		"L-1\u200B": "U+200B", "\uFEFFL-1": "U+FEFF", "L\u00AD1": "U+00AD", "L\u202E1": "U+202E", "L\U000E00411": "U+E0041",
		"L\u2028": "U+2028", "L\u034F1": "U+034F", "L\u31641": "U+3164", "L\uFE0F": "U+FE0F", "L\u00A01": "U+00A0", "L\u30001": "U+3000",
	} {
		problem, hint := formProblem(id)
		if (problem == "") != (want == "") || !strings.Contains(problem, want) {
			t.Errorf("%+q: %q, which doesn't name %q", id, problem, want)
		}
		if problem != "" && !strings.HasPrefix(hint, "type it anew") {
			t.Errorf("%+q: the hint is %q", id, hint)
		}
	}
}

// What the hint shows can be copied: it is an id without a problem.
func FuzzUsualForm(f *testing.F) {
	f.Add("N\u0303-1\u200B\u00A0")
	f.Add("a\u0323\u200D\u0307")
	f.Fuzz(func(t *testing.T, id string) {
		if !utf8.ValidString(id) {
			return
		}
		if problem, _ := formProblem(usualForm(id)); problem != "" {
			t.Errorf("%+q: of %+q %s", id, usualForm(id), problem)
		}
	})
}

// Ids are checked a million times in a report.
func TestUsualIDsCostNothing(t *testing.T) {
	for _, id := range []string{"L-1042", "No 7 of May"} {
		if n := testing.AllocsPerRun(100, func() { formProblem(id); cellID(id) }); n > 0 {
			t.Errorf("%q: %v allocations", id, n)
		}
	}
}

func BenchmarkCellID(b *testing.B) {
	for b.Loop() {
		cellID("L-0010422")
	}
}

// What was sent under an odd id, or is reported under the one that Kiva has,
// isn't held up: such a fault is pending, and has the item's address.
func TestOddIDsArePending(t *testing.T) {
	s := load(t, `
-- kiva.yaml --
version: 1
csv_format: three-column
-- a.yaml --
kind: LoanDraft
entreps: [{loan_id: "N\u0303", client_id: C, amount: 5}]
---
kind: Journal
key: "N\u0303"
internal_loan_id: L
internal_client_id: C
body: b
---
kind: RepaymentReport
period: 2026-11
repayments: [{loan_id: "N\u0303", client_id: "N\u0303", amount: 1}]
---
kind: RepaymentReport
period: 2026-12
csv: r.csv
-- r.csv --
`+"N\u0303,C\u200B,1\n")
	pending := map[spec.Address]int{}
	for _, f := range s.Faults {
		if isOfForm(f) {
			if f.Pending {
				pending[f.Address]++
			} else if f.Path != "client_id" && !strings.HasSuffix(f.Path, ".client_id") {
				t.Errorf("not pending: %v", f)
			}
		}
	}
	for _, a := range []spec.Address{spec.DraftAddress("N\u0303"), spec.JournalAddress("L", "N\u0303"), spec.RepaymentAddress("2026-11", "N\u0303"), spec.RepaymentAddress("2026-12", "N\u0303")} {
		if pending[a] != 1 {
			t.Errorf("%s: %d pending faults", a, pending[a])
		}
	}
}
