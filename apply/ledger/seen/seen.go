// Package seen remembers on this machine how far each ledger was that it worked
// with, in the user's own cache folder: a ledger that was restored from an older
// backup looks whole to its own objects, and not to a machine that saw it before.
//
// There is one file for each partner and address of an API, so that another
// ledger, or another environment of one, that sends to the same place is noticed,
// too. A file is a list of lines, to which others are appended; the last line of a
// kind counts, and those of marks and entries add up.
package seen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

// A File holds how far the ledger of a partner at an address was. It is safe for
// use by several goroutines and, but for knowledge that is lost, by several
// programs.
type File struct {
	name, place string

	mu  sync.Mutex
	out *os.File // appended to while a run goes on
}

// In returns the file of a partner and an API in a folder, which is made when there
// is something to remember. Place is where the ledger is, without secrets.
func In(folder, partner, api, place string) *File {
	sum := sha256.Sum256([]byte(partner + "\x00" + api))
	return &File{name: filepath.Join(folder, hex.EncodeToString(sum[:12])+".seen"), place: place}
}

// The lines of a file begin with these words.
const (
	identityLine = "ledger" // and its environment
	placeLine    = "place"
	attemptsLine = "attempts"
	entryLine    = "entry"
)

// A Record is what a file holds.
type Record struct {
	Identity string // "" where nothing was seen
	Place    string
	Extent   ledger.Extent
}

// Read returns what the file holds.
func (f *File) Read() (Record, error) {
	var r Record
	data, err := os.ReadFile(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, hint.With(fmt.Errorf("how far the ledger was on this machine can't be read: %w", err), "give yourself the right to read that file, or delete it once the ledger is known to be the newest")
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case identityLine:
			r.Identity = rest
		case placeLine:
			r.Place = rest
		case attemptsLine:
			r.Extent.Attempts, _ = strconv.Atoi(rest)
		case entryLine:
			r.Extent.Entries = append(r.Extent.Entries, rest)
		}
	}
	return r, lines.Err()
}

// Compare refuses a ledger that isn't the one that was seen, or that lacks what was
// seen. It remembers what is new.
func (f *File) Compare(ctx context.Context, l *ledger.Ledger) error {
	was, err := f.Read()
	if err != nil || was.Identity == "" && l.Identity() == "" {
		return err
	}
	if was.Identity != "" && was.Identity != l.Identity() {
		if err := f.compareIdentity(ctx, was, l); err != nil {
			return err
		}
		if was.Identity != l.Identity() {
			return f.Reset(l)
		}
	}
	if !hasAll(l, was.Extent) {
		if err := l.CheckExtent(ctx, was.Extent, known); err != nil {
			return err
		}
	}
	return f.Saw(l)
}

// known is how errors call what the file holds.
const known = "this machine's own records"

// compareIdentity refuses a ledger that takes the place of another one without a
// person's word.
func (f *File) compareIdentity(ctx context.Context, was Record, l *ledger.Ledger) error {
	if err := l.Reopen(ctx); err != nil { // another program may have begun it just now
		return err
	}
	replaced, err := l.Replaces(ctx, was.Identity)
	if err != nil || replaced || was.Identity == l.Identity() {
		return err
	}
	return fmt.Errorf("ledger: %w", &ledger.OtherError{Was: was.Identity, Is: l.Identity(), Place: was.Place, Known: known})
}

// hasAll reports whether a ledger has all that was seen, without reading more of it.
func hasAll(l *ledger.Ledger, e ledger.Extent) bool {
	return l.Attempted() >= e.Attempts && !slices.ContainsFunc(e.Entries, func(entry string) bool { return !l.Has(entry) })
}

// Saw remembers that a ledger grew. A folder that can't be written is no error: what
// a machine can't keep, it doesn't know.
func (f *File) Saw(l *ledger.Ledger) error {
	was, err := f.Read()
	if err != nil {
		return err
	}
	now, whole := l.Seen()
	if was.Identity == l.Identity() {
		now.Attempts = max(now.Attempts, was.Extent.Attempts)
		if !whole { // entries that the marks may not name
			now.Entries = union(was.Extent.Entries, now.Entries)
		}
		if was.Place == f.place && now.Attempts == was.Extent.Attempts && len(now.Entries) == len(was.Extent.Entries) && contains(was.Extent.Entries, now.Entries) {
			return nil
		}
	}
	f.write(l.Identity(), now)
	return nil
}

// Reset remembers a ledger as it is, whatever was seen before.
func (f *File) Reset(l *ledger.Ledger) error {
	now, _ := l.Seen()
	f.write(l.Identity(), now)
	return nil
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func contains(all, some []string) bool {
	if len(some) > len(all) {
		return false
	}
	set := make(map[string]bool, len(all))
	for _, entry := range all {
		set[entry] = true
	}
	for _, entry := range some {
		if !set[entry] {
			return false
		}
	}
	return true
}

func (f *File) write(identity string, e ledger.Extent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.close()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n%s %s\n%s %d\n", identityLine, identity, placeLine, f.place, attemptsLine, e.Attempts)
	for _, entry := range e.Entries {
		fmt.Fprintf(&b, "%s %s\n", entryLine, entry)
	}
	_ = replaceFile(f.name, b.Bytes())
}

func replaceFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".seen-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// Begun remembers an attempt at the moment when it begins, so that a run which is
// killed is known, too.
func (f *File) Begun(entry string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		var err error
		if f.out, err = os.OpenFile(f.name, os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
			f.out = nil
			return
		}
	}
	fmt.Fprintf(f.out, "%s %s\n", entryLine, entry)
}

// Close ends what is appended.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.close()
}

func (f *File) close() error {
	if f.out == nil {
		return nil
	}
	err := f.out.Close()
	f.out = nil
	return err
}
