package format_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"kivaform/spec/load"
)

// A writer writes documents as careless people do, each in another way.
type writer struct {
	*rand.Rand
	strings.Builder
	comments []string
	bound    int // a comment that is further in would belong to the text above it; 0 is none
}

func (w *writer) oneOf(all ...string) string { return all[w.IntN(len(all))] }

func (w *writer) chance(percent int) bool { return w.IntN(100) < percent }

func (w *writer) comment() string {
	text := fmt.Sprintf("#%s%d# %s", w.oneOf("", " ", "  "), len(w.comments), w.oneOf("why", "é 😀", "key: value", "- a", "\"", "'", "{", "# #", "|"))
	w.comments = append(w.comments, text)
	return text
}

// above writes what may stand above an entry.
func (w *writer) above(indent int) {
	for w.chance(25) {
		if w.chance(50) {
			w.WriteString(w.oneOf("", "", "   ") + "\n")
			continue
		}
		at := w.IntN(indent + 4)
		if w.bound > 0 {
			at = min(at, w.bound-1)
		}
		w.WriteString(strings.Repeat(" ", at) + w.comment() + "\n")
		w.bound = 0 // the comment has ended the text
	}
}

// end ends a line.
func (w *writer) end() {
	if w.chance(20) {
		w.WriteString(w.oneOf(" ", "   ", "\t", " \t") + w.comment())
	}
	w.WriteString(w.oneOf("", "", "", " ") + "\n")
}

func (w *writer) scalar() string {
	return w.oneOf("a", "00884", "yes", "0x1F", "1e3", "1_000", "2026-11-01", "5", "a b  c", "é😀", "a:b", "a#b", "http://x/y?z=1",
		`"a"`, `"00884"`, `"a # b"`, `"a\n\"b\\"`, `"\U0001F404\\U0001F404\\\U0001F404\U000E0067"`, `'it''s'`, `'"'`, "''", `""`, "~", "a'b\"c", "-1", "!!str 7")
}

