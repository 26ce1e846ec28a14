package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
)

// A timedSignal is a signal some time after the first one.
type timedSignal struct {
	after  time.Duration
	signal os.Signal
}

// The first signal stops. Only a later interrupt of a person ends at once: what
// comes twice, in whatever mixture, is waited for.
func TestWhichSignalEndsAtOnce(t *testing.T) {
	const hangup, terminated = syscall.SIGHUP, syscall.SIGTERM
	soon := 20 * time.Millisecond
	for name, c := range map[string]struct {
		terminal bool
		signals  []timedSignal
		want     string
	}{
		"none":                          {true, nil, ""},
		"an interrupt":                  {true, []timedSignal{{0, os.Interrupt}}, "stop"},
		"a hang-up":                     {true, []timedSignal{{0, hangup}}, "stop"},
		"an interrupt twice":            {true, []timedSignal{{0, os.Interrupt}, {soon, os.Interrupt}}, "stop"},
		"just too soon":                 {true, []timedSignal{{0, os.Interrupt}, {secondAfter - 1, os.Interrupt}}, "stop"},
		"a second interrupt":            {true, []timedSignal{{0, os.Interrupt}, {secondAfter, os.Interrupt}}, "stop end"},
		"a third one":                   {true, []timedSignal{{0, os.Interrupt}, {soon, os.Interrupt}, {3 * time.Second, os.Interrupt}}, "stop end"},
		"an interrupt after another":    {true, []timedSignal{{0, terminated}, {time.Minute, os.Interrupt}}, "stop end"},
		"without a terminal":            {false, []timedSignal{{0, os.Interrupt}, {time.Minute, os.Interrupt}}, "stop"},
		"terminated twice":              {true, []timedSignal{{0, terminated}, {time.Minute, terminated}}, "stop"},
		"interrupted, then terminated":  {true, []timedSignal{{0, os.Interrupt}, {8 * time.Second, terminated}}, "stop"},
		"hung up, and terminated later": {true, []timedSignal{{0, hangup}, {time.Minute, hangup}, {time.Hour, terminated}}, "stop"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stepsAfter(c.terminal, c.signals); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// stepsAfter returns what a stopper does after signals.
func stepsAfter(terminal bool, list []timedSignal) string {
	signals := make(chan os.Signal, len(list))
	for _, s := range list {
		signals <- s.signal
	}
	close(signals)
	var steps []string
	s := stopper{
		signals:    signals,
		now:        func() time.Time { return time.Unix(0, 0).Add(list[len(list)-len(signals)-1].after) },
		onTerminal: func() bool { return terminal },
		stop:       func() { steps = append(steps, "stop") },
		end:        func() { steps = append(steps, "end") },
	}
	s.run()
	return strings.Join(steps, " ")
}

// A run that is told to stop, in whatever way and how often, waits for the request
// under way, which Kiva answers only afterwards.
func TestSignalsLetFinishWhatIsUnderWay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has none of these signals; run this on another system")
	}
	t.Parallel()
	// A program that is started where hang-ups are ignored, as by nohup, ignores them.
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(handled) })
	for name, signals := range map[string][]syscall.Signal{
		"hang-up":                      {syscall.SIGHUP},
		"interrupt twice":              {syscall.SIGINT, syscall.SIGINT},
		"interrupt and terminate":      {syscall.SIGINT, syscall.SIGTERM},
		"terminate, hang-up and again": {syscall.SIGTERM, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT},
	} {
		t.Run(name, func(t *testing.T) {
			m, sent, answer := monthWithHeldDraft(t)
			run := m.command(t.Context(), "apply", "--auto-approve", "--assume-empty", "--parallelism", "1")
			e := endSignalled(t, run, sent, answer, signals)
			if e.code != cli.ExitInterrupted || !strings.Contains(e.out, "\nsent 1, not attempted ") || !strings.Contains(e.out, "Stopped early: interrupted") {
				t.Errorf("%s", e)
			}
			attempts, err := m.attempts(t.Context())
			if err != nil || len(attempts) != 1 || !attempts[0].Outcome().AtKiva() {
				t.Errorf("%v, attempts %v", err, attempts)
			}
		})
	}
}

// monthWithHeldDraft makes a month in which Kiva answers a draft only when told.
func monthWithHeldDraft(t *testing.T) (m *month, sent <-chan struct{}, answer func()) {
	t.Helper()
	came, may := make(chan struct{}, monthRequests), make(chan struct{})
	answer = sync.OnceFunc(func() { close(may) })
	m, err := newMonthBehind(t.TempDir(), func(kiva http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/loan_draft") {
				came <- struct{}{}
				<-may
			}
			kiva.ServeHTTP(w, r)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer(); m.close() })
	return m, came, answer
}

// endSignalled runs a command, signals it once its first request has been sent,
// and has that answered when the command says that it waits for it.
func endSignalled(t *testing.T, run *exec.Cmd, sent <-chan struct{}, answer func(), signals []syscall.Signal) ending {
	t.Helper()
	var out bytes.Buffer
	run.Stdout = &out
	stderr, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		<-sent
		for _, s := range signals {
			run.Process.Signal(s)
		}
	}()
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		fmt.Fprintln(&said, lines.Text())
		if strings.HasPrefix(lines.Text(), "interrupted: waiting for 1 request that began") {
			answer()
		}
	}
	run.Wait()
	return ending{out.String(), said.String(), run.ProcessState.ExitCode()}
}
