package look

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/kiva/public"
)

// publicFlags are the flags of all commands of the public API.
type publicFlags struct {
	asJSON bool
	appID  string
	limit  int
}

// PublicCommand makes "kivaform public".
func PublicCommand(a *session.App) *cobra.Command {
	var f publicFlags
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
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.StringVar(&f.appID, "app-id", "", "the program's name in Kiva's statistics, as org.example.app")
	c.AddCommand(publicLoanCommand(a, &f), publicJournalsCommand(a, &f), publicSearchCommand(a, &f), publicPartnersCommand(a, &f),
		publicLoginCommand(a, &f), publicAccountCommand(a, &f), publicLogoutCommand(a))
	return c
}

// readsPublic makes a command of what is done with a client of the environment's
// public API.
func readsPublic(a *session.App, f *publicFlags, do func(context.Context, *public.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		base, done, err := publicURL(cmd.Context(), a)
		defer done()
		if err != nil {
			return err
		}
		c, err := public.New(public.Options{BaseURL: base, AppID: f.appID, UserAgent: cli.UserAgent(), HTTP: &http.Client{Transport: a.Transport()(http.DefaultTransport)}})
		if err != nil {
			return cli.WithCode(cli.ExitInvalid, err)
		}
		return do(cmd.Context(), c, args)
	}
}

// publicURL returns where the environment's public API is, and what ends it
// where it was started here. Without a workspace it is Kiva's.
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

func publicLoanCommand(a *session.App, f *publicFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "loan ID...",
		Short:   "Show published loans by their Kiva IDs",
		Example: "  kivaform public loan 2930\n  kivaform public loan 2871001 2871002 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: readsPublic(a, f, func(ctx context.Context, c *public.Client, ids []string) error {
			loans, err := c.Loans(ctx, ids...)
			if err != nil {
				return err
			}
			if f.asJSON {
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
	row("where", place(l.Location))
	row("partner", string(l.PartnerID))
	row("use", plainLine(l.Use))
	row("posted", day(l.PostedDate.Time))
	row("amount", dollars(l.LoanAmount)+", funded "+dollars(l.FundedAmount)+", paid "+dollars(l.PaidAmount))
	row("disbursed", strings.TrimSpace(string(l.Terms.DisbursalDate)+" "+l.Terms.DisbursalCurrency+" "+amount(l.Terms.DisbursalAmount)))
	row("journals", fmt.Sprint(l.JournalTotals.Entries))
	for _, p := range l.Payments {
		row("payment", fmt.Sprintf("%s  %s  %s %s", p.SettlementDate, dollars(p.Amount), l.Terms.DisbursalCurrency, amount(p.LocalAmount)))
	}
}

func place(l public.Location) string {
	if l.Town == "" {
		return plainLine(l.Country)
	}
	return plainLine(l.Town + ", " + l.Country)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func amount(m public.Money) string {
	if !m.Known {
		return "-"
	}
	return m.Format()
}

func dollars(m public.Money) string { return "USD " + amount(m) }

// plainLine makes a text of the API fit for a line of a terminal.
func plainLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r < ' ' || r == ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
	}), " ")
}

func publicSearchCommand(a *session.App, f *publicFlags) *cobra.Command {
	var q public.Query
	c := &cobra.Command{
		Use:   "search [TEXT]",
		Short: "Search published loans",
		Example: `  kivaform public search --country KE --status fundraising
  kivaform public search --newest
  kivaform public search --partner 145 cows --limit 100 --json`,
		Args: cobra.ArbitraryArgs,
		RunE: readsPublic(a, f, func(ctx context.Context, c *public.Client, words []string) error {
			q.Text = strings.Join(words, " ")
			loans, err := session.Take(c.Search(ctx, q), f.limit)
			if err != nil {
				return err
			}
			return show(a, f.asJSON, loans, func(l public.Loan) []string {
				return []string{string(l.ID), l.Status, dollars(l.LoanAmount), place(l.Location), l.Sector, plainLine(l.Name)}
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
	flags.IntVar(&f.limit, "limit", 20, "so many at most; 0 for all")
	return c
}

func publicJournalsCommand(a *session.App, f *publicFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "journals LOAN",
		Short:   "Show the journals of a loan, by its Kiva ID",
		Example: "  kivaform public journals 2871001",
		Args:    cobra.ExactArgs(1),
		RunE: readsPublic(a, f, func(ctx context.Context, c *public.Client, args []string) error {
			journals, err := session.Take(c.Journals(ctx, args[0]), 0)
			if err != nil {
				return err
			}
			return show(a, f.asJSON, journals, func(j public.Journal) []string {
				return []string{string(j.ID), day(j.Date.Time), plainLine(j.Subject), plainLine(j.Author)}
			})
		}),
	}
}

func publicPartnersCommand(a *session.App, f *publicFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "partners",
		Short:   "List Kiva's lending partners",
		Example: "  kivaform public partners --json",
		Args:    cobra.NoArgs,
		RunE: readsPublic(a, f, func(ctx context.Context, c *public.Client, _ []string) error {
			partners, err := session.Take(c.Partners(ctx), 0)
			if err != nil {
				return err
			}
			return show(a, f.asJSON, partners, func(p public.Partner) []string {
				var countries []string
				for _, c := range p.Countries {
					countries = append(countries, c.Name)
				}
				return []string{string(p.ID), p.Status, string(p.Rating), dollars(p.TotalRaised), plainLine(p.Name), plainLine(strings.Join(countries, ", "))}
			})
		}),
	}
}

// show prints items as JSON or as a table.
func show[T any](a *session.App, asJSON bool, items []T, row func(T) []string) error {
	if asJSON {
		return a.WriteJSON(items)
	}
	table := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, item := range items {
		cells := row(item)
		for i := range cells {
			cells[i] = cmp.Or(cells[i], "-")
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return errors.Join(table.Flush(), count(a, len(items)))
}

func count(a *session.App, n int) error {
	_, err := fmt.Fprintln(a.Out, cli.Plural(n, "item"))
	return err
}
