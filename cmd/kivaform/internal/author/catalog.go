package author

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/spec"
	"kivaform/spec/catalog"
	"kivaform/spec/load"
)

// CatalogCommand returns "kivaform catalog".
func CatalogCommand(a *session.App) *cobra.Command {
	c := &cobra.Command{
		Use:   "catalog",
		Short: "Keep Kiva's lists of activities, themes, locales and locations",
		Long: `Keep the four lists that Kiva has for this partner in catalog.yaml, so that
documents can say names in place of numbers and are checked without a network.
Commit the file: it is part of what a document means.`,
		Example: "  kivaform catalog pull\n  kivaform catalog list locations nakuru",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(catalogPullCommand(a), catalogListCommand(a))
	return c
}

func catalogPullCommand(a *session.App) *cobra.Command {
	return &cobra.Command{
		Use:   "pull",
		Short: "Write Kiva's four lists to catalog.yaml",
		Long: `Read the four lists from Kiva and write catalog.yaml: sorted, under Kiva's own
names, nothing else. Where nothing has changed, the file stays as it is.`,
		Example: "  kivaform catalog pull\n  kivaform catalog pull --env staging",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCatalogPull(cmd.Context(), a)
		},
	}
}

// openCatalog returns the catalogue of the workspace, or an error if there is
// none.
func openCatalog(ctx context.Context, a *session.App) (*spec.Catalog, error) {
	w, err := openForCatalog(ctx, a)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if w.Set.Catalog == nil {
		return nil, cli.WithCode(cli.ExitInvalid, hint.With(errors.New("there is no catalog.yaml"), "kivaform catalog pull"))
	}
	return w.Set.Catalog, nil
}

// openForCatalog reads kiva.yaml. It ignores faults that an outdated, broken or
// missing catalogue causes.
func openForCatalog(ctx context.Context, a *session.App) (*session.Workspace, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	set, err := load.Settings(ctx, a.Dir, load.Options{Environment: a.Environment})
	if err != nil {
		return nil, err
	}
	file := session.CatalogFile(set)
	var faults *multierror.Error
	for _, f := range set.Faults {
		if f.Severity == spec.Error && f.Pos.File != file && !concernsCatalog(f) {
			faults = multierror.Append(faults, f)
		}
	}
	if err := faults.ErrorOrNil(); err != nil {
		return nil, err
	}
	return a.Workspace(set)
}

// concernsCatalog reports whether a fault is of a name or an id of the lists.
func concernsCatalog(f *spec.Fault) bool { return strings.HasPrefix(f.Code, "KF03") }

func runCatalogPull(ctx context.Context, a *session.App) error {
	w, err := openForCatalog(ctx, a)
	if err != nil {
		return err
	}
	defer w.Close()
	// Kiva doesn't document the lists' scope: nil asks for all of the partner's.
	s, err := w.Connect(ctx, nil, len(catalog.Lists))
	if err != nil {
		return err
	}
	now, err := catalog.Pull(ctx, s.Client, time.Now())
	if err != nil {
		return err
	}
	was, file := w.Set.Catalog, session.CatalogFile(w.Set)
	if was != nil && len(catalog.Compare(was, now)) == 0 && w.Set.Err(nil) == nil {
		fmt.Fprintf(a.Out, "%s says what Kiva says; it stays as it is\n", file)
		return nil
	}
	if err := writeCatalog(w.Set.Dir, file, now); err != nil {
		return err
	}
	printPulled(a.Out, file, was, now)
	return nil
}

func writeCatalog(dir, file string, c *spec.Catalog) error {
	data, err := catalog.Encode(c)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(filepath.Join(dir, file), session.FormatDocument(data), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// printPulled prints the size of each list, and the changes from an earlier
// catalogue; was may be nil.
func printPulled(out io.Writer, file string, was, now *spec.Catalog) {
	fmt.Fprintf(out, "%s: %s, %s, %s, %s\n", file, countActivities(len(now.Activities)),
		cli.Plural(len(now.Themes), "theme"), cli.Plural(len(now.Locales), "locale"), cli.Plural(len(now.Locations), "location"))
	if was == nil {
		return
	}
	for _, change := range catalog.Compare(was, now) {
		fmt.Fprintf(out, "  %s: %s\n", change.List(), spec.Harmless(change.String()))
	}
}

func catalogListCommand(a *session.App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list [activities|themes|locales|locations] [TEXT]",
		Short: "Search catalog.yaml",
		Long: `List what catalog.yaml holds: all of it, one list, or what holds a text. Case and
accents make no difference. No request is made.`,
		Example: "  kivaform catalog list\n  kivaform catalog list activities water\n  kivaform catalog list sao paulo",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCatalogList(cmd.Context(), a, args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func runCatalogList(ctx context.Context, a *session.App, args []string, asJSON bool) error {
	c, err := openCatalog(ctx, a)
	if err != nil {
		return err
	}
	list := ""
	if len(args) > 0 && slices.Contains(catalog.Lists, args[0]) {
		list, args = args[0], args[1:]
	}
	found := catalog.Search(c, list, strings.Join(args, " "))
	if asJSON {
		return a.WriteJSON(append([]catalog.Entry{}, found...))
	}
	table := a.NewTable()
	for _, e := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.List, spec.Harmless(e.Name), spec.Harmless(e.ID))
	}
	if len(found) == 0 {
		fmt.Fprintln(a.Err, "nothing in catalog.yaml holds that")
	}
	return table.Flush()
}

func countActivities(n int) string {
	if n == 1 {
		return "1 activity"
	}
	return fmt.Sprintf("%d activities", n)
}
