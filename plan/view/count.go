package view

import (
	"fmt"
	"strings"
)

// Count says "1 journal" or "2 journals"; "" for none.
func Count(n int, what string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// A kindCount counts by kind.
type kindCount struct{ drafts, journals, rows int }

// String says "2 loan drafts, 1 journal"; "" for none.
func (c kindCount) String() string {
	return strings.Join(nonEmpty(Count(c.drafts, "loan draft"), Count(c.journals, "journal"), Count(c.rows, "repayment")), ", ")
}

func nonEmpty(list ...string) []string {
	some := make([]string, 0, len(list))
	for _, s := range list {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

// sumsText says "KES 50,000, UGX 1,200".
func sumsText(sums []Sum) string {
	parts := make([]string, len(sums))
	for i, s := range sums {
		parts[i] = s.String()
	}
	return strings.Join(parts, ", ")
}

// String says "KES 50,000".
func (s Sum) String() string {
	return strings.TrimSpace(Harmless(s.Currency) + " " + s.Amount.Format())
}
