package look

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/audit"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

func ledgerCopyCommand(a *session.App) *cobra.Command {
	var backup bool
	c := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy the ledger to another place, and prove that nothing is missing",
		Long: `Copy every object of a ledger, of all environments and partners, from one place
to another. Afterwards it reads both again and compares each byte. Run it again
where it was stopped. It never replaces anything, and fails where the other place
holds something else.

End all runs that use the ledger before; afterwards, write the new place into
kiva.yaml. The old place gets a mark that the ledger moved, and nothing is sent with
it any more: what is sent by it is not in the new one. With --backup it stays in use.

` + session.PlacesHelp,
		Example: "  kivaform ledger copy ledger git:kivaform-ledger",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return runLedgerCopy(cmd.Context(), w, args[0], args[1], backup)
		},
	}
	c.Flags().BoolVar(&backup, "backup", false, "the copy is a backup: the old place stays in use")
	return c
}

func runLedgerCopy(ctx context.Context, w *session.Workspace, from, to string, backup bool) error {
	source, err := openStoreAt(w, from)
	if err != nil {
		return err
	}
	target, err := openStoreAt(w, to)
	if err != nil {
		return err
	}
	c, err := audit.Copy(ctx, source, target)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.App.Out, "%s copied, %d there before; read again and compared: nothing is missing, nothing differs\n",
		cli.Plural(c.Created, "object"), c.Objects-c.Created)
	if c.Extra > 0 {
		fmt.Fprintf(w.App.Out, "%s more in the new place: it was used already\n", cli.Plural(c.Extra, "object"))
	}
	if backup {
		return nil
	}
	if err := ledger.SetPlace(ctx, target, "", "copied from "+session.Redacted(from)); err != nil {
		return err
	}
	return ledger.SetPlace(ctx, source, session.Redacted(to), "")
}

// openStoreAt opens a ledger's store at the address of an argument.
func openStoreAt(w *session.Workspace, address string) (ledger.Store, error) {
	store, err := w.OpenPlace(address)
	if err != nil {
		return nil, cli.WithCode(cli.ExitInvalid, err)
	}
	return store, nil
}

func ledgerExportCommand(a *session.App) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write all that was sent, for auditors",
		Long: `Write a line for each item of each attempt: what it was, how it ended, amounts,
when, and by which run. It holds no names, texts or photos. The addresses by
which journals are confirmed are left out, unless --personal=show.

` + sheetHelp,
		Example: "  kivaform ledger export --format csv > sent.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runLedgerExport(cmd.Context(), a, format)
		},
	}
	c.Flags().StringVar(&format, "format", "jsonl", "jsonl (a JSON object a line) or csv")
	return c
}

func runLedgerExport(ctx context.Context, a *session.App, format string) error {
	write, err := lineWriter(a.Out, format)
	if err != nil {
		return err
	}
	err = eachAttempt(ctx, a, func(attempt *ledger.Attempt) error {
		for _, line := range audit.Lines(attempt) {
			if !a.TellsPersonal() {
				line.ConfirmURL = ""
			}
			if err := write(&line); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, write(nil))
}

// lineWriter returns a function that writes a line in a format, and flushes for
// nil.
func lineWriter(out io.Writer, format string) (func(*audit.Line) error, error) {
	switch format {
	case "jsonl":
		encoder := json.NewEncoder(cli.AsJSON(out))
		encoder.SetEscapeHTML(false)
		return func(l *audit.Line) error {
			if l == nil {
				return nil
			}
			return encoder.Encode(l)
		}, nil
	case "csv":
		s, err := newSheet(cli.AsStyled(out), exportColumns, "attempt", "amount", "status", "merged_from")
		return func(l *audit.Line) error {
			if l == nil {
				return s.flush()
			}
			return s.writeRow(exportCells(l))
		}, err
	}
	return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--format is jsonl or csv, not %q", format))
}

// exportColumns names the cells of exportCells, as in JSON.
var exportColumns = []string{
	"environment", "partner_id", "address", "stream", "attempt", "outcome", "amount", "currency", "loan_id", "client_id",
	"begun", "ended", "run", "program", "commit", "source", "status", "code", "message",
	"loan_draft_uuid", "archive_id", "upload_id", "kiva_id", "confirm_url", "decision", "reason", "decided_by", "decided", "done", "merged_from", "exchanges",
}

func exportCells(l *audit.Line) []string {
	return []string{
		l.Environment, l.PartnerID, string(l.Address), string(l.Stream), strconv.Itoa(l.Attempt), string(l.Outcome), l.Amount, l.Currency, l.LoanID, l.ClientID,
		formatTime(l.Begun), formatTime(l.Ended), l.Run, l.Program, l.Commit, l.Source, formatNumber(l.Status), l.Code, l.Message,
		l.DraftUUID, l.ArchiveID, l.UploadID, l.KivaID, l.ConfirmURL, string(l.Decision), l.Reason, l.DecidedBy, formatTime(l.Decided), strconv.FormatBool(l.Done),
		formatNumber(l.MergedFrom), l.Exchanges,
	}
}

func formatNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
