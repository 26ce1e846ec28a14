package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cool takes all caches away.
func (p *place) cool(context.Context) error {
	p.warm = false
	return errors.Join(p.restore(), p.aside(p.cache), p.aside(filepath.Join(p.workspace, ".kivaform")))
}

// aside takes a folder away. It is deleted with everything else at the end: for
// minutes after it has deleted thousands of files, ext4 makes new ones slowly.
func (p *place) aside(folder string) error {
	p.put++
	err := os.Rename(folder, filepath.Join(p.dir, fmt.Sprintf("aside-%d", p.put)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
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
