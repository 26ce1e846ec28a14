package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// cool deletes all caches.
func (p *place) cool(context.Context) error {
	p.warm = false
	return errors.Join(p.restore(), os.RemoveAll(p.cache), os.RemoveAll(filepath.Join(p.workspace, ".kivaform")))
}

// heat makes a plan where the last one wasn't of the files as they are.
func (p *place) heat(ctx context.Context) error {
	if err := p.restore(); err != nil || p.warm {
		return err
	}
	p.warm = true
	return p.quietly(ctx, "", "plan")
}

// change fills the caches, and then writes something new into a draft.
func (p *place) change(ctx context.Context) error {
	if err := p.heat(ctx); err != nil {
		return err
	}
	data, err := os.ReadFile(p.first())
	if err != nil {
		return err
	}
	p.original, p.warm = data, false
	p.changes++
	text := strings.Replace(string(data), "loanuse: to ", fmt.Sprintf("loanuse: to go %d times and ", p.changes), 1)
	return os.WriteFile(p.first(), []byte(text), 0o644)
}

// restore undoes a change.
func (p *place) restore() error {
	if p.original == nil {
		return nil
	}
	err := os.WriteFile(p.first(), p.original, 0o644)
	p.original = nil
	return err
}

func (p *place) first() string { return filepath.Join(p.workspace, "loans", "000000.yaml") }
