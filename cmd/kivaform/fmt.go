package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	udiff "github.com/aymanbagabas/go-udiff"
	"github.com/google/renameio/v2"
	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/format"
	"kivaform/spec/input"
	"kivaform/spec/load"
)

// fmtFlags are the flags of fmt.
type fmtFlags struct{ check, diff bool }

// writes reports whether files are to be changed.
func (f fmtFlags) writes() bool { return !f.check && !f.diff }

func (a *app) fmtCommand() *cobra.Command {
	var f fmtFlags
	c := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Put the YAML files in one form, with their comments",
		Long: `Put kiva.yaml, catalog.yaml and the documents in one form, and print the names of
the files that changed: kind first, then the fields in the order of the
documentation, two spaces for each level, a line for each borrower and each
instalment. What the files say doesn't change, and every comment stays. CSV files
are left alone.

A PATH is a file or a folder of the workspace; "-" reads from the standard input
and writes to the standard output. A file that can't be loaded, or is too unusual,
stays as it is and is named with the reason; the others are done all the same.

With --check, files that are to be changed are only named, and the exit code is 1
if there are any. With --diff, the changes are shown and not made; where the
output isn't a terminal, only their places, because the lines may hold personal
data, unless --personal=show says otherwise.`,
		Example: `  kivaform fmt
  kivaform fmt --check
  kivaform fmt --diff loans/2026-11.yaml
  kivaform fmt - < draft.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.check(); err != nil {
				return err
			}
			return a.runFmt(cmd.Context(), args, f)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.check, "check", false, "write nothing; name the files that would change, and end with 1 if there are any")
	flags.BoolVar(&f.diff, "diff", false, "write nothing; show what would change")
	return c
}

func (a *app) runFmt(ctx context.Context, paths []string, f fmtFlags) error {
	if len(paths) == 1 && paths[0] == "-" {
		return a.formatInput(f)
	}
	files, err := a.formattable(ctx, paths)
	if err != nil {
		return err
	}
	results := make([]formatted, len(files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		g.Go(func() error {
			if ctx.Err() == nil {
				results[i] = formatFile(ctx, file, f.writes())
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return a.reportFormatted(results, f)
}

// A formatted file is what became of it. Before and after are nil where nothing
// was to be done.
type formatted struct {
	name          string
	before, after []byte
	err           error
}

func formatFile(ctx context.Context, name string, write bool) formatted {
	before, err := input.ReadNamed(ctx, name, maxInput)
	if err != nil {
		return formatted{name: name, err: fmt.Errorf("read the file: %w", err)}
	}
	after, err := format.Source(filepath.ToSlash(name), before)
	if err != nil || bytes.Equal(before, after) {
		return formatted{name: name, err: err}
	}
	if write {
		err = replaceFile(name, after)
	}
	return formatted{name, before, after, err}
}

// replaceFile replaces a file as a whole and keeps its permissions. Where the name
// is a link, what it leads to is replaced.
func replaceFile(name string, data []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err == nil {
		err = renameio.WriteFile(target, data, 0o644, renameio.WithExistingPermissions())
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (a *app) formatInput(f fmtFlags) error {
	before, err := io.ReadAll(a.in)
	if err != nil {
		return fmt.Errorf("read the standard input: %w", err)
	}
	after, err := format.Source("-", before)
	r := formatted{name: "-", before: before, after: after, err: err}
	switch {
	case err == nil && f.writes():
		return a.writeDocuments(after)
	case bytes.Equal(before, after):
		r.after = nil
	}
	return a.reportFormatted([]formatted{r}, f)
}

// formattable lists the files that the paths stand for; without paths, those of
// the workspace. A file that is named is done in any case, also if it is ignored.
func (a *app) formattable(ctx context.Context, paths []string) ([]string, error) {
	if len(paths) == 0 {
		paths = []string{a.dir}
	}
	var files []string
	listed := make(map[string]bool)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil && path != a.dir {
			return nil, withCode(exitInvalid, fmt.Errorf("read %s: %w", path, errors.Unwrap(err)))
		}
		if err == nil && !info.IsDir() {
			err = a.checkInWorkspace(path)
		}
		if err != nil && path != a.dir {
			return nil, err
		}
		found := []string{path}
		if err != nil || info.IsDir() {
			if found, err = a.filesBelow(ctx, path); err != nil {
				return nil, err
			}
		}
		for _, file := range found {
			if file = filepath.Clean(file); !listed[file] {
				listed[file] = true
				files = append(files, file)
			}
		}
	}
	return files, nil
}

// filesBelow lists the workspace's YAML files in a folder. A link is left out:
// what it leads to is a file of its own.
func (a *app) filesBelow(ctx context.Context, dir string) ([]string, error) {
	all, err := load.Files(ctx, a.dir)
	if err != nil {
		return nil, err
	}
	below, err := within(a.dir, dir)
	if err != nil {
		return nil, withCode(exitInvalid, err)
	}
	var files []string
	for _, file := range all {
		name := filepath.Join(a.dir, filepath.FromSlash(file))
		info, err := os.Lstat(name)
		if below != "." && !strings.HasPrefix(file, below+"/") || err == nil && info.Mode()&fs.ModeSymlink != 0 {
			continue
		}
		files = append(files, name)
	}
	return files, nil
}

// checkInWorkspace refuses a file that isn't in the workspace, or whose name is
// a link that leads out of it.
func (a *app) checkInWorkspace(file string) error {
	if target, err := realFolder(file); err == nil && isInside(target, a.dir) {
		return nil
	}
	return withCode(exitInvalid, hint.With(fmt.Errorf("%s isn't in the workspace", file), "choose the workspace's folder with -C"))
}

// within returns the path of a folder from the workspace, with slashes.
func within(workspace, dir string) (string, error) {
	from, err := filepath.Abs(workspace)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", hint.With(fmt.Errorf("%s isn't in the workspace", dir), "choose the workspace's folder with -C")
	}
	return filepath.ToSlash(rel), nil
}

// reportFormatted prints what became of the files, and says how the program ends.
func (a *app) reportFormatted(results []formatted, f fmtFlags) error {
	code := exitDone
	for _, r := range results {
		switch {
		case r.err != nil:
			code = max(code, a.reportUnformatted(r.err))
		case r.after == nil:
		case f.diff:
			if err := a.printDiff(r); err != nil {
				return err
			}
		default:
			fmt.Fprintln(a.out, spec.Harmless(r.name))
		}
		if f.check && r.err == nil && r.after != nil {
			code = max(code, exitError)
		}
	}
	return said(code)
}

// reportUnformatted says why a file stays as it is, and returns the exit code of
// that.
func (a *app) reportUnformatted(err error) int {
	var faults *multierror.Error
	if !errors.As(err, &faults) {
		report(a.err, err)
		return exitError
	}
	for _, fault := range faults.Errors {
		fmt.Fprintln(a.err, spec.Harmless(hint.Text(fault)))
	}
	return exitInvalid
}

// printDiff prints the changes of a file in unified form. Where personal data
// must not be shown, each line is a mask: nobody can say which lines hold any.
func (a *app) printDiff(r formatted) error {
	before, after := string(r.before), string(r.after)
	diff, err := udiff.ToUnifiedDiff(r.name, r.name, before, udiff.Lines(before, after), udiff.DefaultContextLines)
	if err != nil {
		return fmt.Errorf("compare %s: %w", r.name, err)
	}
	if !a.showsPersonal(a.out) {
		for _, hunk := range diff.Hunks {
			for i := range hunk.Lines {
				hunk.Lines[i].Content = "••••••\n"
			}
		}
	}
	_, err = fmt.Fprint(a.out, diff)
	return err
}
