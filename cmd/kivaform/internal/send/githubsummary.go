package send

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/plan/markdown"
	"kivaform/plan/view"
)

// maxSummary is what GitHub takes of a step's summary, in bytes; of the plan
// less, so that there is room for what comes after it.
const (
	maxSummary     = 1 << 20
	maxSummaryPlan = maxSummary * 3 / 4
)

// summarizePlan adds a plan to the summary of the job. Personal values are
// masked there whatever was asked for: everybody who sees the repository sees
// the summary.
func summarizePlan(w *session.Workspace, p *plan.Plan, m view.Meta) {
	summarize(w.App, maxSummaryPlan, func(out io.Writer, o markdown.Options) error {
		return markdown.Write(out, buildView(w, p, m, false), o)
	})
}

// tellAccount adds what a run did to the summary, masked likewise, and says
// beside the lines what wasn't sent.
func tellAccount(a *session.App, acc *apply.Account, run string) {
	if !a.OnGitHub() {
		return
	}
	data := accountData(a, acc, run, false)
	settleEach(data.Failures, data.Unanswered)
	a.Annotate(accountAnnotations(&data)...)
	summarize(a, maxSummary, func(out io.Writer, o markdown.Options) error {
		return markdown.WriteAccount(out, &data, o)
	})
}

// summarize adds to the summary of the job as much as there is room for. What
// goes wrong with it stops nothing.
func summarize(a *session.App, limit int, write func(io.Writer, markdown.Options) error) {
	name := a.Getenv("GITHUB_STEP_SUMMARY")
	if !a.OnGitHub() || name == "" {
		return
	}
	if err := appendSummary(name, limit, write); err != nil {
		fmt.Fprintf(a.Err, "warning: the summary of the job could not be written: %v\n", err)
	}
}

func appendSummary(name string, limit int, write func(io.Writer, markdown.Options) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644) // #nosec G302 -- the summary is read by the runner
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	room := limit - int(info.Size()) - len("\n\n")
	if room < markdown.MinBytes {
		return fmt.Errorf("%s is full", filepath.Base(name))
	}
	if _, err := io.WriteString(file, "\n"); err != nil {
		return err
	}
	if err := write(file, markdown.Options{MaxBytes: room}); err != nil {
		return err
	}
	return file.Close()
}
