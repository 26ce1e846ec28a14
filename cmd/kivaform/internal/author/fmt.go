package author

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

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/format"
	"kivaform/spec/input"
	"kivaform/spec/load"
)

// fmtOptions are the flags of fmt.
type fmtOptions struct{ check, diff bool }

// changesFiles reports whether to write files.
func (o fmtOptions) changesFiles() bool { return !o.check && !o.diff }

// FmtCommand returns "kivaform fmt".
func FmtCommand(a *session.App) *cobra.Command {
	var o fmtOptions
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
			return runFmt(cmd.Context(), a, args, o)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&o.check, "check", false, "write nothing; name the files that would change, and end with 1 if there are any")
	flags.BoolVar(&o.diff, "diff", false, "write nothing; show what would change")
	return c
}

func runFmt(ctx context.Context, a *session.App, paths []string, o fmtOptions) error {
	if err := a.Check(); err != nil {
		return err
	}
	if len(paths) == 1 && paths[0] == "-" {
		return formatInput(a, o)
	}
	files, err := listFiles(ctx, a, paths)
	if err != nil {
		return err
	}
	results, err := formatFiles(ctx, files, o.changesFiles())
	if err != nil {
		return err
	}
	return reportFormatted(a, results, o)
}

func formatFiles(ctx context.Context, files []string, write bool) ([]formatted, error) {
	results := make([]formatted, len(files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		g.Go(func() error {
			if ctx.Err() == nil {
				results[i] = formatFile(ctx, file, write)
			}
			return ctx.Err()
		})
	}
	return results, g.Wait()
}

// A formatted is the result for one file. Before and after are nil if nothing
// changes.
type formatted struct {
	name          string
	before, after []byte
	err           error
}

func formatFile(ctx context.Context, name string, write bool) formatted {
	before, err := input.ReadNamed(ctx, name, session.MaxInput)
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

// replaceFile replaces a file atomically and keeps its permissions. It replaces
// the target of a link.
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

func formatInput(a *session.App, o fmtOptions) error {
	before, err := io.ReadAll(a.In)
	if err != nil {
		return fmt.Errorf("read the standard input: %w", err)
	}
	after, err := format.Source("-", before)
	r := formatted{name: "-", before: before, after: after, err: err}
	switch {
	case err == nil && o.changesFiles():
		return a.WriteDocuments(after)
	case bytes.Equal(before, after):
		r.after = nil
	}
	return reportFormatted(a, []formatted{r}, o)
}

// listFiles lists the files at the paths, or those of the workspace without any.
// It includes a named file even if kiva.yaml ignores it.
func listFiles(ctx context.Context, a *session.App, paths []string) ([]string, error) {
	if len(paths) == 0 {
		paths = []string{a.Dir}
	}
	var files []string
	listed := make(map[string]bool)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil && path != a.Dir {
			return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("read %s: %w", path, errors.Unwrap(err)))
		}
		if err == nil && !info.IsDir() {
			err = checkInWorkspace(a, path)
		}
		if err != nil && path != a.Dir {
			return nil, err
		}
		found := []string{path}
		if err != nil || info.IsDir() {
			if found, err = filesBelow(ctx, a, path); err != nil {
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

// filesBelow lists the workspace's YAML files in a folder. It omits links, whose
// targets are listed themselves.
func filesBelow(ctx context.Context, a *session.App, dir string) ([]string, error) {
	all, err := load.Files(ctx, a.Dir)
	if err != nil {
		return nil, err
	}
	below, err := pathWithin(a.Dir, dir)
	if err != nil {
		return nil, cli.WithCode(cli.ExitInvalid, err)
	}
	var files []string
	for _, file := range all {
		name := filepath.Join(a.Dir, filepath.FromSlash(file))
		info, err := os.Lstat(name)
		if below != "." && !strings.HasPrefix(file, below+"/") || err == nil && info.Mode()&fs.ModeSymlink != 0 {
			continue
		}
		files = append(files, name)
	}
	return files, nil
}

// checkInWorkspace refuses a file outside of the workspace, and a link that leaves
// it.
func checkInWorkspace(a *session.App, file string) error {
	if target, err := cli.RealFolder(file); err == nil && cli.IsInside(target, a.Dir) {
		return nil
	}
	return cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("%s isn't in the workspace", file), "choose the workspace's folder with -C"))
}

// pathWithin returns the path of a folder from the workspace, with slashes.
func pathWithin(workspace, dir string) (string, error) {
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

// reportFormatted prints the results, and returns an error with the exit code.
func reportFormatted(a *session.App, results []formatted, o fmtOptions) error {
	code := cli.ExitDone
	for _, r := range results {
		switch {
		case r.err != nil:
			code = max(code, reportUnformatted(a, r.err))
		case r.after == nil:
		case o.diff:
			if err := printDiff(a, r); err != nil {
				return err
			}
		default:
			fmt.Fprintln(a.Out, spec.Harmless(r.name))
		}
		if o.check && r.err == nil && r.after != nil {
			code = max(code, cli.ExitError)
		}
	}
	return cli.ExitWithoutMessage(code)
}

// reportUnformatted prints why a file stays as it is, and returns the exit code.
func reportUnformatted(a *session.App, err error) int {
	var faults *multierror.Error
	if !errors.As(err, &faults) {
		session.Report(a.Err, err)
		return cli.ExitError
	}
	for _, fault := range faults.Errors {
		fmt.Fprintln(a.Err, spec.Harmless(hint.Text(fault)))
	}
	return cli.ExitInvalid
}

// printDiff prints the changes of a file in unified form. If personal data must be
// masked, so is each line: any of them may have some.
func printDiff(a *session.App, r formatted) error {
	before, after := string(r.before), string(r.after)
	diff, err := udiff.ToUnifiedDiff(r.name, r.name, before, udiff.Lines(before, after), udiff.DefaultContextLines)
	if err != nil {
		return fmt.Errorf("compare %s: %w", r.name, err)
	}
	if !a.ShowsPersonal(a.Out) {
		for _, hunk := range diff.Hunks {
			for i := range hunk.Lines {
				hunk.Lines[i].Content = "••••••\n"
			}
		}
	}
	_, err = fmt.Fprint(a.Out, diff)
	return err
}
