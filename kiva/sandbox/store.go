package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A store is the log of events and the state that follows from it. Whoever
// looks at the state or changes it has the log for themselves meanwhile.
type store struct {
	now func() time.Time

	mu    sync.Mutex // guards the rest
	log   eventLog
	state *state
	end   int64 // where the part of the log ends that state knows
}

func newStore(log eventLog, now func() time.Time) *store {
	return &store{now: now, log: log, state: newState()}
}

// look calls f with the present state.
func (s *store) look(f func(*state)) error {
	return s.alone(func() error {
		f(s.state)
		return nil
	})
}

// change calls f with the present state and keeps the event that it returns.
// A nil event changes nothing.
func (s *store) change(f func(*state) *event) error {
	return s.alone(func() error {
		e := f(s.state)
		if e == nil {
			return nil
		}
		return s.append(e)
	})
}

// takeStep keeps the event that a person's step makes.
func (s *store) takeStep(f func(*state) (*event, error)) (e *event, err error) {
	failed := s.change(func(st *state) *event {
		e, err = f(st)
		return e
	})
	if err == nil {
		err = failed
	}
	return e, err
}

// alone calls f while nobody else, in any process, reads or writes the log.
func (s *store) alone(f func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh, err := s.log.Begin()
	if err != nil {
		return fmt.Errorf("sandbox: open %s: %w", s.log.Name(), err)
	}
	defer func() { err = errors.Join(err, s.log.End()) }()
	if fresh {
		s.state, s.end = newState(), 0
	}
	s.state.read = s.event
	if err := s.catchUp(); err != nil {
		return err
	}
	return f()
}

// catchUp applies what was appended since, by this process or another.
func (s *store) catchUp() error {
	for line, err := range s.log.Lines(s.end) {
		if err != nil {
			return fmt.Errorf("sandbox: read %s: %w", s.log.Name(), err)
		}
		e, err := decodeEvent(line)
		if err != nil {
			return fmt.Errorf("sandbox: %s is broken at byte %d (delete it to begin anew): %w", s.log.Name(), s.end, err)
		}
		s.apply(e, len(line))
	}
	if s.end == 0 {
		return s.append(&event{Reset: true, Request: newID()})
	}
	return nil
}

func (s *store) append(e *event) error {
	e.Time = s.now().UTC().Round(time.Millisecond)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: encode an event: %w", err)
	}
	line = append(line, '\n')
	if err := s.log.Append(s.end, line); err != nil {
		return fmt.Errorf("sandbox: append to %s: %w", s.log.Name(), err)
	}
	s.apply(e, len(line))
	return nil
}

func (s *store) apply(e *event, n int) {
	s.state.apply(e, span{s.end, n})
	s.end += int64(n)
}

// event reads an event back from the log.
func (s *store) event(p span) (*event, error) {
	line, err := s.log.Read(p)
	if err != nil {
		return nil, fmt.Errorf("sandbox: read %s: %w", s.log.Name(), err)
	}
	return decodeEvent(line)
}

func decodeEvent(line []byte) (*event, error) {
	e := new(event)
	return e, json.Unmarshal(line, e)
}
