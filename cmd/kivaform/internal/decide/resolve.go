// Package decide has the commands by which people decide and say what they have
// done: resolve, ack, adopt, todo.
package decide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"kivaform/apply"
	"kivaform/apply/followup"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/history"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/input"
)

// A decision is a person's word on an attempt whose outcome isn't known.
type decision struct {
	Address  string `yaml:"address"`
	Decision string `yaml:"decision"` // exists or absent
	RemoteID string `yaml:"remote_id"`
	Reason   string `yaml:"reason"`
}

// resolveFlags are the flags of resolve.
type resolveFlags struct {
	decision
	exists, absent bool
	list, asJSON   bool
	probe, public  bool
	runEnded       bool
	file           string
}

// ResolveCommand makes "kivaform resolve".
func ResolveCommand(a *session.App) *cobra.Command {
	var f resolveFlags
	c := &cobra.Command{
		Use:   "resolve [ADDRESS]",
		Short: "Decide about what was sent with no answer known",
		Long: `Record what a person found out in PA2 about something that was sent and of which
no answer is known. What exists counts as sent; what is absent may be sent
again. The word of a person counts, so look well: something declared absent
that Kiva has after all will be sent a second time.

A decision is about a draft, an upload (repayments/2026-11/3), an archive of
journals (journals/2), or one row or journal of them. A slip is corrected by
deciding again, until the next attempt has begun.

--probe looks at Kiva's list of loans. Finding a loan proves that it arrived;
not finding it proves nothing, so --probe never concludes "absent". With --public
it looks at what lenders see, too: a batch of journals that are all published, or
of repayments that are all settled, has arrived.`,
		Example: `  kivaform resolve --list
  kivaform resolve loan_draft/L-1042 --exists
  kivaform resolve repayments/2026-11/3 --absent --reason "not among PA2's uploads on 3 December"
  kivaform resolve repayment/2026-11/L-0871 --exists
  kivaform resolve --file decisions.yaml
  kivaform resolve --probe
  kivaform resolve --probe --public`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Address = string(spec.ParseAddress(strings.Join(args, "")))
			decisions, err := f.decisions(cmd.Context())
			if errors.Is(err, context.Canceled) {
				return err
			}
			if err != nil {
				return cli.WithCode(cli.ExitInvalid, err)
			}
			w, err := a.OpenSettings(cmd.Context())
			if err != nil {
				return err
			}
			defer w.Close()
			w.Whole = &history.Options{Retain: concernsAny(decisions)}
			if f.probe { // the loan of an earlier attempt proves nothing of a later one
				w.Whole.Retain = func(a *ledger.Attempt) bool { return a.Intent.Stream.Kind() == ledger.DraftKind }
			}
			s, err := w.Connect(cmd.Context(), []string{kiva.ScopeReadLoans}, 0)
			if err != nil {
				return err
			}
			return resolve(cmd.Context(), s, f, decisions)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.exists, "exists", false, "Kiva has it")
	flags.BoolVar(&f.absent, "absent", false, "Kiva doesn't have it; it may be sent again")
	flags.StringVar(&f.RemoteID, "remote-id", "", "Kiva's id of it, with --exists")
	flags.StringVar(&f.Reason, "reason", "", "how it was found out; needed with --absent")
	flags.BoolVar(&f.list, "list", false, "list what has to be decided")
	flags.BoolVar(&f.asJSON, "json", false, "with --list, print JSON")
	flags.BoolVar(&f.probe, "probe", false, "look at Kiva's list of loans, and record what is found there")
	flags.BoolVar(&f.public, "public", false, "with --probe, look also at what lenders see")
	flags.StringVar(&f.file, "file", "", "read decisions from a YAML file: a list of address, decision (exists or absent), remote_id, reason")
	flags.BoolVar(&f.runEnded, "run-ended", false, "the run that sent it has certainly ended, though it may have begun minutes ago")
	return c
}

