package author

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/convert"
	"kivaform/spec/schema"
	"kivaform/spec/yamldoc"
)

// ExplainCommand returns "kivaform explain".
func ExplainCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|FIELD]...",
		Short: "Say what a fault means, or what a field is",
		Long: `Say what a fault means, why it is checked and how to mend it, by its code; or what
a field is, what it looks like, where it goes at Kiva and where that is known
from. A field is named with its document, loan_draft.schedule.date, or as a fault
names it, schedule[2].date. Settings are named as in kiva.yaml, limits.drafts.

Without an argument, all codes and documents are listed.`,
		Example: `  kivaform explain KF045
  kivaform explain loan_draft
  kivaform explain loan_draft.not_pictured journal.key
  kivaform explain environments.staging.ledger`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return runExplain(a.Out, args) },
	}
}

func runExplain(out io.Writer, names []string) error {
	if len(names) == 0 {
		return listExplained(out)
	}
	var errs []error
	for i, name := range names {
		text, err := explainOne(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprint(out, text)
	}
	if err := errors.Join(errs...); err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	return nil
}

// Explanations lists the explanations of all codes, in order.
func Explanations() []code.Explanation {
	return slices.Concat(code.Explanations(), plan.Explanations(), convert.Explanations())
}

// ExplainedNames lists the arguments of explain, each with a description.
func ExplainedNames() []cobra.Completion {
	var all []cobra.Completion
	for _, e := range Explanations() {
		all = append(all, cobra.CompletionWithDesc(e.Code, e.Title))
	}
	for _, d := range schema.All() {
		all = append(all, cobra.CompletionWithDesc(d.String(), firstSentence(d.About)))
	}
	return all
}

func listExplained(w io.Writer) error {
	for _, e := range Explanations() {
		fmt.Fprintf(w, "%s  %s\n", e.Code, e.Title)
	}
	fmt.Fprintln(w)
	for _, d := range schema.All() {
		if d.Path == "" {
			fmt.Fprintf(w, "%-17s %s\n", d, firstSentence(d.About))
		}
	}
	_, err := fmt.Fprintln(w, "\nkivaform explain CODE or FIELD says more.")
	return err
}

// codeLike matches a code as people type it: KF045, kf45, 45.
var codeLike = regexp.MustCompile(`^(?:[kK][fF])?0*([0-9]{1,9})$`)

// explainOne explains a code, or the fields of a name.
func explainOne(name string) (string, error) {
	if m := codeLike.FindStringSubmatch(name); m != nil {
		return explainCode(m[1])
	}
	found := schema.Find(name)
	if len(found) == 0 {
		remedy := "kivaform explain lists all codes and documents"
		if near := nearestField(name); near != "" {
			remedy = "did you mean " + near + "?"
		}
		return "", hint.With(fmt.Errorf("there is no code or field %q", name), "%s", remedy)
	}
	if len(found) == 1 {
		return describeField(found[0]), nil
	}
	t := newTextPage()
	t.addParagraph(fmt.Sprintf("%s stands in several places:", name))
	t.addSummaries(found)
	return t.String(), nil
}

func explainCode(digits string) (string, error) {
	number, _ := strconv.Atoi(digits)
	wanted := fmt.Sprintf("KF%03d", number)
	all := Explanations()
	i, found := slices.BinarySearchFunc(all, wanted, func(e code.Explanation, wanted string) int { return strings.Compare(e.Code, wanted) })
	if !found {
		var near []string
		for _, e := range all[max(0, i-1):min(len(all), i+1)] {
			near = append(near, e.Code+" ("+e.Title+")")
		}
		verb := "are"
		if len(near) == 1 {
			verb = "is"
		}
		return "", hint.With(fmt.Errorf("there is no code %s", wanted), "the nearest %s %s; kivaform explain lists all", verb, strings.Join(near, " and "))
	}
	return describeCode(all[i]), nil
}

// nearestField returns the probably intended field, or "".
func nearestField(name string) string {
	byWord := map[string]string{}
	for _, d := range slices.Backward(schema.All()) {
		full := d.String()
		byWord[full] = full
		byWord[full[strings.LastIndexByte(full, '.')+1:]] = full
	}
	return byWord[yamldoc.Nearest(name, slices.Sorted(maps.Keys(byWord)))]
}

func describeCode(e code.Explanation) string {
	severity := "error"
	if e.Severity == spec.Warning {
		severity = "warning"
	}
	t := newTextPage()
	t.addParagraph(fmt.Sprintf("%s (%s): %s", e.Code, severity, e.Title))
	t.addParagraph(e.Means)
	t.addRow("why", e.Why)
	t.addRow("mend", e.Mend)
	t.addExample("wrong", e.Wrong)
	t.addExample("right", e.Right)
	return t.String()
}

func describeField(d schema.Doc) string {
	t := newTextPage()
	title := d.String()
	if d.Path == title {
		title += " (" + d.In + ")"
	}
	t.addParagraph(title)
	t.addParagraph(d.About)
	if d.Path != "" {
		t.addRow("type", d.Words())
	}
	needed := d.Needed
	if needed == "" && d.Path != "" && !d.Refused {
		needed = "no"
	}
	t.addRow("needed", needed)
	t.addRow("absent", d.Default)
	t.addRow("at Kiva", d.AtKiva)
	t.addRow("source", d.Source)
	if d.Path != "" && d.Example != "" {
		t.addExample("example", d.Name+": "+d.Example)
	}
	if len(d.Fields) > 0 {
		t.addGap()
		t.addSummaries(d.Inner())
	}
	return t.String()
}
