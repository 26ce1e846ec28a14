package identity

import (
	"fmt"
	"strings"
	"testing"

	"kivaform/spec"
)

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		alike bool
	}{
		{"L-1042", "L-1042", true},
		{"L-1042", "l-1042", true},
		{"L-1042", "L1042", true},
		{"L-1042", "L 1042", true},
		{"L-1042", " L-1042 ", true},
		{"L-1042", "L--10 42", true},
		{"L-0900", "L\u20110900", true},                     // a hyphen that doesn't break
		{"L-0900", "L\u22120900", true},                     // a minus sign
		{"L-0900", "\uFF2C-\uFF10\uFF19\uFF10\uFF10", true}, // full width
		{"C-0900", "\u0421-0900", true},                     // Cyrillic
		{"K-1042", "\u043A-1042", true},                     // Cyrillic, a small letter
		{"A-7", "\u0391-7", true},                           // Greek
		{"L-7", "L-\u0667", true},                           // an Arabic digit
		{"L-7", "L\u200B-7", true},                          // a space without width
		{"L-1042", "L-1O42", true},
		{"L-1042", "L-IO42", true},
		{"L-1042", "L-lo42", true},
		{"00884", "884", true},
		{"L-0042", "L-42", true},
		{"L-0042", "L42", true},
		{"L-1-05", "L-1-5", true},
		{"L0105", "L-1-05", true},
		{"L-0042", "L-OO42", true},
		{"1042-1", "10421", true},
		{"1042-1", "1042_1", true},
		{"L-1042", "L.1042", true},
		{"L-1042", "L/1042", true},
		{"LOAN/12/2026", "LOAN-12-2026", true},
		{"L-1042", "L:1042", true},
		{"Caf\u00E9-1", "Cafe\u0301-1", true}, // composed and not

		{"L-1042", "L-1043", false},
		{"L-1042", "L-10420", false},
		{"L-100", "L-10", false},
		{"1-23", "12-3", false}, // client 1's loan 23, client 12's loan 3
		{"10-1", "1-01", false},
		{"L-1042", "M-1042", false},
		{"L-5", "L-S", false},
		{"", "-", false},
		{"-", "--", false},
		{"\u738B-1", "\u674E-1", false},
	} {
		if got := (Rules{}).Alike(tt.a, tt.b); got != tt.alike {
			t.Errorf("%q and %q: alike is %v", tt.a, tt.b, got)
		}
		if got := (Rules{}).Alike(tt.b, tt.a); got != tt.alike {
			t.Errorf("%q and %q: alike is %v", tt.b, tt.a, got)
		}
	}
}

// What a partner says to be real isn't a slip; everything else still is.
func TestSignificant(t *testing.T) {
	for _, tt := range []struct {
		rules Rules
		a, b  string
		alike bool
	}{
		{Rules{Zeros: true}, "7", "007", false},
		{Rules{Zeros: true}, "L-7", "l-7", true},
		{Rules{Case: true}, "L-7", "l-7", false},
		{Rules{Case: true}, "7", "007", true},
		{Rules{Case: true}, "L-7", "L 7", true},
		{Rules{Case: true, Zeros: true}, "L-07", "\uFF2C-07", true},
		{Rules{Case: true, Zeros: true}, "L-07", "L-7", false},
	} {
		if got := tt.rules.Alike(tt.a, tt.b); got != tt.alike {
			t.Errorf("%+v, %q and %q: alike is %v", tt.rules, tt.a, tt.b, got)
		}
	}
}

func FuzzAlike(f *testing.F) {
	for _, id := range []string{"L-1042", "l 1O42", "007", "\u0421-09\u22120", "\uFF2C", "-", "1-23"} {
		f.Add(id, "L-1042", false, false)
	}
	f.Fuzz(func(t *testing.T, a, b string, zeros, letters bool) {
		r := Rules{Zeros: zeros, Case: letters}
		if !r.Alike(a, a) {
			t.Errorf("%q isn't alike to itself", a)
		}
		if r.Alike(a, b) != r.Alike(b, a) {
			t.Errorf("%q and %q are alike one way only", a, b)
		}
		if r.Alike(a, b) && a != b && !zeros && !letters && looseKey(a) != looseKey(b) && looseKey(a) == "" {
			t.Errorf("%q and %q are alike, and one has no key", a, b)
		}
		if !r.Alike(a, b) {
			return
		}
		if twins := r.Twins([]string{a, b}); a != b && len(twins) != 2 {
			t.Errorf("%q and %q are alike, and no twins", a, b)
		}
		if !(Rules{}).Alike(a, b) {
			t.Errorf("%q and %q are alike to %+v only", a, b, r)
		}
	})
}

