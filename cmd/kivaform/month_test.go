package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kivaform/apply/applytest"
	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/sandbox"
	"kivaform/plan"
	"kivaform/spec"
)

// What a month sends: 12 drafts, 2 batches of journals, 3 batches of rows.
const (
	monthDrafts   = 12
	monthJournals = 60
	monthRows     = 45
	monthBatch    = "15"

	monthItems    = monthDrafts + monthJournals + monthRows
	monthRequests = monthDrafts + 2 + 3
)

// A month is a partner's workspace and a sandbox that the program knows as any
// other environment, so that it is another process's and outlives the program.
type month struct {
	dir    string
	period string
	kiva   *sandbox.Server
	web    *applytest.Kiva
	env    []string // more variables of the program
}

func newMonth(dir string) (*month, error) {
	return newMonthBehind(dir, func(kiva http.Handler) http.Handler { return kiva })
}

// newMonthBehind makes a month whose requests reach the sandbox through a handler.
func newMonthBehind(dir string, through func(kiva http.Handler) http.Handler) (*month, error) {
	now := time.Now()
	server, err := sandbox.Open(sandbox.Options{Latency: 3 * time.Millisecond, Today: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	m := &month{dir: dir, period: now.Format("2006-01"), kiva: server, web: applytest.Serve(server, through(server))}
	var errs []error
	for name, text := range m.files(now) {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return m, errors.Join(errs...)
}

func (m *month) files(now time.Time) map[string]string {
	var loans, journals, rows strings.Builder
	for i := range monthDrafts {
		fmt.Fprintf(&loans, "---\nkind: LoanDraft\nentreps:\n  - {loan_id: D-%02d, client_id: \"%02d\", first_name: Ann, gender: female, amount: 50000}\ndisburse_time: %s\n",
			i, i, now.AddDate(0, 0, 10).Format(time.DateOnly))
	}
	for i := range monthJournals {
		loan, key := 801+i%monthRows, []string{"visit", "again"}[i/monthRows]
		fmt.Fprintf(&journals, "---\nkind: Journal\nkey: %s\ninternal_loan_id: L-%04d\ninternal_client_id: \"%05d\"\nsubject: %s\nbody: All is well.\n", key, loan, loan, key)
	}
	for i := range monthRows {
		fmt.Fprintf(&rows, "L-%04d,%05d,%d.50\n", 801+i, 801+i, 100+i)
	}
	return map[string]string{
		"kiva.yaml": fmt.Sprintf(`version: 1
partner_id: %q
environment: pilot
csv_format: three-column
repayment_amounts: cumulative-principal
environments:
  pilot: {token_url: "%[2]s/oauth/token", audience: "%[2]s", api_url: "%[2]s"}
defaults:
  loan_draft: {activity_id: 61, theme_type_id: 48, description_language_id: 1, currency: KES, client_waiver_signed: true, loanuse: to buy a cow, description: Ann keeps cows., location: "Nakuru: Kenya"}
`, sandbox.PartnerID, m.web.URL),
		"loans.yaml": loans.String(), "journals.yaml": journals.String(), "rows.csv": rows.String(),
		"report.yaml": fmt.Sprintf("kind: RepaymentReport\nperiod: %s\ncsv: rows.csv\n", m.period),
	}
}

func (m *month) close() { m.web.Close() }

// command is a run of the real program in the workspace.
func (m *month) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "kivaform", args...)
	c.Dir = m.dir
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + m.home(), "KIVAFORM_CACHE_DIR=" + filepath.Join(m.home(), ".cache", "kivaform"), // whatever HOME a test sets for git
		"KIVA_CLIENT_ID=" + sandbox.ClientID, "KIVA_CLIENT_SECRET=" + sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS=127.0.0.1",
		"GORACE=atexit_sleep_ms=0", // under the race detector each process would end a second later
	}
	c.Env = append(c.Env, m.env...)
	return c
}

// home is the home of the user who works in the workspace.
func (m *month) home() string { return m.dir + "-home" }

func (m *month) applyCommand(ctx context.Context) *exec.Cmd {
	return m.command(ctx, "apply", "--auto-approve", "--assume-empty", "--batch", monthBatch)
}