// decisions reads the decisions that the flags or the file give.
func (f resolveFlags) decisions(ctx context.Context) ([]decision, error) {
	switch {
	case f.public && !f.probe:
		return nil, errors.New("--public goes with --probe")
	case f.list || f.probe:
		if f.Address != "" || f.file != "" || f.exists || f.absent {
			return nil, errors.New("--list and --probe stand alone")
		}
		return nil, nil
	case f.file != "":
		if f.Address != "" || f.exists || f.absent {
			return nil, errors.New("--file stands alone")
		}
		return readDecisions(ctx, f.file)
	case f.Address == "":
		return nil, hint.With(errors.New("which address?"), "kivaform resolve --list")
	case f.exists == f.absent:
		return nil, errors.New("one of --exists and --absent is needed")
	}
	d := f.decision
	d.Decision = string(plan.OutcomeExists)
	if f.absent {
		d.Decision = string(plan.OutcomeAbsent)
	}
	return []decision{d}, d.check()
}

func (d decision) check() error {
	switch {
	case d.Address == "":
		return errors.New("a decision without an address")
	case d.Decision != string(plan.OutcomeExists) && d.Decision != string(plan.OutcomeAbsent):
		return fmt.Errorf("%s: the decision is exists or absent, not %q", d.Address, d.Decision)
	case d.Decision == string(plan.OutcomeAbsent) && strings.TrimSpace(d.Reason) == "":
		return fmt.Errorf("%s: absent needs a reason: how it was found out", d.Address)
	}
	return nil
}

func readDecisions(ctx context.Context, file string) ([]decision, error) {
	data, err := input.ReadNamed(ctx, file, session.MaxInput)
	if err != nil {
		return nil, err
	}
	var list []decision
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, withoutContent(err))
	}
	var errs []error
	seen := make(map[string]bool)
	for i := range list {
		d := &list[i]
		d.Address = string(spec.ParseAddress(d.Address))
		errs = append(errs, d.check())
		if seen[d.Address] {
			errs = append(errs, hint.With(fmt.Errorf("%s: %s: decided more than once", file, d.Address), "leave one decision"))
		}
		seen[d.Address] = true
	}
	return list, errors.Join(errs...)
}

