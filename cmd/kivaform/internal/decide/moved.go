package decide

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/input"
)

// MovedCommand makes "kivaform moved".
func MovedCommand(a *session.App) *cobra.Command {
	var file, reason string
	c := &cobra.Command{
		Use:   "moved [OLD NEW]",
		Short: "Say that something is the same under a new id",
		Long: `Record that NEW, in the files, is the same thing as OLD, which Kiva has: a loan
under a new id, a journal under a new key, a row of a period that was mended. NEW
counts as sent from then on. Nothing is sent.

Where the files say something else of it than what was sent, the plan shows that
as changed (≠). Loan and client ids don't count as changed. PA2 still has the old
ones: change them there, too, because journals and reports name loans by them.

OLD and NEW are addresses, or loan ids of drafts. With --file they come from a CSV
file with the columns old and new; either all lines are recorded or none.`,
		Example: `  kivaform moved loan_draft/L-1O42 loan_draft/L-1042 --reason "a typing mistake"
  kivaform moved journal/L-1042/visit journal/L-1042/2026-11-visit
  kivaform moved repayment/2026-10/L-0871 repayment/2026-11/L-0871
  kivaform moved --file moved.csv --reason "new core banking system"`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 2) == (file != "") || len(args) == 1 {
				return cli.WithCode(cli.ExitInvalid, errors.New("give OLD and NEW, or --file"))
			}
			lines := []movedLine{{}}
			if file == "" {
				lines[0].Move = apply.Move{Old: movedAddress(args[0]), New: movedAddress(args[1])}
			} else {
				var err error
				if lines, err = readMoved(cmd.Context(), file); err != nil {
					return cli.WithCode(cli.ExitInvalid, err)
				}
			}
			w, err := a.Open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			return moved(cmd.Context(), w, lines, reason)
		},
	}
	c.Flags().StringVar(&file, "file", "", "a CSV file with the columns old and new")
	c.Flags().StringVar(&reason, "reason", "", "why the id is another one")
	return c
}

// A movedLine is a move, and its position in a file.
type movedLine struct {
	apply.Move
	pos spec.Pos
}

// moved records moves.
func moved(ctx context.Context, w *session.Workspace, lines []movedLine, reason string) error {
	s, p, err := w.Plan(ctx, session.PlanOptions{WithFaults: true})
	if err != nil {
		return err
	}
	moves := make([]apply.Move, len(lines))
	for i, l := range lines {
		moves[i] = l.Move
	}
	n, err := apply.RecordMoves(ctx, p, moves, reason, s.ApplyOptions(time.Now()))
	if first := (*apply.MoveError)(nil); errors.As(err, &first) {
		return cli.WithCode(cli.ExitInvalid, placeMoveErrors(err, lines))
	}
	if n > 0 || err == nil {
		fmt.Fprintf(w.App.Out, "recorded %s; known before %d\n", cli.Plural(n, "move"), len(lines)-n)
	}
	return err
}

// placeMoveErrors puts the line of a file before each error.
func placeMoveErrors(err error, lines []movedLine) error {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var placed []error
	for _, err := range all.Unwrap() {
		if e := (*apply.MoveError)(nil); errors.As(err, &e) && lines[e.Move].pos.File != "" {
			err = fmt.Errorf("%s: %w", lines[e.Move].pos.Short(), e.Err)
		}
		placed = append(placed, err)
	}
	return errors.Join(placed...)
}

// movedAddress reads an address; an id alone is a draft's.
func movedAddress(text string) plan.Address {
	text = strings.TrimSpace(text)
	for _, kind := range []string{"loan_draft/", "journal/", "repayment/"} {
		if strings.HasPrefix(text, kind) {
			return spec.ParseAddress(text)
		}
	}
	return spec.DraftAddress(text)
}

// readMoved reads a file of moves, with all faults of its form.
func readMoved(ctx context.Context, file string) ([]movedLine, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--file: %w", err)
	}
	defer f.Close()
	data, err := input.ReadAll(ctx, f, nil, session.MaxInput)
	if err != nil {
		return nil, fmt.Errorf("--file %s: %w", file, err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil || len(head) != 2 || !strings.EqualFold(strings.TrimSpace(head[0]), "old") || !strings.EqualFold(strings.TrimSpace(head[1]), "new") {
		return nil, hint.With(fmt.Errorf("%s:1: the first line isn't the header", file), "the header is: old,new")
	}
	var lines []movedLine
	var faults []error
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, errors.Join(faults...)
		}
		if err != nil {
			return nil, errors.Join(append(faults, fmt.Errorf("%s: %w", file, err))...)
		}
		line, column := r.FieldPos(0)
		pos := spec.Pos{File: file, Line: int32(line), Column: int32(column)}
		if len(record) != 2 || strings.TrimSpace(record[0]) == "" || strings.TrimSpace(record[1]) == "" {
			faults = append(faults, fmt.Errorf("%s: a line has two columns: the old address and the new one", pos.Short()))
			continue
		}
		lines = append(lines, movedLine{apply.Move{Old: movedAddress(record[0]), New: movedAddress(record[1])}, pos})
	}
}
