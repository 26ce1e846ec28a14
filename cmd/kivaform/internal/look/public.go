package look

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/kiva/public"
)

// publicOptions are the flags of the commands of the public API.
type publicOptions struct {
	asJSON bool
	appID  string
	limit  int
}

// PublicCommand returns "kivaform public".
func PublicCommand(a *session.App) *cobra.Command {
	var o publicOptions
	c := &cobra.Command{
		Use:   "public",
		Short: "Look at what lenders see: Kiva's public API",
		Long: `Read Kiva's public API. It needs no credentials, and no workspace. In a workspace
the environment decides where to look: the sandbox has a public API, too.

Kiva takes 60 requests a minute from unknown programs; this one keeps to that.`,
		Example: "  kivaform public search --country KE\n  kivaform public loan 2930 --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := c.PersistentFlags()
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	flags.StringVar(&o.appID, "app-id", "", "the program's name in Kiva's statistics, as org.example.app")
	c.AddCommand(publicLoanCommand(a, &o), publicJournalsCommand(a, &o), publicSearchCommand(a, &o), publicPartnersCommand(a, &o),
		publicLoginCommand(a), publicAccountCommand(a, &o), publicLogoutCommand(a))
	return c
}

// withPublic returns a command's function that calls run with a client of the
// environment's public API.
func withPublic(a *session.App, o *publicOptions, run func(context.Context, *public.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		base, done, err := publicURL(cmd.Context(), a)
		defer done()
		if err != nil {
			return err
		}
		c, err := public.New(public.Options{BaseURL: base, AppID: o.appID, UserAgent: cli.UserAgent(), HTTP: &http.Client{Transport: a.Transport()(http.DefaultTransport)}})
		if err != nil {
			return cli.WithCode(cli.ExitInvalid, err)
		}
		return run(cmd.Context(), c, args)
	}
}

// publicURL returns the address of the environment's public API, or of Kiva's
// without a workspace. It starts the sandbox if that is the environment; done
// stops it.
func publicURL(ctx context.Context, a *session.App) (base string, done func(), err error) {
	done = func() {}
	set, err := a.Settings(ctx)
	if err != nil {
		return "", done, err
	}
	if set.Environment == "" {
		return public.Kiva, done, nil
	}
	w, err := a.Workspace(set)
	if err != nil {
		return "", done, err
	}
	if err := w.CheckAddresses(); err != nil {
		return "", done, err
	}
	if w.Env.Sandbox() {
		if err := w.StartSandbox(ctx); err != nil {
			return "", done, err
		}
	}
	if w.Env.PublicURL == "" {
		return "", w.Close, cli.WithCode(cli.ExitInvalid, hint.With(fmt.Errorf("no public API is known for %s", w.Env.Name), "--env production, or public_url in kiva.yaml"))
	}
	return w.Env.PublicURL, w.Close, nil
}

func publicLoanCommand(a *session.App, o *publicOptions) *cobra.Command {
	return &cobra.Command{
		Use:     "loan ID...",
		Short:   "Show published loans by their Kiva IDs",
		Example: "  kivaform public loan 2930\n  kivaform public loan 2871001 2871002 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: withPublic(a, o, func(ctx context.Context, c *public.Client, ids []string) error {
			loans, err := c.Loans(ctx, ids...)
			if err != nil {
				return err
			}
			if o.asJSON {
				return a.WriteJSON(append([]public.Loan{}, loans...))
			}
			for _, l := range loans {
				printPublicLoan(a, l)
			}
			if missing := len(ids) - len(loans); missing > 0 {
				return fmt.Errorf("lenders see %d of %s", len(loans), cli.Plural(len(ids), "loan"))
			}
			return nil
		}),
	}
}

func printPublicLoan(a *session.App, l public.Loan) {
	fmt.Fprintf(a.Out, "%s  %s  %s\n", l.ID, plainLine(l.Name), l.Status)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(a.Out, "  %-10s %s\n", name, value)
		}
	}
	row("where", formatTown(l.Location))
	row("partner", string(l.PartnerID))
	row("use", plainLine(l.Use))
	row("posted", formatDay(l.PostedDate.Time))
	row("amount", formatDollars(l.LoanAmount)+", funded "+formatDollars(l.FundedAmount)+", paid "+formatDollars(l.PaidAmount))
	row("disbursed", strings.TrimSpace(string(l.Terms.DisbursalDate)+" "+l.Terms.DisbursalCurrency+" "+formatAmount(l.Terms.DisbursalAmount)))
	row("journals", fmt.Sprint(l.JournalTotals.Entries))
	for _, p := range l.Payments {
		row("payment", fmt.Sprintf("%s  %s  %s %s", p.SettlementDate, formatDollars(p.Amount), l.Terms.DisbursalCurrency, formatAmount(p.LocalAmount)))
	}
}