func (w *writer) text(indent int) {
	pad := "\n" + strings.Repeat(" ", indent+1+w.IntN(4))
	switch w.IntN(5) {
	case 0:
		w.WriteString("\"a" + w.oneOf("", " ", `\`, `\ `) + pad + w.oneOf(`\ b`, "b", "# b", "- b") + w.oneOf("", "\n") + pad + "c\"")
		w.end()
	case 1:
		w.WriteString("'a" + pad + "it''s" + w.oneOf("", " \n\n") + pad + "c'")
		w.end()
	case 2:
		w.WriteString("a" + w.oneOf("", " ") + pad + w.oneOf("b", "b#", "-b") + w.oneOf("", "\n") + pad + "c")
		w.end()
	default:
		w.block(indent)
	}
}

func (w *writer) block(indent int) {
	in := 1 + w.IntN(4)
	header, lead := w.oneOf("|", ">"), ""
	if w.chance(30) {
		header += fmt.Sprint(in)
		lead = w.oneOf("", " ", "  ", "\t")
	}
	w.WriteString(header + w.oneOf("", "", "-", "+"))
	w.end()
	pad := strings.Repeat(" ", indent+in)
	w.WriteString(w.oneOf("", "", "\n", " \n") + pad + lead + w.oneOf("a", "# a", "- a", "k: v") + "\n")
	for w.chance(60) {
		w.WriteString(w.oneOf("\n", " \n", pad+"  b\n", pad+"c\n", pad+"c  \n", pad+" \n", pad+"\td\n"))
	}
	w.bound = indent + in
}

func (w *writer) mapping(indent, depth int, keys []string) {
	w.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for i, key := range keys {
		if i > 0 {
			w.above(indent)
			w.WriteString(strings.Repeat(" ", indent))
		}
		w.bound = 0
		w.WriteString(w.oneOf("", "", `"`)) // closed below
		quoted := strings.HasSuffix(w.String(), `"`)
		w.WriteString(key)
		if quoted {
			w.WriteByte('"')
		}
		w.WriteString(":")
		w.value(indent, depth, key)
	}
}

// value writes what stands behind a key.
func (w *writer) value(indent, depth int, key string) {
	switch n := w.IntN(10); {
	case key == "kind":
		w.WriteString(" Journal")
		w.end()
	case n < 4 || depth == 0:
		w.WriteString(w.oneOf(" ", "  ", " ") + w.scalar())
		w.end()
	case n == 4:
		w.WriteByte(' ')
		w.text(max(indent, 0))
	case n == 5:
		w.WriteByte(' ')
		w.flow(indent+1, depth)
		w.end()
	case n == 6:
		w.end()
	case n == 7:
		w.end()
		in := indent + 1 + w.IntN(4)
		w.above(in)
		w.WriteString(strings.Repeat(" ", in))
		w.mapping(in, depth-1, w.keys())
	default:
		w.end()
		w.list(indent+w.IntN(4), depth-1)
	}
}

func (w *writer) keys() []string {
	keys := []string{"loan_id", "amount", "a,b", "first name", "date", "zzz"}
	w.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return slices.Clone(keys[:1+w.IntN(4)])
}

func (w *writer) list(indent, depth int) {
	for range 1 + w.IntN(3) {
		w.above(indent)
		w.bound = 0
		w.WriteString(strings.Repeat(" ", indent) + "-")
		switch {
		case w.chance(50) && depth > 0:
			gap := 1 + w.IntN(3)
			if w.chance(20) {
				w.end()
				w.above(indent + 1)
				w.WriteString(strings.Repeat(" ", indent))
				gap++
			}
			w.WriteString(strings.Repeat(" ", gap))
			w.mapping(indent+1+gap, depth-1, w.keys())
		case w.chance(10):
			w.WriteByte(' ')
			w.text(indent)
		default:
			w.WriteByte(' ')
			w.flow(indent+1, depth)
			w.end()
		}
	}
}

// flow writes a scalar, or something in braces or brackets.
func (w *writer) flow(indent, depth int) {
	if depth <= 0 || w.chance(20) {
		scalar := w.scalar()
		if strings.ContainsAny(scalar, "?") {
			scalar = `"` + scalar + `"`
		}
		w.WriteString(scalar)
		return
	}
	open, shut := "[", "]"
	keys := w.chance(60)
	if keys {
		open, shut = "{", "}"
	}
	w.WriteString(open)
	w.gap(indent)
	for i, key := range w.keys() {
		if i > 0 {
			w.WriteString(",")
			w.gap(indent)
		}
		if keys {
			w.WriteString(strings.ReplaceAll(key, ",", "_") + ": ")
		}
		w.flow(indent, depth-1)
		w.gap(indent)
	}
	w.WriteString(shut)
}

// gap writes what may stand between things in braces.
func (w *writer) gap(indent int) {
	switch w.IntN(12) {
	case 0:
		w.WriteString("\n" + strings.Repeat(" ", indent+w.IntN(4)))
	case 1:
		w.WriteString(" " + w.comment() + "\n" + strings.Repeat(" ", indent))
	case 2:
		w.WriteString("\n" + strings.Repeat(" ", indent) + w.comment() + "\n" + strings.Repeat(" ", indent))
	case 3:
		w.WriteByte(' ')
	}
}

func (w *writer) documents() string {
	for i := range 1 + w.IntN(3) {
		w.above(0)
		if i > 0 || w.chance(20) {
			w.WriteString(w.oneOf("---", "---", "...\n---"))
			w.end()
			w.above(0)
		}
		w.mapping(0, 3, append([]string{"kind", "key", "body"}, w.keys()...))
	}
	w.above(0)
	return w.String()
}

// Whatever people write, it comes out the same again, says the same and has all
// its comments.
func TestAnyWriting(t *testing.T) {
	n := 1000
	if os.Getenv("KIVAFORM_LONG") == "1" {
		n = 100_000
	}
	unreadable := 0
	for seed := range n {
		w := &writer{Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
		text := w.documents()
		if _, faults := load.Parse("a.yaml", []byte(text)); len(faults) > 0 {
			unreadable++
			continue
		}
		out := source(t, text)
		if again := source(t, out); again != out {
			t.Fatalf("seed %d: not the same again\n%s\n%s", seed, text, gocmp.Diff(strings.Split(out, "\n"), strings.Split(again, "\n")))
		}
		for _, c := range w.comments {
			if strings.Count(out, c) != strings.Count(text, c) || strings.Count(out, c) == 0 {
				t.Fatalf("seed %d: lost %q\n%s\nbecame\n%s", seed, c, text, out)
			}
		}
	}
	if unreadable > n/2 {
		t.Errorf("%d of %d can't be read", unreadable, n)
	}
}
