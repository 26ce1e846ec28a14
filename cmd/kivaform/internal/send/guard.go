package send

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// guard refuses a plan that goes beyond what the partner allows, or that
// starts from a ledger that can't be true.
func guard(ctx context.Context, s *session.Session, p *plan.Plan, f applyFlags) error {
	if err := productionName(s); err != nil {
		return err
	}
	if over := overLimits(p, s.Set.Settings.Limits); len(over) > 0 {
		return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("the plan passes the limits of %s: %s", s.Set.Settings.Pos.File, strings.Join(over, "; ")),
			"split it, or raise the limits in a reviewed change"))
	}
	if err := refuseDuplicate(p); err != nil && !f.duplicateBatch {
		return err
	}
	if f.assumeEmpty {
		return nil
	}
	loans, err := loansOfEmptyLedger(ctx, s)
	if err != nil {
		return err
	}
	if loans > 0 {
		return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("the ledger is empty, and Kiva lists %s of this partner: whoever sent them may have sent journals and repayments too", cli.Plural(loans, "loan")),
			"find the ledger that was used (another ledger: or environment, a backup, another branch or clone) and put it back; only if it is lost for good: kivaform adopt records the loans that Kiva lists, and kivaform adopt ADDRESS --reason \"...\" an unpublished draft, a journal or a row that PA2 has; if nothing in these files was ever sent: --assume-empty"))
	}
	return nil
}

// refuseDuplicate refuses a report whose rows were all uploaded for another
// period a short time ago: most probably it is last month's file.
func refuseDuplicate(p *plan.Plan) error {
	for _, r := range p.Reports {
		if d := r.Duplicate; d != nil {
			return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("%s: the same %s as the upload for %s on %s: nothing was sent", r.Report.File, cli.Plural(d.Rows, "row"), d.Period, d.At.UTC().Format(time.DateOnly)),
				"look whether this is last month's file; if it is right, --allow-duplicate-batch"))
		}
	}
	return nil
}

// overLimits says which limits a plan passes.
func overLimits(p *plan.Plan, limits spec.Limits) []string {
	var over []string
	check := func(n, limit int, what string) {
		if limit > 0 && n > limit {
			over = append(over, fmt.Sprintf("%s to send, %d allowed", cli.Plural(n, what), limit))
		}
	}
	drafts, journals, rows := 0, 0, 0
	for item := range p.Items() {
		switch {
		case !item.Action.Sends():
		case item.Address().Kind() == "journal":
			journals++
		default:
			drafts++
		}
	}
	for _, r := range p.Reports {
		for _, row := range r.Rows {
			if row.Action.Sends() {
				rows++
			}
		}
	}
	check(drafts, limits.Drafts, "loan draft")
	check(journals, limits.Journals, "journal")
	check(rows, limits.Repayments, "repayment")
	totals := p.DraftTotals()
	for _, currency := range totals.Currencies() {
		if limit, ok := limits.Amount[currency]; ok && totals[currency].Cmp(limit) > 0 {
			over = append(over, fmt.Sprintf("loan drafts of %s %s, %s allowed", currency, totals[currency].Format(), limit.Format()))
		}
	}
	return over
}

// productionName refuses an address of production under another name, which would
// go around the confirmation.
func productionName(s *session.Session) error {
	if s.Env.Name == session.Production {
		return nil
	}
	for _, address := range []string{s.Env.APIURL, s.Env.TokenURL} {
		if auth.IsProduction(address) {
			return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("environments.%s: %s is Kiva's production: nothing was sent", s.Env.Name, address), "name the environment production"))
		}
	}
	return nil
}

// loansOfEmptyLedger returns how many loans Kiva lists where the ledger knows
// of nothing, and 0 where it knows of anything, and on the sandbox.
func loansOfEmptyLedger(ctx context.Context, s *session.Session) (int, error) {
	if s.Env.Sandbox() || !s.Ledger.Empty() {
		return 0, nil
	}
	if s.Counted {
		return s.Listed, nil
	}
	page, err := s.Client.LoanPage(ctx, kiva.LoanQuery{Limit: 1})
	return max(page.Total, len(page.Loans)), err
}

// noteEmptyLedger says in a plan what apply will ask.
func noteEmptyLedger(ctx context.Context, s *session.Session, p *plan.Plan) error {
	loans, err := loansOfEmptyLedger(ctx, s)
	if loans > 0 {
		p.Notes = append(p.Notes, plan.NewReason(plan.ReasonLedgerEmpty, "loans", strconv.Itoa(loans)))
	}
	return err
}

// confirm asks whether to send. Anything but the right word sends nothing.
func confirm(ctx context.Context, s *session.Session, f applyFlags) error {
	a := s.App
	word := "yes"
	if s.Env.Name == session.Production && !f.confirmProduction {
		word = s.Set.Settings.PartnerID
		if f.autoApprove {
			return cli.WithCode(cli.ExitRefused, hint.With(errors.New("production is not confirmed: nothing was sent"), "--confirm-production"))
		}
	} else if f.autoApprove {
		return nil
	}
	fmt.Fprint(a.Err, "Nothing that is sent can be taken back: Kiva's API can't change or delete it.\n")
	if word == "yes" {
		fmt.Fprint(a.Err, "Send this? Type yes: ")
	} else {
		fmt.Fprint(a.Err, "This is production. Send it? Type the partner's id: ")
	}
	answer, err := cli.ReadLine(ctx, bufio.NewReader(a.In))
	if answer == word {
		return nil
	}
	if err != nil {
		fmt.Fprintln(a.Err)
	}
	if ctx.Err() != nil {
		return err
	}
	return cli.WithCode(cli.ExitRefused, hint.With(errors.New("not confirmed: nothing was sent"), "type %s, or use --auto-approve in a pipeline", word))
}
