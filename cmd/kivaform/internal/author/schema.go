package author

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan/view"
	"kivaform/spec/schema"
)

// SchemaCommand makes "kivaform schema".
func SchemaCommand(a *session.App) *cobra.Command {
	var withCatalog bool
	var out, output string
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the files, for editors, or of what is printed",
		Long: `Print a JSON Schema of everything that a workspace holds: loan drafts, journals,
repayment reports, kiva.yaml and catalog.yaml, told apart by kind. With it, an
editor completes, explains and checks while somebody types. It says less than
"kivaform validate", which knows all files and the day.

With --with-catalog, Kiva's lists in catalog.yaml are choices: write the schema
anew after "kivaform catalog pull". A name must then be spelt as Kiva spells it.

An editor with the YAML language server, such as Visual Studio Code with the
extension YAML, takes the schema for the files that its settings name, here in
.vscode/settings.json:

  {"yaml.schemas": {"./kiva.schema.json": ["*.yaml", "*.yml"]}}

or for a file whose first line names it, relative to the file:

  # yaml-language-server: $schema=../kiva.schema.json

It is a draft-07 schema, and means the same by the rules of later drafts.

With --output, the schema is that of what programs read: "plan" is what plan and
show print with --format json, "events" each line that --json prints.`,
		Example: `  kivaform schema --out kiva.schema.json
  kivaform schema --with-catalog --out kiva.schema.json
  kivaform schema --output events`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := makeSchema(cmd.Context(), a, withCatalog, output)
			if err != nil {
				return err
			}
			return deliver(a, data, out)
		},
	}
	c.Flags().BoolVar(&withCatalog, "with-catalog", false, "offer the names and numbers of catalog.yaml")
	c.Flags().StringVar(&output, "output", "", "print the schema of what is printed: plan or events")
	c.Flags().StringVar(&out, "out", "", "write a file, in place of the standard output; a schema that is there is replaced")
	return c
}

// schema returns the schema that is asked for: of what people write, or of what
// the program prints.
func makeSchema(ctx context.Context, a *session.App, withCatalog bool, output string) ([]byte, error) {
	switch {
	case withCatalog && output != "":
		return nil, cli.WithCode(cli.ExitInvalid, errors.New("--with-catalog is for what people write, and --output for what is printed"))
	case output == "plan":
		return []byte(view.PlanSchema()), nil
	case output == "events":
		return []byte(view.EventSchema()), nil
	case output != "":
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--output is plan or events, not %q", output))
	case !withCatalog:
		return schema.Generate(nil)
	}
	w, err := openForCatalog(ctx, a)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if w.Set.Catalog == nil {
		return nil, cli.WithCode(cli.ExitInvalid, hint.With(errors.New("there is no catalog.yaml"), "kivaform catalog pull"))
	}
	return schema.Generate(w.Set.Catalog)
}

// deliver writes to a file, or to the standard output where none is named.
func deliver(a *session.App, data []byte, file string) error {
	if file == "" {
		_, err := cli.AsJSON(a.Out).Write(data)
		return err
	}
	return cli.SchemaFile.Replace(&a.Console, "--out", file, data)
}