func TestFinder(t *testing.T) {
	draft := func(id string, members ...string) Thing {
		return Thing{Address: spec.DraftAddress(id), LoanID: id, Members: members}
	}
	journal := func(loan, key string) Thing {
		return Thing{Address: spec.JournalAddress(loan, key), LoanID: loan, Key: key}
	}
	for _, tt := range []struct {
		name   string
		wanted Thing
		known  Thing
		want   string
	}{
		{"itself", draft("L-1"), draft("L-1"), "nothing"},
		{"another", draft("L-1"), draft("L-2"), "nothing"},
		{"its id", draft("L-1"), draft("l-1"), "0 loan_draft/l-1 L-1"},
		{"a member who has a draft", draft("G-1", "L-1", "L-2"), draft("L-2"), "1 loan_draft/L-2 L-2"},
		{"a draft of a member", draft("L-2"), draft("G-1", "L-1", "L-2"), "1 loan_draft/G-1 L-2"},
		{"two groups of one borrower", draft("G-2", "L-2", "L-3"), draft("G-1", "L-1", "L 2"), "1 loan_draft/G-1 L-2"},
		{"a group and its member's id", draft("G-1", "G-1"), draft("G-1"), "nothing"},
		{"a journal's key", journal("L-1", "visit 1"), journal("L-1", "visit-1"), "0 journal/L-1/visit-1 L-1"},
		{"a journal's loan", journal("l-1", "visit"), journal("L-1", "visit"), "0 journal/L-1/visit l-1"},
		{"another journal", journal("L-1", "visit"), journal("L-1", "call"), "nothing"},
		{"a journal and a draft", journal("L-1", "visit"), draft("L 1"), "nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFinder(Rules{}, []Thing{tt.wanted})
			f.Meet(&tt.known, Ledger)
			got := "nothing"
			if l := f.Like(0); l != nil {
				got = fmt.Sprint(int(l.Kind), " ", l.Other, " ", l.ID)
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// The strongest likeness counts, then the ledger's, then the first address, in
// whatever order they come.
func TestTheStrongestCounts(t *testing.T) {
	known := []struct {
		id   string
		from Source
	}{{"L-1 ", Files}, {"l 1", Kiva}, {"l1", Ledger}, {"l-1", Ledger}}
	for turn := range known {
		f := NewFinder(Rules{}, []Thing{{Address: "loan_draft/L-1", LoanID: "L-1"}})
		for i := range known {
			k := known[(i+turn)%len(known)]
			f.Meet(&Thing{Address: spec.DraftAddress(k.id), LoanID: k.id}, k.from)
		}
		if got := f.Like(0).Other; got != "loan_draft/l-1" {
			t.Errorf("turn %d: %s", turn, got)
		}
	}
}

// Contents are read as they were written: in full, and cut for a key.
func TestContentsAsText(t *testing.T) {
	c := Contents{Client: 1, Story: 0xabcdef0123, Members: []uint64{1, 2, 3, 4, 5, 6, 7}}
	if got := ParseContents(c.String()); got.String() != c.String() || len(got.Members) != 7 || got.Cut {
		t.Errorf("in full: %+v", got)
	}
	short := ParseContents(c.Short())
	if !short.Cut || len(short.Members) != shortMost || short.Story != c.Story || short.Terms != 0 {
		t.Errorf("cut: %+v", short)
	}
	if got := ShortText(c.String()); got != c.Short() {
		t.Errorf("%s, and %s", got, c.Short())
	}
	for _, text := range []string{"", "12", "f", strings.Repeat("g", 40), strings.Repeat("0", 39), strings.Repeat("A", 40)} {
		if got := ParseContents(text); got.String() != "" {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if empty := (&Contents{}).String(); empty != "" {
		t.Errorf("none: %q", empty)
	}
}
