package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"kivaform/spec"
)

// When a stage prints its progress: on a terminal soon and often, on one line;
// elsewhere so often that a run doesn't seem to hang.
const (
	movingFirst, movingEvery = 500 * time.Millisecond, 200 * time.Millisecond
	quietEvery               = 10 * time.Second
)

// A Stage is a part of a command that may take a while: it prints its progress
// on the standard error, and nothing if it ends soon. Stages follow each other.
// It is safe for concurrent use.
type Stage struct {
	w      io.Writer
	what   string
	Moving bool // on a terminal
	begun  time.Time
	stop   chan struct{}
	ended  sync.WaitGroup

	mu          sync.Mutex
	Done, Total int // Total is 0 if unknown
	wrote       bool
}

// Stage begins a stage. With --verbose, which logs requests, nothing moves.
func (c *Console) Stage(what string) *Stage {
	_, moving := TerminalWidth(c.Err)
	return NewStage(c.Err, what, moving && !c.Verbose)
}

// NewStage begins a stage that prints to w; moving is for terminals.
func NewStage(w io.Writer, what string, moving bool) *Stage {
	s := &Stage{w: w, what: what, Moving: moving, begun: time.Now(), stop: make(chan struct{})}
	s.ended.Go(s.printAtIntervals)
	return s
}

// printAtIntervals prints the progress at intervals, until the stage ends.
func (s *Stage) printAtIntervals() {
	first, every := quietEvery, quietEvery
	if s.Moving {
		first, every = movingFirst, movingEvery
	}
	timer := time.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-timer.C:
			s.printProgress()
			timer.Reset(every)
		}
	}
}

func (s *Stage) printProgress() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Moving {
		fmt.Fprintf(AsStyled(s.w), "\r\x1b[K%s", spec.Harmless(s.describe()))
		s.wrote = true
		return
	}
	fmt.Fprintln(s.w, s.describe())
}

// SetProgress sets the number of finished items and their total, 0 if unknown.
// Another total starts a new count.
func (s *Stage) SetProgress(done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if total == s.Total {
		done = max(s.Done, done)
	}
	s.Done, s.Total = done, total
}

// StartPhase changes the stage's subject and its count.
func (s *Stage) StartPhase(what string, done, total int) {
	s.mu.Lock()
	if s.what != what {
		s.what, s.begun, s.Done = what, time.Now(), 0
	}
	s.mu.Unlock()
	s.SetProgress(done, total)
}

// Line prints a permanent line.
func (s *Stage) Line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eraseLine()
	fmt.Fprintln(s.w, spec.Harmless(fmt.Sprintf(format, args...)))
}

// End ends the stage, and erases its moving line.
func (s *Stage) End() {
	close(s.stop)
	s.ended.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eraseLine()
}

// eraseLine erases the moving line. The caller holds the lock.
func (s *Stage) eraseLine() {
	if s.wrote {
		fmt.Fprint(AsStyled(s.w), "\r\x1b[K")
		s.wrote = false
	}
}

// describe describes the progress and the remaining time. The caller holds the
// lock.
func (s *Stage) describe() string {
	took := time.Since(s.begun)
	switch {
	case s.Total > 0 && s.Done > 0:
		left := time.Duration(float64(took) / float64(s.Done) * float64(max(s.Total-s.Done, 0)))
		return fmt.Sprintf("%s: %d of %d, about %s left", s.what, s.Done, s.Total, formatRoughly(left))
	case s.Total > 0:
		return fmt.Sprintf("%s: 0 of %d, %s so far", s.what, s.Total, formatRoughly(took))
	case s.Done > 0:
		return fmt.Sprintf("%s: %d, %s so far", s.what, s.Done, formatRoughly(took))
	}
	return fmt.Sprintf("%s: %s so far", s.what, formatRoughly(took))
}

// formatRoughly formats a rounded duration.
func formatRoughly(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()+0.5))
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()/5+0.5)*5)
	case d < 90*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()+0.5))
}
