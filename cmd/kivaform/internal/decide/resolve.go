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

--probe looks at Kiva's list of loans. Finding a loan proves that it arrived;
not finding it proves nothing, so --probe never concludes "absent". With --public
it looks at what lenders see, too: a batch of journals that are all published, or
of repayments that are all settled, has arrived.`,
		Example: `  kivaform resolve --list
  kivaform resolve loan_draft/L-1042 --exists
  kivaform resolve repayments/2026-11/3 --absent --reason "not among PA2's uploads on 3 December"
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
	name := attempt.Address()
	if attempt.Outcome() == plan.Outcome(d.Decision) {
		fmt.Fprintf(out, "%s: was resolved as %s before\n", name, d.Decision)
		return nil
	}
	err := s.Ledger.Resolve(ctx, attempt, ledger.Resolution{
		Decision: plan.Outcome(d.Decision), RemoteID: d.RemoteID, Reason: d.Reason, At: time.Now(), Run: session.NewRun(time.Now()),
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
// merged, an earlier one may be what is still unknown.
func attemptForDecision(all []*ledger.Attempt, d decision, mayRun time.Duration, now time.Time) (*ledger.Attempt, error) {
	address := plan.Address(d.Address)
	var found *ledger.Attempt
	var batches []string // unknown, of the journals or the report that the address names
	for _, a := range all {
		unknown := a.Outcome() == plan.OutcomeUnknown
		switch {
		case a.Address() == address || a.Numbered() == address || isOnlyEntry(a, address):
			if found == nil || found.Outcome() != plan.OutcomeUnknown || unknown {
				found = a
			}
		case !unknown || !a.Concerns(address):
		case address == a.Intent.Stream:
			batches = append(batches, string(a.Address()))
		default:
			return nil, fmt.Errorf("%s was sent together with others: decide about %s", d.Address, a.Address())
		}
	}
	if len(batches) > 0 {
		return nil, fmt.Errorf("%s names every request of its kind: decide about %s", d.Address, strings.Join(batches, ", "))
	}
	switch {
	case found == nil:
		return nil, hint.With(fmt.Errorf("%s: nothing of that address was sent", d.Address), "kivaform resolve --list")
	case found.Outcome() != plan.OutcomeUnknown && found.Outcome() != plan.Outcome(d.Decision):
		return nil, fmt.Errorf("%s is %s: there is nothing to decide", d.Address, found.Outcome())
	case found.Outcome() != plan.OutcomeUnknown || found.Result != nil || d.Decision != string(plan.OutcomeAbsent) || mayRun == 0:
	case now.Before(found.Intent.At):
		return nil, hint.With(fmt.Errorf("%s was sent at %s, which is still to come by this machine's clock", d.Address, found.Intent.At.Local().Format("2006-01-02 15:04")),
			"set the clock right, or, if the run that sent it has certainly ended, --run-ended")
	case now.Sub(found.Intent.At) < mayRun:
		return nil, hint.With(fmt.Errorf("%s was sent %s ago, and the run that sent it may still wait for the answer", d.Address, now.Sub(found.Intent.At).Round(time.Second)),
			"look again after %s, or, if that run has certainly ended, --run-ended", found.Intent.At.Add(mayRun).Local().Format("15:04"))
	}
	return found, nil
}

// concernsAny reports of an attempt whether any of the decisions has to do with it.
func concernsAny(decisions []decision) func(*ledger.Attempt) bool {
	return func(a *ledger.Attempt) bool {
		return slices.ContainsFunc(decisions, func(d decision) bool { return a.Concerns(plan.Address(d.Address)) })
	}
}

// isOnlyEntry reports whether an attempt is about one item alone, with this address.
func isOnlyEntry(a *ledger.Attempt, address plan.Address) bool {
	items := a.Addresses()
	return len(items) == 1 && items[0] == address
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
	if a.Result != nil {
		u.Message = a.Result.Message
	}
	return u
}

// probe records those unknown drafts as existing that Kiva lists as loans, and
// what else lenders see, if they are asked.
func probe(ctx context.Context, s *session.Session, unknown []*ledger.Attempt, public bool) error {
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
		if loan == nil {
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
