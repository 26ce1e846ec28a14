package author

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
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

// CatalogCommand makes "kivaform catalog".
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
			w, err := openForCatalog(cmd.Context(), a)
			if err != nil {
				return err
			}
			defer w.Close()
			return pullCatalog(cmd.Context(), w)
		},
	}
}

// openForCatalog reads kiva.yaml, and doesn't mind what a catalogue that is
// old, broken or not there yet makes wrong.
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
		if f.Severity == spec.Error && f.Pos.File != file && !aboutCatalog(f) {
			faults = multierror.Append(faults, f)
		}
	}
	if err := faults.ErrorOrNil(); err != nil {
		return nil, err
	}
	return a.Workspace(set)
}

// aboutCatalog reports whether a fault is of a name or an id that was looked up.
func aboutCatalog(f *spec.Fault) bool { return strings.HasPrefix(f.Code, "KF03") }

func pullCatalog(ctx context.Context, w *session.Workspace) error {
	// Which scope the lists need isn't documented: with all that the partner
	// has, none is missing.
	s, err := w.Connect(ctx, nil, len(catalog.Lists))
	if err != nil {
		return err
	}
	now, err := catalog.Pull(ctx, s.Client, time.Now())
	if err != nil {
		return err
	}
	file, out := session.CatalogFile(w.Set), w.App.Out
	was := w.Set.Catalog
	if was == nil {
		was = &spec.Catalog{}
	} else if len(catalog.Compare(was, now)) == 0 && w.Set.Err(nil) == nil {
		fmt.Fprintf(out, "%s says what Kiva says; it stays as it is\n", file)
		return nil
	}
	data, err := catalog.Encode(now)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(filepath.Join(w.Set.Dir, file), session.FormatDocument(data), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	fmt.Fprintf(out, "%s: %s, %s, %s, %s\n", file, activities(len(now.Activities)),
		cli.Plural(len(now.Themes), "theme"), cli.Plural(len(now.Locales), "locale"), cli.Plural(len(now.Locations), "location"))
	if w.Set.Catalog != nil {
		for _, change := range catalog.Compare(was, now) {
			fmt.Fprintf(out, "  %s: %s\n", change.List(), spec.Harmless(change.String()))
		}
	}
	return nil
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
			w, err := openForCatalog(cmd.Context(), a)
			if err != nil {
				return err
			}
			defer w.Close()
			return listCatalog(w, args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func listCatalog(w *session.Workspace, args []string, asJSON bool) error {
	if w.Set.Catalog == nil {
		return cli.WithCode(cli.ExitInvalid, hint.With(errors.New("there is no catalog.yaml"), "kivaform catalog pull"))
	}
	list := ""
	if len(args) > 0 && slices.Contains(catalog.Lists, args[0]) {
		list, args = args[0], args[1:]
	}
	found := catalog.Search(w.Set.Catalog, list, strings.Join(args, " "))
	if asJSON {
		return w.App.WriteJSON(append([]catalog.Entry{}, found...))
	}
	table := tabwriter.NewWriter(w.App.Out, 0, 0, 2, ' ', 0)
	for _, e := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.List, spec.Harmless(e.Name), spec.Harmless(e.ID))
	}
	if len(found) == 0 {
		fmt.Fprintln(w.App.Err, "nothing in catalog.yaml holds that")
	}
	return table.Flush()
}

func activities(n int) string {
	if n == 1 {
		return "1 activity"
	}
	return fmt.Sprintf("%d activities", n)
}
