package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"

	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/convert"
	"kivaform/spec/input"
)

// convertFlags are the flags of convert.
type convertFlags struct {
	kind, dateFormat, out string
	columns, set          []string
	askKiva               bool
}

func (a *app) convertCommand() *cobra.Command {
	var f convertFlags
	c := &cobra.Command{
		Use:   "convert FILE",
		Short: "Turn a CSV or JSON export into documents",
		Long: `Turn what another program exports into documents. The first row of a CSV file
names the columns, by Kiva's names (loan_id, client_id, amount, first_name, …) or
by what --map says. A JSON file is a body in Kiva's own form.

Every row that can't be converted is named by its line, all of them at once, and
then nothing is written. An id that a spreadsheet has changed is recognised by
the ids of the files and of the ledger; --ask-kiva takes those at Kiva, too.

An instalment is a column for each of its values: schedule_date_1,
schedule_principal_1, schedule_interest_1, schedule_date_2, and so on. Rows with
the same internal_loan_id are the borrowers of one group.`,
		Example: `  kivaform convert export.csv --kind loan-draft --map "Loan No=loan_id" --out loans/2026-11.yaml
  kivaform convert visits.csv --kind journal --set key=2026-11-visit
  kivaform convert paid.csv --kind repayment --set period=2026-11 --out repayments/2026-11.yaml
  kivaform convert draft.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			if err := w.runConvert(cmd.Context(), args[0], f); err != nil {
				return unwritten(err)
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.kind, "kind", "", "what the rows are: loan-draft, journal or repayment")
	flags.StringArrayVar(&f.columns, "map", nil, "which field a column is, as \"Loan No=loan_id\"; may be repeated")
	flags.StringArrayVar(&f.set, "set", nil, "a field that all have, as period=2026-11; may be repeated")
	flags.StringVar(&f.dateFormat, "date-format", "", "how dates are written, as DD/MM/YYYY; YYYY-MM-DD if not given")
	flags.StringVar(&f.out, "out", "", "write a new file, in place of the standard output; none is replaced")
	flags.BoolVar(&f.askKiva, "ask-kiva", false, "recognise the ids of loans that Kiva lists, too")
	return c
}

func (w *workspace) runConvert(ctx context.Context, file string, f convertFlags) error {
	o, err := f.options(file)
	if err != nil {
		return withCode(exitInvalid, err)
	}
	if err := w.settingsFaults(); err != nil {
		return err
	}
	if err := w.app.checkStaysInClone("read the export: "+file, file); err != nil {
		return err
	}
	data, err := input.ReadNamed(ctx, file, maxInput)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return withCode(exitInvalid, fmt.Errorf("read the export: %w", err))
	}
	if o.Known, err = w.knownIDs(ctx, f.askKiva); err != nil {
		return err
	}
	read := convert.CSV
	if strings.EqualFold(filepath.Ext(file), ".json") {
		read = convert.JSON
	}
	out, err := read(data, o)
	if err != nil {
		return withCode(exitInvalid, w.explain(err))
	}
	for _, warning := range out.Warnings {
		fmt.Fprintf(w.app.err, "warning: %s\n", hint.Text(warning))
	}
	if err := out.Check(ctx, w.set.Dir, w.set.Environment); err != nil {
		return w.explain(err)
	}
	text, err := out.Text()
	if err != nil {
		return err
	}
	return w.writeConverted(ctx, f.out, inOrder(text), out.Rows())
}

// settingsFaults returns what is wrong in kiva.yaml: what is converted is read by
// its settings. Other documents may wait.
func (w *workspace) settingsFaults() error {
	var faults *multierror.Error
	for _, f := range w.set.Faults {
		if f.Severity == spec.Error && f.Pos.File == w.set.Settings.Pos.File {
			faults = multierror.Append(faults, f)
		}
	}
	return faults.ErrorOrNil()
}

// explain adds where the cause lies in the workspace itself.
func (w *workspace) explain(err error) error {
	if w.set.Catalog == nil && slices.ContainsFunc(faultsOf(err), func(f *spec.Fault) bool { return f.Code == code.NoList.String() }) {
		fmt.Fprintln(w.app.err, needsCatalog)
	}
	return err
}

func (f convertFlags) options(file string) (convert.Options, error) {
	columns, err := pairs("--map", f.columns)
	if err != nil {
		return convert.Options{}, err
	}
	set, err := pairs("--set", f.set)
	return convert.Options{
		File: file, Kind: convert.Kind(f.kind), Columns: columns, Set: set, DateFormat: f.dateFormat,
	}, err
}

// pairs reads NAME=VALUE. A name may hold an equals sign, a value doesn't.
func pairs(flag string, given []string) (map[string]string, error) {
	all := make(map[string]string)
	for _, text := range given {
		i := strings.LastIndex(text, "=")
		if i <= 0 {
			return nil, fmt.Errorf("%s is NAME=VALUE, not %q", flag, text)
		}
		if _, twice := all[text[:i]]; twice {
			return nil, fmt.Errorf("%s says %q twice", flag, text[:i])
		}
		all[text[:i]] = text[i+1:]
	}
	return all, nil
}

// knownIDs gathers the ids that exist, as far as the workspace tells, and Kiva
// where it is to be asked.
func (w *workspace) knownIDs(ctx context.Context, askKiva bool) (convert.Known, error) {
	var known convert.Known
	for _, d := range w.set.Drafts {
		known.Add(d.LoanID(), d.InternalClientID)
		for _, e := range d.Entreps {
			known.Add(e.LoanID, e.ClientID)
		}
	}
	for _, j := range w.set.Journals {
		known.Add(j.LoanID, j.ClientID)
	}
	for _, r := range w.set.Reports {
		for _, row := range r.Rows {
			known.Add(row.LoanID, row.ClientID)
		}
	}
	if err := w.knownByLedger(ctx, &known); err != nil || !askKiva {
		return known, err
	}
	s, err := w.connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return known, err
	}
	for loan, err := range s.client.Loans(ctx, kiva.LoanQuery{}) {
		if err != nil {
			return known, fmt.Errorf("list loans: %w", err)
		}
		known.Add(loan.InternalLoanID, loan.InternalClientID)
	}
	return known, nil
}

func (w *workspace) knownByLedger(ctx context.Context, known *convert.Known) error {
	if w.set.Settings.PartnerID == "" {
		return nil // it isn't known whose ledger it would be
	}
	l, err := w.openLedger()
	if err != nil {
		return err
	}
	for attempt, err := range l.Attempts(ctx) {
		if err != nil {
			return err
		}
		if !attempt.Outcome().AtKiva() {
			continue
		}
		for e := range attempt.Entries() {
			clientID := ""
			if e.Row != nil {
				clientID = e.Row.ClientID
			}
			known.Add(e.LoanID(), clientID)
		}
	}
	return nil
}

// writeConverted prints the documents, or makes a file of them. A file that is
// there already may have been edited since, so it is never overwritten.
func (w *workspace) writeConverted(ctx context.Context, file string, text []byte, rows int) error {
	if file == "" {
		return w.app.writeDocuments(text)
	}
	if err := w.app.checkStaysInClone("--out "+file, file); err != nil {
		return err
	}
	switch there, err := input.ReadNamed(ctx, file, maxInput); {
	case err == nil && bytes.Equal(there, text):
		fmt.Fprintf(w.app.out, "%s holds this already\n", file)
		return nil
	case err == nil:
		return withCode(exitInvalid, hint.With(fmt.Errorf("--out %s: this is there already, and differs: nothing was written", file), "choose another name, or remove it first"))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // #nosec G301 -- the user's own files, committed to git
		return err
	}
	if err := renameio.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	fmt.Fprintf(w.app.out, "%s: %s converted; look at them with kivaform validate\n", file, plural(rows, "row"))
	return nil
}