func resolve(ctx context.Context, s *session.Session, f resolveFlags, decisions []decision) error {
	if _, err := s.Ledger.Load(ctx); err != nil {
		return err
	}
	unknown := s.Ledger.History().Unknown()
	switch {
	case f.list:
		return listUnknown(s, unknown, f.asJSON)
	case f.probe:
		return probe(ctx, s, unknown, f.public)
	}
	// Everything is checked before anything is recorded.
	mayRun := mayRun(s.Workspace)
	if f.runEnded {
		mayRun = 0
	}
	known, attempts := s.Ledger.History().Retained(), make([]*ledger.Attempt, len(decisions))
	var errs []error
	for i, d := range decisions {
		attempt, err := attemptForDecision(known, d, mayRun, time.Now())
		attempts[i], errs = attempt, append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	for i, d := range decisions {
		if err := decide(ctx, s, attempts[i], d); err != nil {
			return err
		}
	}
	return nil
}

func decide(ctx context.Context, s *session.Session, attempt *ledger.Attempt, d decision) error {
	out := s.App.Out
	name, items := attempt.Address(), d.itemsOf(attempt)
	if plan.Address(d.Address) != name && slices.Contains(items, plan.Address(d.Address)) {
		name = plan.Address(d.Address)
	}
	if outcomeFor(attempt, name) == plan.Outcome(d.Decision) {
		fmt.Fprintf(out, "%s: was resolved as %s before\n", name, d.Decision)
		return nil
	}
	err := s.Ledger.Resolve(ctx, attempt, ledger.Resolution{
		Items: items, Decision: plan.Outcome(d.Decision), RemoteID: d.RemoteID, Reason: d.Reason, At: time.Now(), Run: session.NewRun(time.Now()),
	})
	if errors.Is(err, ledger.ErrDecided) {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s", name, d.Decision)
	if d.Decision == string(plan.OutcomeAbsent) {
		fmt.Fprint(out, "; the next apply sends it again")
	}
	fmt.Fprintln(out)
	return nil
}

// mayRun is how long after an intent a run may still wait for the answer: a
// request begins within apply.FreshFor, and then the connection and the answer
// have their own limits.
func mayRun(w *session.Workspace) time.Duration {
	const least, margin = 10 * time.Minute, time.Minute
	return max(least, apply.FreshFor+w.Env.Own.ConnectTimeout+w.Env.Own.AnswerTimeout+margin)
}

// attemptForDecision returns the attempt that a decision is about, and refuses one
// that can't be decided. It is the last one; but where two copies of a ledger were
// merged, an earlier one may be what is still unknown. A decision may be about one
// item of several that were sent together.
func attemptForDecision(all []*ledger.Attempt, d decision, mayRun time.Duration, now time.Time) (*ledger.Attempt, error) {
	address := plan.Address(d.Address)
	var found *ledger.Attempt
	var batches []string // open ones, of the journals or the report that the address names
	for _, a := range all {
		switch {
		case a.Address() == address || a.Numbered() == address || slices.Contains(a.Addresses(), address):
			if found == nil || !isOpen(found, address) || isOpen(a, address) {
				found = a
			}
		case address == a.Intent.Stream && a.IsOpen():
			batches = append(batches, string(a.Address()))
		}
	}
	if len(batches) > 0 {
		return nil, fmt.Errorf("%s names every request of its kind: decide about %s", d.Address, strings.Join(batches, ", "))
	}
	if found == nil {
		return nil, hint.With(fmt.Errorf("%s: nothing of that address was sent", d.Address), "kivaform resolve --list")
	}
	if o := outcomeFor(found, address); o != plan.OutcomeUnknown && o != plan.Outcome(d.Decision) && !isDecision(o) {
		err := fmt.Errorf("%s is %s: there is nothing to decide", d.Address, o)
		switch items := found.Addresses(); {
		case o.AtKiva() && d.Decision == string(plan.OutcomeAbsent) && len(items) > 1 && !slices.Contains(items, address):
			return nil, hint.With(err, "if PA2 hasn't got some of it after all, for each: kivaform apply --resend %s --reason \"...\"", items[0])
		case o.AtKiva() && d.Decision == string(plan.OutcomeAbsent):
			return nil, hint.With(err, "if PA2 hasn't got it after all: kivaform apply --resend %s --reason \"...\"", items[0])
		case !o.AtKiva() && d.Decision == string(plan.OutcomeExists) && len(items) == 1:
			return nil, hint.With(err, "if PA2 has it all the same: kivaform adopt %s --reason \"...\"", items[0])
		}
		return nil, err
	}
	return found, checkRunEnded(found, d, mayRun, now)
}

// checkRunEnded refuses to declare absent what a run may still be sending.
func checkRunEnded(found *ledger.Attempt, d decision, mayRun time.Duration, now time.Time) error {
	switch at := found.Intent.At; {
	case found.Result != nil || len(found.Resolutions) > 0 || d.Decision != string(plan.OutcomeAbsent) || mayRun == 0:
	case now.Before(at):
		return hint.With(fmt.Errorf("%s was sent at %s, which is still to come by this machine's clock", d.Address, at.Local().Format("2006-01-02 15:04")),
			"set the clock right, or, if the run that sent it has certainly ended, --run-ended")
	case now.Sub(at) < mayRun:
		return hint.With(fmt.Errorf("%s was sent %s ago, and the run that sent it may still wait for the answer", d.Address, now.Sub(at).Round(time.Second)),
			"look again after %s, or, if that run has certainly ended, --run-ended", at.Add(mayRun).Local().Format("15:04"))
	}
	return nil
}

func isDecision(o plan.Outcome) bool { return o == plan.OutcomeExists || o == plan.OutcomeAbsent }

// outcomeFor returns how an attempt ended for the item that an address names; of
// one that names all of it, unknown if any item of it is.
func outcomeFor(a *ledger.Attempt, address plan.Address) plan.Outcome {
	for e := range a.Entries() {
		if e.Address == address {
			return e.Outcome
		}
	}
	if a.IsOpen() {
		return plan.OutcomeUnknown
	}
	return a.Outcome()
}

func isOpen(a *ledger.Attempt, address plan.Address) bool {
	return outcomeFor(a, address) == plan.OutcomeUnknown
}

// itemsOf returns the items of an attempt that a decision is about; none for all.
// A decision about a batch of which some items are decided is about the others.
func (d decision) itemsOf(a *ledger.Attempt) []plan.Address {
	items := a.Addresses()
	if len(items) > 1 && slices.Contains(items, plan.Address(d.Address)) {
		return []plan.Address{plan.Address(d.Address)}
	}
	open := a.Undecided()
	if len(open) == 0 || len(open) == len(items) {
		return nil
	}
	items = nil
	for _, e := range open {
		items = append(items, e.Address)
	}
	return items
}

// concernsAny reports of an attempt whether any of the decisions has to do with it.
func concernsAny(decisions []decision) func(*ledger.Attempt) bool {
	return func(a *ledger.Attempt) bool {
		return slices.ContainsFunc(decisions, func(d decision) bool { return a.Concerns(plan.Address(d.Address)) })
	}
}

// An unknownItem is what has to be decided, as JSON.
type unknownItem struct {
	Address string         `json:"address"`
	Items   []plan.Address `json:"items"`          // the addresses of all that was sent in it, also of rows
	Rows    int            `json:"rows,omitempty"` // how many of them are rows of a report
	At      time.Time      `json:"at"`
	Run     string         `json:"run"`
	Message string         `json:"message,omitempty"`
	LookFor string         `json:"look_for"`
}

func listUnknown(s *session.Session, unknown []*ledger.Attempt, asJSON bool) error {
	list := []unknownItem{}
	for _, a := range unknown {
		list = append(list, describeUnknown(a))
	}
	if asJSON {
		return s.App.WriteJSON(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(s.App.Out, "Nothing has to be decided.")
		return err
	}
	for _, u := range list {
		fmt.Fprintf(s.App.Out, "%s\n  sent %s by run %s\n  %s\n", u.Address, u.At.UTC().Format("2006-01-02 15:04 UTC"), u.Run, u.LookFor)
		if u.Message != "" {
			fmt.Fprintf(s.App.Out, "  %s\n", u.Message)
		}
	}
	return nil
}

// describeUnknown says what to look for in PA2.
func describeUnknown(a *ledger.Attempt) unknownItem {
	in := a.Intent
	u := unknownItem{Address: string(a.Address()), Items: a.Addresses(), Rows: len(in.Rows), At: in.At, Run: in.Run, LookFor: followup.LookFor(a)}
	if open := a.Undecided(); len(open) < len(u.Items) {
		u.Items, u.Rows = nil, 0
		for _, e := range open {
			u.Items = append(u.Items, e.Address)
			if e.Row != nil {
				u.Rows++
			}
		}
		u.LookFor += fmt.Sprintf("; open are %s of it: %s", cli.Plural(len(open), "item"), joinAddresses(u.Items))
	}
	switch {
	case a.Result == nil:
	case a.Outcome() == plan.OutcomeUnknown:
		u.Message = a.Result.Message
	default:
		u.Message = openProblems(a)
	}
	return u
}

// openProblems returns what Kiva said of rows that it left open.
func openProblems(a *ledger.Attempt) string {
	var said []string
	for _, e := range a.Undecided() {
		if p := e.Problem; p != nil && !slices.Contains(said, strings.TrimSpace(p.LoanID+" "+p.Details)) {
			said = append(said, strings.TrimSpace(p.LoanID+" "+p.Details))
		}
	}
	return strings.Join(said, "; ")
}

func joinAddresses(list []plan.Address) string {
	const most = 10
	names := make([]string, 0, most)
	for _, a := range list[:min(len(list), most)] {
		names = append(names, string(a))
	}
	if more := len(list) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// provesArrival reports whether a loan that Kiva lists proves that a draft's attempt
// arrived. Where another loan of that id was at Kiva before, only one that Kiva
// made since, and that isn't known by its ids, does.
func provesArrival(loan *kiva.Loan, a *ledger.Attempt, earlier []*ledger.Attempt) bool {
	again := slices.ContainsFunc(a.Intent.Items, func(i ledger.Item) bool { return i.Again })
	for _, e := range earlier {
		if e.Intent.Attempt >= a.Intent.Attempt {
			continue
		}
		again = again || e.Outcome() != plan.OutcomeNotSent && e.Outcome() != plan.OutcomeRejected
		if knowsLoan(e, loan) {
			return false
		}
	}
	return !again || !loan.CreateTime.IsZero() && !loan.CreateTime.Before(a.Intent.At)
}

func attemptsOn(all []*ledger.Attempt, stream plan.Address) []*ledger.Attempt {
	return slices.DeleteFunc(slices.Clone(all), func(a *ledger.Attempt) bool { return a.Intent.Stream != stream })
}

// knowsLoan reports whether an attempt has the ids of a loan at Kiva.
func knowsLoan(a *ledger.Attempt, loan *kiva.Loan) bool {
	is := func(id string) bool { return id != "" && (id == loan.KivaID || id == loan.UUID) }
	if a.Result != nil && slices.ContainsFunc(a.Result.Receipts, func(r ledger.Receipt) bool { return is(r.KivaID) || is(r.DraftUUID) }) {
		return true
	}
	return slices.ContainsFunc(a.Resolutions, func(r ledger.Resolution) bool { return is(r.RemoteID) })
}

// probe records those unknown drafts as existing that Kiva lists as loans, and
// what else lenders see, if they are asked.
func probe(ctx context.Context, s *session.Session, unknown []*ledger.Attempt, public bool) error {
	known := s.Ledger.History().Retained()
	drafts := slices.DeleteFunc(slices.Clone(unknown), func(a *ledger.Attempt) bool { return a.Intent.Stream.Kind() != "loan_draft" })
	ids := make([]string, len(drafts))
	for i, a := range drafts {
		ids[i] = a.Intent.Stream.Parts()[1]
	}
	loans, err := plan.FindLoans(ctx, s.Client, ids)
	if err != nil {
		return err
	}
	found := 0
	for i, a := range drafts {
		loan := loans[ids[i]]
		if loan == nil || !provesArrival(loan, a, attemptsOn(known, a.Intent.Stream)) {
			continue
		}
		found++
		if err := decide(ctx, s, a, decision{Decision: string(plan.OutcomeExists), RemoteID: loan.KivaID, Reason: "Kiva lists the loan, as " + string(loan.Status)}); err != nil {
			return err
		}
	}
	if public {
		n, err := probePublic(ctx, s, unknown)
		if err != nil {
			return err
		}
		found += n
	}
	_, err = fmt.Fprintf(s.App.Out, "found %d of %d; not finding something proves nothing\n", found, len(unknown))
	return err
}

// withoutContent returns an error of the YAML library without what the file holds:
// the file may be another one than was meant, with a secret in it.
func withoutContent(err error) error {
	message := "this is no list of decisions"
	if line := yamlLine.FindString(err.Error()); line != "" {
		message += " (" + line + ")"
	}
	return hint.With(errors.New(message), "each has address, decision, and remote_id or reason")
}

var yamlLine = regexp.MustCompile(`\bline [0-9]+`)
