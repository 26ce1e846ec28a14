package ledger

import (
	"io/fs"
	"strings"
	"testing"

	"kivaform/plan"
)

func TestStreamKey(t *testing.T) {
	for address, want := range map[Address]string{
		"loan_draft/L-1042":                   "loan_draft/ac/L-1042",
		"loan_draft/LOAN%2F12%2F2026":         "loan_draft/d9/LOAN%2F12%2F2026",
		"repayments/2026-11":                  "repayments/2026-11",
		"journals":                            "journals/all",
		"loan_draft/..":                       "loan_draft/5e/%2E.",
		Address("loan_draft/ЗАЁМ-1"):          "loan_draft/37/%D0%97%D0%90%D0%81%D0%9C-1",
		plan.Address("loan_draft/a%20b%23c~"): "loan_draft/4c/a%20b%23c%7E",
	} {
		got := StreamKey(address)
		// The folder is two digits of a digest: any will do, as long as it stays.
		parts := strings.Split(want, "/")
		gotParts := strings.Split(got, "/")
		if len(parts) != len(gotParts) || parts[0] != gotParts[0] || parts[len(parts)-1] != gotParts[len(gotParts)-1] {
			t.Errorf("streamKey(%s) = %s, want the form of %s", address, got, want)
		}
	}
}

// Long ids are cut for the file system's sake and stay distinct.
func TestLongIDsStayDistinct(t *testing.T) {
	a, b := strings.Repeat("З", 200), strings.Repeat("З", 199)+"И"
	if Element(a) == Element(b) {
		t.Error("two ids have one key")
	}
	for _, id := range []string{a, b, strings.Repeat("x", 500)} {
		if n := len(Element(id)); n > maxName {
			t.Errorf("an element of %d bytes", n)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("L-1042", 1)
	f.Add("LOAN/12/2026", 12)
	f.Add("a.1.intent", 3)
	f.Add("", 1)
	f.Fuzz(func(t *testing.T, id string, number int) {
		if number < 1 {
			number = 1
		}
		stream := "e/1/loan_draft/00/" + Element(id)
		for _, what := range []string{IntentKey, "accepted-0123456789abcdef", "not-sent", "rejected", DoneKey} {
			key := AttemptKey(stream, number, what)
			if id != "" && !fs.ValidPath(key) {
				t.Fatalf("%q isn't a path", key)
			}
			k, ok := ParseKey(key)
			if !ok || k.Stream != stream || k.Number != number || !strings.HasPrefix(what, k.What) {
				t.Fatalf("%q reads as %+v, %v", key, k, ok)
			}
		}
	})
}

func TestParseKeyRefuses(t *testing.T) {
	for _, key := range []string{"", "a", "a.json", "a.intent.json", "a.0.intent.json", "a.01.intent.json", "a.-1.intent.json", "a.1.intent", "README.md"} {
		if k, ok := ParseKey(key); ok {
			t.Errorf("%q reads as %+v", key, k)
		}
	}
}
