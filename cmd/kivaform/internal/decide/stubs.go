package decide

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/convert"
)

// writeStubs makes a file of each loan that Kiva lists, in a folder: none that is
// there already is touched, and none of a loan that has a document, or had one
// when it was sent: a stub would look like an edit of that.
func writeStubs(ctx context.Context, w *session.Workspace, dir string, loans []kiva.Loan) error {
	have := make(map[plan.Address]bool)
	for _, d := range w.Set.Drafts {
		have[d.Address()] = true
	}
	var missing []kiva.Loan
	for _, l := range loans {
		address := spec.DraftAddress(l.InternalLoanID)
		last := w.Ledger.Last(address)
		if l.InternalLoanID != "" && !have[address] && (last == nil || last.Fingerprint == plan.NoFingerprint) {
			missing = append(missing, l)
		}
	}
	files, err := convert.Stubs(ctx, missing, w.Set.Dir, w.Set.Environment)
	if err != nil {
		return err
	}
	wrote := 0
	for i, l := range missing {
		err := create(filepath.Join(dir, fileName(l.InternalLoanID)), string(session.FormatDocument(files[i])))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("write what Kiva shows: %w", err)
		}
		if err == nil {
			wrote++
		}
	}
	_, err = fmt.Fprintf(w.App.Out, "wrote %s in %s\n", cli.Plural(wrote, "file"), dir)
	return err
}

// create writes a file that isn't there yet, and its folders.
func create(name, text string) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- the user's own files, committed to git
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return cli.CreateIn(root, filepath.Base(name), text)
}
