package author

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan/view"
	"kivaform/spec/schema"
)

// schemaOptions are the flags of schema.
type schemaOptions struct {
	withCatalog bool
	output, out string
}

// SchemaCommand returns "kivaform schema".
func SchemaCommand(a *session.App) *cobra.Command {
	var o schemaOptions
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
			return runSchema(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVar(&o.withCatalog, "with-catalog", false, "offer the names and numbers of catalog.yaml")
	c.Flags().StringVar(&o.output, "output", "", "print the schema of what is printed: plan or events")
	c.Flags().StringVar(&o.out, "out", "", "write a file, in place of the standard output; a schema that is there is replaced")
	return c
}

func runSchema(ctx context.Context, a *session.App, o schemaOptions) error {
	data, err := makeSchema(ctx, a, o)
	if err != nil {
		return err
	}
	return writeSchema(a, data, o.out)
}

// makeSchema returns the schema of the workspace's files, or of the program's
// output.
func makeSchema(ctx context.Context, a *session.App, o schemaOptions) ([]byte, error) {
	switch {
	case o.withCatalog && o.output != "":
		return nil, cli.WithCode(cli.ExitInvalid, errors.New("--with-catalog is for what people write, and --output for what is printed"))
	case o.output == "plan":
		return []byte(view.PlanSchema()), nil
	case o.output == "events":
		return []byte(view.EventSchema()), nil
	case o.output != "":
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--output is plan or events, not %q", o.output))
	case !o.withCatalog:
		return schema.Generate(nil)
	}
	c, err := openCatalog(ctx, a)
	if err != nil {
		return nil, err
	}
	return schema.Generate(c)
}

// writeSchema writes to a file, or to the standard output without one.
func writeSchema(a *session.App, data []byte, file string) error {
	if file == "" {
		_, err := cli.AsJSON(a.Out).Write(data)
		return err
	}
	return cli.SchemaFile.Replace(&a.Console, "--out", file, data)
}
