package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
)

// guard refuses a plan that goes beyond what the partner allows, or that
// starts from a ledger that can't be true.
func (s *session) guard(ctx context.Context, p *plan.Plan, f applyFlags) error {
	if err := s.productionName(); err != nil {
		return err
	}
	if over := overLimits(p, s.set.Settings.Limits); len(over) > 0 {
		return withCode(exitRefused, hint.With(fmt.Errorf("the plan passes the limits of %s: %s", s.set.Settings.Pos.File, strings.Join(over, "; ")),
			"split it, or raise the limits in a reviewed change"))
	}
	if err := refuseDuplicate(p); err != nil && !f.duplicateBatch {
		return err
	}
	if f.assumeEmpty {
		return nil
	}
	loans, err := s.loansOfEmptyLedger(ctx)
	if err != nil {
		return err
	}
	if loans > 0 {
		return withCode(exitRefused, hint.With(fmt.Errorf("the ledger is empty, and Kiva lists %s of this partner: whoever sent them may have sent journals and repayments too", plural(loans, "loan")),
			"record them with kivaform adopt, or find the ledger that was used, or, if nothing in these files was ever sent, --assume-empty"))
	}
	return nil
}

// refuseDuplicate refuses a report whose rows were all uploaded for another
// period a short time ago: most probably it is last month's file.
func refuseDuplicate(p *plan.Plan) error {
	for _, r := range p.Reports {
		if d := r.Duplicate; d != nil {
			return withCode(exitRefused, hint.With(fmt.Errorf("%s: the same %s as the upload for %s on %s: nothing was sent", r.Report.File, plural(d.Rows, "row"), d.Period, d.At.UTC().Format(time.DateOnly)),
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
			over = append(over, fmt.Sprintf("%s to send, %d allowed", plural(n, what), limit))
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
func (s *session) productionName() error {
	if s.env.Name == production {
		return nil
	}
	for _, address := range []string{s.env.APIURL, s.env.TokenURL} {
		if auth.IsProduction(address) {
			return withCode(exitRefused, hint.With(fmt.Errorf("environments.%s: %s is Kiva's production: nothing was sent", s.env.Name, address), "name the environment production"))
		}
	}
	return nil
}

// loansOfEmptyLedger returns how many loans Kiva lists where the ledger knows
// of nothing, and 0 where it knows of anything, and on the sandbox.
func (s *session) loansOfEmptyLedger(ctx context.Context) (int, error) {
	if s.env.sandbox() || !s.ledger.Empty() {
		return 0, nil
	}
	if s.counted {
		return s.listed, nil
	}
	page, err := s.client.LoanPage(ctx, kiva.LoanQuery{Limit: 1})
	return max(page.Total, len(page.Loans)), err
}

// noteEmptyLedger says in a plan what apply will ask.
func (s *session) noteEmptyLedger(ctx context.Context, p *plan.Plan) error {
	loans, err := s.loansOfEmptyLedger(ctx)
	if loans > 0 {
		p.Notes = append(p.Notes, plan.NewReason(plan.ReasonLedgerEmpty, "loans", strconv.Itoa(loans)))
	}
	return err
}

// confirm asks whether to send. Anything but the right word sends nothing.
func (s *session) confirm(ctx context.Context, f applyFlags) error {
	a := s.app
	word := "yes"
	if s.env.Name == production && !f.confirmProduction {
		word = s.set.Settings.PartnerID
		if f.autoApprove {
			return withCode(exitRefused, hint.With(errors.New("production is not confirmed: nothing was sent"), "--confirm-production"))
		}
	} else if f.autoApprove {
		return nil
	}
	fmt.Fprint(a.err, "Nothing that is sent can be taken back: Kiva's API can't change or delete it.\n")
	if word == "yes" {
		fmt.Fprint(a.err, "Send this? Type yes: ")
	} else {
		fmt.Fprint(a.err, "This is production. Send it? Type the partner's id: ")
	}
	answer, err := readLine(ctx, bufio.NewReader(a.in))
	if answer == word {
		return nil
	}
	if err != nil {
		fmt.Fprintln(a.err)
	}
	if ctx.Err() != nil {
		return err
	}
	return withCode(exitRefused, hint.With(errors.New("not confirmed: nothing was sent"), "type %s, or use --auto-approve in a pipeline", word))
}
