package look

import (
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
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy the ledger to another place, and prove that nothing is missing",
		Long: `Copy every object of a ledger, of all environments and partners, from one place
to another. Afterwards it reads both again and compares each byte. Run it again
where it was stopped. It never replaces anything, and fails where the other place
holds something else.

End all runs that use the ledger before; afterwards, write the new place into
kiva.yaml, and don't use the old one again: what is sent by it is not in the new
one.

` + session.PlacesHelp,
		Example: "  kivaform ledger copy ledger git:kivaform-ledger",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			from, err := w.OpenPlace(args[0])
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			to, err := w.OpenPlace(args[1])
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			c, err := audit.Copy(cmd.Context(), from, to)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.Out, "%s copied, %d there before; read again and compared: nothing is missing, nothing differs\n",
				cli.Plural(c.Created, "object"), c.Objects-c.Created)
			if c.Extra > 0 {
				fmt.Fprintf(a.Out, "%s more in the new place: it was used already\n", cli.Plural(c.Extra, "object"))
			}
			return nil
		},
	}
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
			write, err := lineWriter(a.Out, format)
			if err != nil {
				return err
			}
			err = attempts(cmd.Context(), a, func(attempt *ledger.Attempt) error {
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
		},
	}
	c.Flags().StringVar(&format, "format", "jsonl", "jsonl (a JSON object a line) or csv")
	return c
}

// lineWriter returns what writes lines in a format; nil ends them.
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
				return s.end()
			}
			return s.write(cells(l))
		}, err
	}
	return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--format is jsonl or csv, not %q", format))
}

// exportColumns are the names of what cells returns; the same as in JSON.
var exportColumns = []string{
	"environment", "partner_id", "address", "stream", "attempt", "outcome", "amount", "currency", "loan_id", "client_id",
	"begun", "ended", "run", "program", "commit", "source", "status", "code", "message",
	"loan_draft_uuid", "archive_id", "upload_id", "kiva_id", "confirm_url", "decision", "reason", "decided_by", "decided", "done", "merged_from", "exchanges",
}

func cells(l *audit.Line) []string {
	return []string{
		l.Environment, l.PartnerID, string(l.Address), string(l.Stream), strconv.Itoa(l.Attempt), string(l.Outcome), l.Amount, l.Currency, l.LoanID, l.ClientID,
		timeCell(l.Begun), timeCell(l.Ended), l.Run, l.Program, l.Commit, l.Source, numberCell(l.Status), l.Code, l.Message,
		l.DraftUUID, l.ArchiveID, l.UploadID, l.KivaID, l.ConfirmURL, string(l.Decision), l.Reason, l.DecidedBy, timeCell(l.Decided), strconv.FormatBool(l.Done),
		numberCell(l.MergedFrom), l.Exchanges,
	}
}

func numberCell(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
