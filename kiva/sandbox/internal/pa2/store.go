package pa2

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Store is the log of events and the state derived from it. Each Look and each
// Change locks the log.
type Store struct {
	now func() time.Time

	mu    sync.Mutex // guards the fields below
	Log   EventLog
	State *State
	end   int64 // offset in the log up to which events are applied
}

// NewStore returns a store on a log. The clock dates its events.
func NewStore(log EventLog, now func() time.Time) *Store {
	return &Store{now: now, Log: log, State: newState()}
}

// Look calls f with the current state.
func (s *Store) Look(f func(*State)) error {
	return s.withLock(func() error {
		f(s.State)
		return nil
	})
}

// Change calls f with the current state and appends the event that it returns;
// nil changes nothing.
func (s *Store) Change(f func(*State) *Event) error {
	return s.withLock(func() error {
		e := f(s.State)
		if e == nil {
			return nil
		}
		return s.appendEvent(e)
	})
}

// TakeStep appends the event of a person's step.
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

// withLock calls f under the log's lock, which holds for all processes.
func (s *Store) withLock(f func() error) (err error) {
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
	s.State.Read = s.readEvent
	if err := s.catchUp(); err != nil {
		return err
	}
	return f()
}

// catchUp applies the log's new events, of this process or another.
func (s *Store) catchUp() error {
	for line, err := range s.Log.Lines(s.end) {
		if err != nil {
			return fmt.Errorf("sandbox: read %s: %w", s.Log.Name(), err)
		}
		e, err := decodeEvent(line)
		if err != nil {
			return fmt.Errorf("sandbox: %s is broken at byte %d (delete it to begin anew): %w", s.Log.Name(), s.end, err)
		}
		s.applyEvent(e, len(line))
	}
	if s.end == 0 {
		return s.appendEvent(&Event{Reset: true, Request: NewID()})
	}
	return nil
}

func (s *Store) appendEvent(e *Event) error {
	e.Time = s.now().UTC().Round(time.Millisecond)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: encode an event: %w", err)
	}
	line = append(line, '\n')
	if err := s.Log.Append(s.end, line); err != nil {
		return fmt.Errorf("sandbox: append to %s: %w", s.Log.Name(), err)
	}
	s.applyEvent(e, len(line))
	return nil
}

func (s *Store) applyEvent(e *Event, n int) {
	s.State.applyEvent(e, Span{s.end, n})
	s.end += int64(n)
}

// readEvent reads an event back from the log.
func (s *Store) readEvent(p Span) (*Event, error) {
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