// An ending is what a process said, and its exit code.
type ending struct {
	out, err string
	code     int
}

func (e ending) String() string { return fmt.Sprintf("exit %d\n%s%s", e.code, e.out, e.err) }

// end runs a command to its end. The error is for one that can't be run or was
// killed.
func end(c *exec.Cmd) (ending, error) {
	var out, stderr bytes.Buffer
	c.Stdout, c.Stderr = &out, &stderr
	err := c.Run()
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) && exited.Exited() {
		err = nil
	}
	return ending{out.String(), stderr.String(), c.ProcessState.ExitCode()}, err
}

func (m *month) must(ctx context.Context, code int, args ...string) (ending, error) {
	e, err := end(m.command(ctx, args...))
	if err == nil && e.code != code {
		err = fmt.Errorf("kivaform %s: want exit %d, got %s", strings.Join(args, " "), code, e)
	}
	return e, err
}

// attempts reads the ledger as it lies on the disk.
func (m *month) attempts(ctx context.Context) ([]*ledger.Attempt, error) {
	scope := ledger.Scope{Environment: "pilot", PartnerID: sandbox.PartnerID}
	var list []*ledger.Attempt
	for a, err := range ledger.New(dirstore.New(filepath.Join(m.dir, "ledger")), scope, ledger.Options{}).Attempts(ctx) {
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func (m *month) itemsOf(in ledger.Intent) []spec.Address {
	var items []spec.Address
	for _, item := range in.Items {
		items = append(items, item.Address)
	}
	for _, row := range in.Rows {
		items = append(items, plan.RowAddress(m.period, row.LoanID))
	}
	return items
}

// verdict says what is wrong in the end: the sandbox must have each item once,
// the ledger must agree with it and be whole, and nothing may be left to do.
func (m *month) verdict(ctx context.Context) error {
	record, err := m.web.Accepted()
	if err != nil {
		return err
	}
	var errs []error
	for a, batches := range record {
		if len(batches) > 1 {
			errs = append(errs, fmt.Errorf("%s was accepted %d times", a, len(batches)))
		}
	}
	if len(record) != monthItems {
		errs = append(errs, fmt.Errorf("%d items were accepted, not %d", len(record), monthItems))
	}
	e, err := end(m.applyCommand(ctx))
	if err != nil || e.code != cli.ExitDone || !strings.Contains(e.out, "Nothing to do.") {
		errs = append(errs, fmt.Errorf("another apply: %v, %s", err, e))
	}
	_, err = m.must(ctx, cli.ExitDone, "ledger", "verify")
	return errors.Join(append(errs, err, m.agrees(ctx, record))...)
}

// agrees says where the ledger and the sandbox's record differ.
func (m *month) agrees(ctx context.Context, record map[spec.Address][]string) error {
	attempts, err := m.attempts(ctx)
	errs := []error{err}
	atKiva := make(map[spec.Address]int)
	for _, attempt := range attempts {
		outcome := attempt.Outcome()
		if outcome == plan.OutcomeUnknown {
			errs = append(errs, fmt.Errorf("%s is unknown", attempt.Address()))
		}
		for _, a := range m.itemsOf(attempt.Intent) {
			if !outcome.AtKiva() {
				continue
			}
			atKiva[a]++
			if outcome == plan.OutcomeAccepted && !slices.Contains(record[a], batchOf(attempt)) {
				errs = append(errs, fmt.Errorf("%s: the ledger says it is in %q, the sandbox %q", a, batchOf(attempt), record[a]))
			}
		}
	}
	for a := range record {
		if atKiva[a] != 1 {
			errs = append(errs, fmt.Errorf("%s: %d attempts of the ledger say that it is at Kiva", a, atKiva[a]))
		}
	}
	if len(atKiva) != len(record) {
		errs = append(errs, fmt.Errorf("the ledger says that %d items are at Kiva, which has %d", len(atKiva), len(record)))
	}
	return errors.Join(errs...)
}

// batchOf returns Kiva's id of what an attempt made.
func batchOf(a *ledger.Attempt) string {
	for _, r := range a.Result.Receipts {
		return r.DraftUUID + r.ArchiveID + r.UploadID
	}
	return ""
}
