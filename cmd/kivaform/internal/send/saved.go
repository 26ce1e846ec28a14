package send

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/spec"
	"kivaform/spec/input"
	"kivaform/spec/load"
)

func savePlan(a *session.App, file string, s *plan.Saved) error {
	data, err := s.Encode()
	if err != nil {
		return err
	}
	return cli.PlanFile.Replace(&a.Console, "--out", file, data)
}

func readPlan(ctx context.Context, file string) (*plan.Saved, error) {
	data, err := input.ReadNamed(ctx, file, session.MaxInput)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("read the plan: %w", err))
	}
	s, err := plan.ReadSaved(data)
	if err != nil {
		return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("%s: %w", file, err))
	}
	return s, nil
}

// usable refuses a saved plan that can't be applied, whatever the files say.
func usable(ctx context.Context, w *session.Workspace, s *plan.Saved, now time.Time) error {
	if s.Environment != w.Env.Name {
		return cli.WithCode(cli.ExitRefused, fmt.Errorf("the plan is for the environment %s, not %s", s.Environment, w.Env.Name))
	}
	if id := w.Set.Settings.PartnerID; id != "" && s.PartnerID != id {
		return cli.WithCode(cli.ExitRefused, fmt.Errorf("the plan is for partner %s, not %s", s.PartnerID, id))
	}
	if err := s.CheckAddresses(w.Destinations(), w.PlanSettings()); err != nil {
		return refusePlan(err)
	}
	w.Set.Settings.PartnerID = s.PartnerID
	l, err := w.OpenLedger()
	if err != nil {
		return err
	}
	if err := l.PlanUnused(ctx, s.ID); err != nil {
		return refusePlan(err)
	}
	if now.After(s.Expires) {
		return cli.WithCode(cli.ExitRefused, hint.With(fmt.Errorf("the plan expired on %s", s.Expires.Format("2006-01-02 15:04 UTC")), "plan again"))
	}
	return nil
}

// holdToSaved makes a plan do what a saved one says, and refuses a ledger that is
// not as far as it was when that was saved.
func holdToSaved(ctx context.Context, s *session.Session, p *plan.Plan, saved *plan.Saved) error {
	if saved.Ledger != nil {
		if err := s.Ledger.CheckExtent(ctx, *saved.Ledger, "the saved plan's records"); err != nil {
			return err
		}
	}
	return refusePlan(saved.Restrict(p))
}

// refusePlan gives the errors of a plan that may not be applied their code.
func refusePlan(err error) error {
	var stale *plan.StaleError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stale):
		return cli.WithCode(cli.ExitRefused, err)
	case hint.Of(err) != "":
		return cli.WithCode(cli.ExitRefused, err)
	}
	return cli.WithCode(cli.ExitRefused, hint.With(err, "plan again"))
}

