package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kivaform/examples/scale/standin/counts"
)

// counted is what the stand-in got during one run.
type counted struct{ counts.Counts }

// once reports whether so many things came, each once.
func (c counted) once(n int) error {
	if c.Accepted != n || c.Doubled != 0 {
		return fmt.Errorf("the stand-in got %d things, %d of them again, and not %d", c.Accepted, c.Doubled, n)
	}
	return nil
}

// counted looks at what the stand-in got during a trial.
func (p *place) counted(t trial, look func(counted) error) trial {
	inner := t.run
	t.run = func(ctx context.Context) (sample, error) {
		if err := p.tell(ctx, http.MethodPost, nil); err != nil {
			return sample{}, err
		}
		s, err := inner(ctx)
		if err != nil {
			return s, err
		}
		var c counted
		return s, errors.Join(p.tell(ctx, http.MethodGet, &c), look(c))
	}
	return t
}

// forget makes the stand-in forget what it was sent.
func (p *place) forget(ctx context.Context) error { return p.tell(ctx, http.MethodDelete, nil) }

func (p *place) tell(ctx context.Context, method string, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, p.api+counts.Path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
