package schema

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kivaform/spec"
	"kivaform/spec/field"
)

// odd are values that stand where others are expected.
var odd = []string{
	"", "~", `""`, "0", "5", "-5", "1.5", "12.50", "1.005", "1.50000", "-0", `"5"`, `"0.00"`, `"-3"`, `"00884"`, `"1,5"`, "1_000", "1e3",
	"true", "false", `"true"`, "True", "2026-12-01", `"2026-02-01"`, "2026-02-30", "2026-11", "a b", `" a"`, `"a\tb"`, `"a\u0007"`, "[1]", "[]", "{a: 1}", "{}",
	"https://x.example", "HTTP://x", "/etc/passwd", "a/b", "female", "MALE", "KES", "Kes", "90s", "+5m", "1", "two-column", "partners",
}

// value returns a value of a field in YAML: mostly its example, else an odd one.
func value(r *rand.Rand, f field.Field, inner func(fields []field.Field) string) string {
	switch {
	case r.IntN(25) == 0:
		return odd[r.IntN(len(odd))]
	case f.Form == field.Mapping && r.IntN(2) == 0:
		return inner(f.Fields)
	case f.Form == field.List:
		elements := make([]string, r.IntN(3)+1)
		for i := range elements {
			elements[i] = inner(f.Fields)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	}
	return f.Example
}

// pairs returns some of the fields, those that are needed nearly always.
func pairs(r *rand.Rand, fields []field.Field) []string {
	var all []string
	for _, f := range fields {
		name := f.Name
		switch {
		case f.Refused && r.IntN(50) > 0, f.Form == field.Empty:
			continue
		case f.Required() && r.IntN(40) == 0, !f.Required() && r.IntN(100) < 60:
			continue
		case f.IsChosen():
			name = []string{"staging", "KES", "Kes"}[r.IntN(3)]
		}
		flow := func(fields []field.Field) string { return "{" + strings.Join(pairs(r, fields), ", ") + "}" }
		all = append(all, name+": "+value(r, f, flow))
	}
	return all
}

// outside are the faults that no schema can see, as that a file isn't there: of
// other files, of the day, and of what is inside base64.
var outside = []string{"KF032", "KF041", "KF047", "KF058"}

// What spec accepts, the schema accepts, too, whatever it is.
func TestTheSchemaIsNeverStricter(t *testing.T) {
	r, s := rand.New(rand.NewPCG(7, 11)), compiled(t, nil)
	texts := map[string]string{}
	for i := range 900 {
		kind := roots[i%3]
		texts[fmt.Sprintf("%04d.yaml", i)] = strings.Join(pairs(r, kind.Fields), "\n") + "\n"
	}
	sound := compare(t, s.Validate, texts, loadFiles(t, texts))
	if sound < 100 {
		t.Errorf("only %d of %d documents are sound", sound, len(texts))
	}
	for range 40 {
		for file, root := range map[string]field.Field{"kiva.yaml": field.Settings, "catalog.yaml": field.Catalog} {
			text := map[string]string{file: strings.Join(pairs(r, root.Fields), "\n") + "\n"}
			if len(text[file]) > 1 {
				compare(t, s.Validate, text, loadFiles(t, text))
			}
		}
	}
}

// compare validates the documents of some files in which spec finds no fault,
// and returns how many there are.
func compare(t *testing.T, validate func(any) error, texts map[string]string, set *spec.Set) (sound int) {
	faulty := map[string]bool{}
	for _, f := range set.Faults {
		isElsewhere := slices.Contains(outside, f.Code) || f.Code == "KF009" && strings.Contains(f.Message, "no such file")
		if f.Severity == spec.Error && !isElsewhere {
			faulty[f.Pos.File] = true
		}
	}
	for file, text := range texts {
		if faulty[file] {
			continue
		}
		sound++
		if err := validate(documents(t, text)[0]); err != nil {
			t.Errorf("spec accepts it: %v of\n%s", err, text)
		}
	}
	return sound
}