// ShowCommand makes "kivaform show".
func ShowCommand(a *session.App) *cobra.Command {
	var f formatFlags
	var full bool
	c := &cobra.Command{
		Use:   "show PLAN",
		Short: "Show a saved plan",
		Long: `Show what a saved plan would do. It holds no names, texts or photos: they come
from the files of the workspace, as far as these haven't changed since. Without
the files, ids, amounts and actions are shown. Where the ledger is a folder, it is
said if the plan was used.

--format html makes a page for people who decide: one file, which needs no
network and prints well. Names, texts and photos are in it with --personal=show
only.`,
		Example: `  kivaform show november.kfplan
  kivaform show november.kfplan --format markdown --max-bytes 60000
  kivaform show november.kfplan --format html --lang es --personal=show > plan.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(a.Check(), f.check()); err != nil {
				return err
			}
			s, err := readPlan(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return showSaved(cmd.Context(), a, args[0], s, f, full)
		},
	}
	f.register(c.Flags())
	c.Flags().BoolVar(&full, "full", false, "show every row")
	return c
}

// showSaved shows the saved plan of a file beside the files that it was made
// from.
func showSaved(ctx context.Context, a *session.App, file string, s *plan.Saved, f formatFlags, full bool) error {
	files := filesOf(ctx, a, s)
	p, changed := s.Reopen(files)
	if note := changedNote(len(changed), files != nil); !note.IsZero() {
		p.Notes = append(p.Notes, note)
	}
	used := usedNote(ctx, a, s, files)
	if used.IsZero() && time.Now().After(s.Expires) {
		used = plan.NewReason(plan.ReasonExpired, "at", s.Expires.UTC().Format(time.RFC3339))
	}
	if !used.IsZero() {
		p.Notes = append(p.Notes, used)
	}
	if f.format != formatText {
		return f.write(ctx, a.Out, savedView(p, s, files, changed, a.TellsPersonal()), files, full)
	}
	if err := show(a, p, full); err != nil {
		return err
	}
	if s.Unchanged > 0 {
		fmt.Fprintf(a.Out, "%s unchanged, not in the saved plan\n", cli.Plural(s.Unchanged, "item"))
	}
	if s.Commit != "" {
		fmt.Fprintf(a.Out, "Made from commit %s.\n", s.Commit)
	}
	if !used.IsZero() {
		_, err := fmt.Fprintf(a.Out, "%s\nSaved on %s.\nDigest of this plan: %s\n", session.InEnglish(used), s.Created.UTC().Format(minute), s.Digest)
		return err
	}
	_, err := fmt.Fprintf(a.Out, "%s\nSaved on %s; it can be applied once, until %s.\nDigest of this plan: %s\n",
		savedVerdict(a, file, p.Count()), s.Created.UTC().Format(minute), s.Expires.UTC().Format(minute), s.Digest)
	return err
}

// applySaved is the command that carries out the saved plan of a file, which
// knows its environment.
func applySaved(a *session.App, file string) string { return cli.CommandLine(a.Dir, "", "apply", file) }

// savedVerdict says what comes next of the saved plan of a file.
func savedVerdict(a *session.App, file string, c plan.Counts) string {
	if c.Has(plan.Action.Acts) {
		return fmt.Sprintf("\"%s\" does this, once. What is sent can't be taken back.", applySaved(a, file))
	}
	return verdict(a, c)
}

// minute is how people read the moments of a saved plan.
const minute = "2006-01-02 15:04 UTC"

// filesOf reads the workspace that a saved plan may have been made from, nil
// where there is none.
func filesOf(ctx context.Context, a *session.App, s *plan.Saved) *spec.Set {
	files, err := load.Workspace(ctx, a.Dir, load.Options{Environment: s.Environment, CacheDir: a.FilesCache(), Recall: true, Fingerprint: plan.Fingerprint})
	if err != nil {
		return nil
	}
	return files
}

// usedNote says that a saved plan was used, as far as a ledger in a folder tells:
// others aren't asked.
func usedNote(ctx context.Context, a *session.App, s *plan.Saved, files *spec.Set) plan.Reason {
	if files == nil {
		return plan.Reason{}
	}
	w, err := a.Workspace(files)
	if err != nil || !session.IsFolder(w.LedgerPlace()) {
		return plan.Reason{}
	}
	defer w.Close()
	files.Settings.PartnerID = s.PartnerID
	l, err := w.OpenLedger()
	if err != nil {
		return plan.Reason{}
	}
	if err := l.PlanUnused(ctx, s.ID); errors.Is(err, ledger.ErrPlanUsed) {
		return plan.NewReason(plan.ReasonUsed, "message", err.Error())
	}
	return plan.Reason{}
}

func changedNote(n int, files bool) plan.Reason {
	switch {
	case n == 0:
		return plan.Reason{}
	case !files:
		return plan.NewReason(plan.ReasonNoWorkspace)
	}
	return plan.NewReason(plan.ReasonFilesChanged, "items", strconv.Itoa(n))
}

// savedView returns a saved plan as programs and pages see it.
func savedView(p *plan.Plan, s *plan.Saved, files *spec.Set, changed map[plan.Address]bool, personal bool) *view.View {
	m := view.Meta{
		Program: s.Program, Commit: s.Commit, Created: s.Created, Expires: s.Expires, SavedID: s.ID,
		LeftOut: s.Unchanged, Digest: s.Digest, Changed: changed,
	}
	if files != nil {
		sends := p.Sends()
		m.Warnings = files.Warnings(func(address spec.Address) bool { return !sends[address] })
	}
	return view.New(p, m, personal)
}
