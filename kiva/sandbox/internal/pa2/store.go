package pa2

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Store is the log of events and the state that follows from it. Each
// look and each change holds the lock of the log.
type Store struct {
	now func() time.Time

	mu    sync.Mutex // guards the rest
	Log   EventLog
	State *State
	end   int64 // where the part of the log ends that state knows
}

// NewStore returns a store over a log. The clock dates its events.
func NewStore(log EventLog, now func() time.Time) *Store {
	return &Store{now: now, Log: log, State: newState()}
}

// Look calls f with the present state.
func (s *Store) Look(f func(*State)) error {
	return s.alone(func() error {
		f(s.State)
		return nil
	})
}

// Change calls f with the present state and keeps the event that it returns.
// A nil event changes nothing.
func (s *Store) Change(f func(*State) *Event) error {
	return s.alone(func() error {
		e := f(s.State)
		if e == nil {
			return nil
		}
		return s.append(e)
	})
}

// TakeStep keeps the event that a person's step makes.
func (s *Store) TakeStep(f func(*State) (*Event, error)) (e *Event, err error) {
	failed := s.Change(func(st *State) *Event {
		e, err = f(st)
		return e
	})
	if err == nil {
		err = failed
	}
	return e, err
}

// alone calls f under the lock of the log, which holds for all processes.
func (s *Store) alone(f func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh, err := s.Log.Begin()
	if err != nil {
		return fmt.Errorf("sandbox: open %s: %w", s.Log.Name(), err)
	}
	defer func() { err = errors.Join(err, s.Log.End()) }()
	if fresh {
		s.State, s.end = newState(), 0
	}
	s.State.Read = s.event
	if err := s.catchUp(); err != nil {
		return err
	}
	return f()
}

// catchUp applies the new events of the log, of this process or another.
func (s *Store) catchUp() error {
	for line, err := range s.Log.Lines(s.end) {
		if err != nil {
			return fmt.Errorf("sandbox: read %s: %w", s.Log.Name(), err)
		}
		e, err := decodeEvent(line)
		if err != nil {
			return fmt.Errorf("sandbox: %s is broken at byte %d (delete it to begin anew): %w", s.Log.Name(), s.end, err)
		}
		s.apply(e, len(line))
	}
	if s.end == 0 {
		return s.append(&Event{Reset: true, Request: NewID()})
	}
	return nil
}

func (s *Store) append(e *Event) error {
	e.Time = s.now().UTC().Round(time.Millisecond)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: encode an event: %w", err)
	}
	line = append(line, '\n')
	if err := s.Log.Append(s.end, line); err != nil {
		return fmt.Errorf("sandbox: append to %s: %w", s.Log.Name(), err)
	}
	s.apply(e, len(line))
	return nil
}

func (s *Store) apply(e *Event, n int) {
	s.State.apply(e, Span{s.end, n})
	s.end += int64(n)
}

// event reads an event back from the log.
func (s *Store) event(p Span) (*Event, error) {
	line, err := s.Log.Read(p)
	if err != nil {
		return nil, fmt.Errorf("sandbox: read %s: %w", s.Log.Name(), err)
	}
	return decodeEvent(line)
}

func decodeEvent(line []byte) (*Event, error) {
	e := new(Event)
	return e, json.Unmarshal(line, e)
}