func formatTown(l public.Location) string {
	if l.Town == "" {
		return plainLine(l.Country)
	}
	return plainLine(l.Town + ", " + l.Country)
}

func formatDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func formatAmount(m public.Money) string {
	if !m.Known {
		return "-"
	}
	return m.Format()
}

func formatDollars(m public.Money) string { return "USD " + formatAmount(m) }

// plainLine reduces a text of the API to one printable line.
func plainLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r < ' ' || r == ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
	}), " ")
}

func publicSearchCommand(a *session.App, o *publicOptions) *cobra.Command {
	var q public.Query
	c := &cobra.Command{
		Use:   "search [TEXT]",
		Short: "Search published loans",
		Example: `  kivaform public search --country KE --status fundraising
  kivaform public search --newest
  kivaform public search --partner 145 cows --limit 100 --json`,
		Args: cobra.ArbitraryArgs,
		RunE: withPublic(a, o, func(ctx context.Context, c *public.Client, words []string) error {
			q.Text = strings.Join(words, " ")
			loans, err := session.Take(c.Search(ctx, q), o.limit)
			if err != nil {
				return err
			}
			return printItems(a, o.asJSON, loans, func(l public.Loan) []string {
				return []string{string(l.ID), l.Status, formatDollars(l.LoanAmount), formatTown(l.Location), l.Sector, plainLine(l.Name)}
			})
		}),
	}
	flags := c.Flags()
	flags.StringVar(&q.Status, "status", "", "fundraising, funded, in_repayment, paid or ended_with_loss")
	flags.StringVar(&q.Country, "country", "", "a country, in two letters")
	flags.StringVar(&q.PartnerID, "partner", "", "a lending partner's number")
	flags.StringVar(&q.Sector, "sector", "", "a sector, as Agriculture")
	flags.StringVar(&q.Gender, "gender", "", "male or female")
	flags.StringVar(&q.SortBy, "sort-by", "", "newest, oldest, popularity, loan_amount, expiration, amount_remaining or repayment_term")
	flags.BoolVar(&q.NewestOnly, "newest", false, "the newest loans that raise funds")
	flags.IntVar(&o.limit, "limit", 20, "so many at most; 0 for all")
	return c
}

func publicJournalsCommand(a *session.App, o *publicOptions) *cobra.Command {
	return &cobra.Command{
		Use:     "journals LOAN",
		Short:   "Show the journals of a loan, by its Kiva ID",
		Example: "  kivaform public journals 2871001",
		Args:    cobra.ExactArgs(1),
		RunE: withPublic(a, o, func(ctx context.Context, c *public.Client, args []string) error {
			journals, err := session.Take(c.Journals(ctx, args[0]), 0)
			if err != nil {
				return err
			}
			return printItems(a, o.asJSON, journals, func(j public.Journal) []string {
				return []string{string(j.ID), formatDay(j.Date.Time), plainLine(j.Subject), plainLine(j.Author)}
			})
		}),
	}
}

func publicPartnersCommand(a *session.App, o *publicOptions) *cobra.Command {
	return &cobra.Command{
		Use:     "partners",
		Short:   "List Kiva's lending partners",
		Example: "  kivaform public partners --json",
		Args:    cobra.NoArgs,
		RunE: withPublic(a, o, func(ctx context.Context, c *public.Client, _ []string) error {
			partners, err := session.Take(c.Partners(ctx), 0)
			if err != nil {
				return err
			}
			return printItems(a, o.asJSON, partners, func(p public.Partner) []string {
				var countries []string
				for _, c := range p.Countries {
					countries = append(countries, c.Name)
				}
				return []string{string(p.ID), p.Status, string(p.Rating), formatDollars(p.TotalRaised), plainLine(p.Name), plainLine(strings.Join(countries, ", "))}
			})
		}),
	}
}

// printItems prints items as JSON or as a table with their number.
func printItems[T any](a *session.App, asJSON bool, items []T, row func(T) []string) error {
	if asJSON {
		return a.WriteJSON(items)
	}
	table := a.NewTable()
	for _, item := range items {
		cells := row(item)
		for i := range cells {
			cells[i] = cmp.Or(cells[i], "-")
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.Out, cli.Plural(len(items), "item"))
	return err
}
