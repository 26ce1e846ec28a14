package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"kivaform/spec"
)

// When a stage tells how far it is: on a terminal soon and often, in one line
// that is written over; elsewhere so that no silence looks like a hang.
const (
	movingFirst, movingEvery = 500 * time.Millisecond, 200 * time.Millisecond
	quietEvery               = 10 * time.Second
)

// A Stage is something that a command does and that may take a while: it tells
// on the standard error how far it is, and nothing when it's over soon. Stages
// follow each other. It is safe for use by several goroutines.
type Stage struct {
	w      io.Writer
	what   string
	Moving bool // on a terminal
	begun  time.Time
	stop   chan struct{}
	ended  sync.WaitGroup

	mu          sync.Mutex
	Done, Total int // total is 0 where nobody knows
	wrote       bool
}

// Stage begins one. Where requests are logged as well, nothing moves.
func (c *Console) Stage(what string) *Stage {
	_, moving := TerminalWidth(c.Err)
	return NewStage(c.Err, what, moving && !c.Verbose)
}

// NewStage begins a stage that tells on w; moving is for terminals.
func NewStage(w io.Writer, what string, moving bool) *Stage {
	s := &Stage{w: w, what: what, Moving: moving, begun: time.Now(), stop: make(chan struct{})}
	s.ended.Go(s.tell)
	return s
}

// tell writes from time to time, until the stage ends.
func (s *Stage) tell() {
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
			s.show()
			timer.Reset(every)
		}
	}
}

func (s *Stage) show() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Moving {
		fmt.Fprintf(AsStyled(s.w), "\r\x1b[K%s", spec.Harmless(s.text()))
		s.wrote = true
		return
	}
	fmt.Fprintln(s.w, s.text())
}

// At says how far the stage is: so many are done, of a number that is 0 where
// nobody knows it. Another number begins another count.
func (s *Stage) At(done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if total == s.Total {
		done = max(s.Done, done)
	}
	s.Done, s.Total = done, total
}

// Turn says what the stage is about from now on, and how far that is.
func (s *Stage) Turn(what string, done, total int) {
	s.mu.Lock()
	if s.what != what {
		s.what, s.begun, s.Done = what, time.Now(), 0
	}
	s.mu.Unlock()
	s.At(done, total)
}

// Line writes something that stays.
func (s *Stage) Line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintln(s.w, spec.Harmless(fmt.Sprintf(format, args...)))
}

// End ends the stage, and takes away what moved.
func (s *Stage) End() {
	close(s.stop)
	s.ended.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

// clear makes room. The lock is held.
func (s *Stage) clear() {
	if s.wrote {
		fmt.Fprint(AsStyled(s.w), "\r\x1b[K")
		s.wrote = false
	}
}

// text says what is done, how far it is and how long it may take. The lock is
// held.
func (s *Stage) text() string {
	took := time.Since(s.begun)
	switch {
	case s.Total > 0 && s.Done > 0:
		left := time.Duration(float64(took) / float64(s.Done) * float64(max(s.Total-s.Done, 0)))
		return fmt.Sprintf("%s: %d of %d, about %s left", s.what, s.Done, s.Total, roughly(left))
	case s.Total > 0:
		return fmt.Sprintf("%s: 0 of %d, %s so far", s.what, s.Total, roughly(took))
	case s.Done > 0:
		return fmt.Sprintf("%s: %d, %s so far", s.what, s.Done, roughly(took))
	}
	return fmt.Sprintf("%s: %s so far", s.what, roughly(took))
}

// roughly tells a time as people do.
func roughly(d time.Duration) string {
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
