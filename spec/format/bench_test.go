package format_test

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/spec/format"
	"kivaform/spec/load"
)

// draft is a document of the usual size.
const draft = `---
kind: LoanDraft
entreps:
  - {loan_id: L-%[1]d, client_id: "%05[1]d", first_name: Mary, last_name: Wanjiku, gender: female, amount: 50000}
activity: Dairy
location: "Nakuru: Kenya"
currency: KES
loanuse: to buy a second dairy cow
description: >
  Mary keeps one cow behind her house and sells the milk to her neighbours
  before sunrise. The milk is sold out by seven. With a second cow she can
  supply the tea house at the corner, which has asked her for months. She plans
  to put the extra income into a water tank, so that the animals no longer
  depend on the well down the hill.
disburse_time: 2026-12-01
image: ../photos/L-1042.jpg   # of November
schedule:
  - {date: 2027-01-05, principal: 10000, interest: 750}
  - {date: 2027-02-05, principal: 10000, interest: 600}
  - {date: 2027-03-05, principal: 10000, interest: 450}
  - {date: 2027-04-05, principal: 10000, interest: 300}
  - {date: 2027-05-05, principal: 10000, interest: 150}
`

func hundred() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, draft, i)
	}
	return b.String()
}

// A file of 100 documents: parsed alone, in order already, and out of order,
// which parses the result once more.
func BenchmarkFile(b *testing.B) {
	ordered := hundred()
	untidy := strings.NewReplacer("  - {date", "- {date", "kind: LoanDraft\n", "", "currency: KES\n", "currency: KES\nkind: LoanDraft\n").Replace(ordered)
	run := func(name, text string, do func(text string) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := do(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("parsed", ordered, func(text string) error {
		load.Parse("a.yaml", []byte(text))
		return nil
	})
	sourced := func(text string) error {
		_, err := format.Source("a.yaml", []byte(text))
		return err
	}
	run("ordered", ordered, sourced)
	run("untidy", untidy, sourced)
}

// Time grows with the size and not with its square, whatever takes the room: many
// values in one line, a long text, many comments.
func BenchmarkOdd(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		for name, text := range map[string]string{
			"one line":  `{"kind": "LoanDraft", "entreps": [` + strings.Repeat(`{"loan_id": "é"},`, n) + `]}`,
			"long text": "kind: Journal\nbody: |\n" + strings.Repeat("   text\n\n", n),
			"long word": "kind: Journal\nbody: " + strings.Repeat("word ", n) + "\n",
			"comments":  "kind: Journal\nx: [\n" + strings.Repeat("  # comment\n  a,\n", n) + "]\n",
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := format.Source("a.yaml", []byte(text)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
