package author

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

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/convert"
	"kivaform/spec/input"
)

// convertOptions are the argument and the flags of convert.
type convertOptions struct {
	file                  string
	kind, dateFormat, out string
	columns, set          []string
	askKiva               bool
}

// ConvertCommand returns "kivaform convert".
func ConvertCommand(a *session.App) *cobra.Command {
	var o convertOptions
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
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			o.file = args[0]
			if err := runConvert(cmd.Context(), w, o); err != nil {
				return cli.Unwritten(err)
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.kind, "kind", "", "what the rows are: loan-draft, journal or repayment")
	flags.StringArrayVar(&o.columns, "map", nil, "which field a column is, as \"Loan No=loan_id\"; may be repeated")
	flags.StringArrayVar(&o.set, "set", nil, "a field that all have, as period=2026-11; may be repeated")
	flags.StringVar(&o.dateFormat, "date-format", "", "how dates are written, as DD/MM/YYYY; YYYY-MM-DD if not given")
	flags.StringVar(&o.out, "out", "", "write a new file, in place of the standard output; none is replaced")
	flags.BoolVar(&o.askKiva, "ask-kiva", false, "recognise the ids of loans that Kiva lists, too")
	return c
}

func runConvert(ctx context.Context, w *session.Workspace, o convertOptions) error {
	options, err := o.parse()
	if err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	if err := settingsFaults(w); err != nil {
		return err
	}
	data, err := readExport(ctx, w, o.file)
	if err != nil {
		return err
	}
	if options.Known, err = knownIDs(ctx, w, o.askKiva); err != nil {
		return err
	}
	convertData := convert.CSV
	if strings.EqualFold(filepath.Ext(o.file), ".json") {
		convertData = convert.JSON
	}
	out, err := convertData(data, options)
	if err != nil {
		return cli.WithCode(cli.ExitInvalid, explainNoCatalog(w, err))
	}
	for _, warning := range out.Warnings {
		fmt.Fprintf(w.App.Err, "warning: %s\n", hint.Text(warning))
	}
	if err := out.Check(ctx, w.Set.Dir, w.Set.Environment); err != nil {
		return explainNoCatalog(w, err)
	}
	text, err := out.Text()
	if err != nil {
		return err
	}
	return writeConverted(ctx, w, o.out, session.FormatDocument(text), out.Rows())
}

func readExport(ctx context.Context, w *session.Workspace, file string) ([]byte, error) {
	if err := w.App.CheckStaysInClone("read the export: "+file, file); err != nil {
		return nil, err
	}
	data, err := input.ReadNamed(ctx, file, session.MaxInput)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("read the export: %w", err))
	}
	return data, nil
}

// settingsFaults returns the errors in kiva.yaml, whose settings decide how the
// converted documents are read. Other documents' faults don't matter.
func settingsFaults(w *session.Workspace) error {
	var faults *multierror.Error
	for _, f := range w.Set.Faults {
		if f.Severity == spec.Error && f.Pos.File == w.Set.Settings.Pos.File {
			faults = multierror.Append(faults, f)
		}
	}
	return faults.ErrorOrNil()
}

// explainNoCatalog prints a remark if err has a cause in a missing catalogue.
func explainNoCatalog(w *session.Workspace, err error) error {
	if w.Set.Catalog == nil && slices.ContainsFunc(session.FaultsOf(err), func(f *spec.Fault) bool { return f.Code == code.NoList.String() }) {
		fmt.Fprintln(w.App.Err, session.NeedsCatalog)
	}
	return err
}

func (o convertOptions) parse() (convert.Options, error) {
	columns, err := parsePairs("--map", o.columns)
	if err != nil {
		return convert.Options{}, err
	}
	set, err := parsePairs("--set", o.set)
	return convert.Options{
		File: o.file, Kind: convert.Kind(o.kind), Columns: columns, Set: set, DateFormat: o.dateFormat,
	}, err
}

// parsePairs parses NAME=VALUE. A name may contain an equals sign, a value not.
func parsePairs(flag string, given []string) (map[string]string, error) {
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

// knownIDs collects the ids in the workspace and in its ledger, and with askKiva
// those of Kiva's loans.
func knownIDs(ctx context.Context, w *session.Workspace, askKiva bool) (convert.Known, error) {
	var known convert.Known
	for _, d := range w.Set.Drafts {
		known.Add(d.LoanID(), d.InternalClientID)
		for _, e := range d.Entreps {
			known.Add(e.LoanID, e.ClientID)
		}
	}
	for _, j := range w.Set.Journals {
		known.Add(j.LoanID, j.ClientID)
	}
	for _, r := range w.Set.Reports {
		for _, row := range r.Rows {
			known.Add(row.LoanID, row.ClientID)
		}
	}
	if err := addLedgerIDs(ctx, w, &known); err != nil || !askKiva {
		return known, err
	}
	s, err := w.Connect(ctx, []string{kiva.ScopeReadLoans}, 0)
	if err != nil {
		return known, err
	}
	for loan, err := range s.Client.Loans(ctx, kiva.LoanQuery{}) {
		if err != nil {
			return known, fmt.Errorf("list loans: %w", err)
		}
		known.Add(loan.InternalLoanID, loan.InternalClientID)
	}
	return known, nil
}

func addLedgerIDs(ctx context.Context, w *session.Workspace, known *convert.Known) error {
	if w.Set.Settings.PartnerID == "" {
		return nil // the ledger's scope isn't known
	}
	l, err := w.OpenLedger()
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

// writeConverted prints the documents, or writes them to a new file. An existing
// file may have been edited, so it is never overwritten.
func writeConverted(ctx context.Context, w *session.Workspace, file string, text []byte, rows int) error {
	if file == "" {
		return w.App.WriteDocuments(text)
	}
	if err := w.App.CheckStaysInClone("--out "+file, file); err != nil {
		return err
	}
	switch there, err := input.ReadNamed(ctx, file, session.MaxInput); {
	case err == nil && bytes.Equal(there, text):
		fmt.Fprintf(w.App.Out, "%s holds this already\n", file)
		return nil
	case err == nil:
		return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("--out %s: this is there already, and differs: nothing was written", file), "choose another name, or remove it first"))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // #nosec G301 -- the user's own files, committed to git
		return err
	}
	if err := renameio.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	fmt.Fprintf(w.App.Out, "%s: %s converted; look at them with kivaform validate\n", file, cli.Plural(rows, "row"))
	return nil
}
