package cachestore

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"kivaform/apply/ledger"
)

const (
	sumSize  = 16                     // bytes of a record's digest
	headSize = sumSize + 4 + 4        // digest, length of the key, length of the object
	maxKey   = 4 << 10                // bytes; no key is so long
	pending  = 4 << 20                // bytes that are gathered before they are written
	patience = 500 * time.Millisecond // with another program that writes
)

// A pack is one file of many objects, each with its key: records that are only
// ever added. Where an object is in it is known from one look at the file.
//
// A record has a digest, so that damage is found when it is read. What follows
// a record that makes no sense isn't looked at, and is written over.
type pack struct {
	name string // "" for one that is nowhere

	mu      sync.Mutex
	file    *os.File // nil where there is none to read from
	places  map[string]place
	end     int64            // of what makes sense
	waiting []byte           // records that aren't written yet
	young   map[string]place // where objects are among those
}

// A place is where an object is in a pack, or among what waits.
type place struct {
	offset int64 // of the record
	key    int   // bytes
	data   int   // bytes
}

func openPack(name string) *pack {
	p := &pack{name: name, places: make(map[string]place), young: make(map[string]place)}
	if f, err := os.Open(name); err == nil {
		p.file = f
		p.end = scan(f, 0, p.places)
	}
	return p
}

// scan notes where the objects are, from a record on, and returns where the
// last whole record ends.
func scan(f *os.File, from int64, places map[string]place) int64 {
	info, err := f.Stat()
	if err != nil {
		return from
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, from, info.Size()-from), 1<<16)
	var head [headSize]byte
	key := make([]byte, maxKey)
	for at := from; ; {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return at
		}
		k, d := lengths(head[:])
		next := at + headSize + int64(k) + int64(d)
		if k == 0 || k > maxKey || d > ledger.MaxObject || next > info.Size() {
			return at
		}
		if _, err := io.ReadFull(r, key[:k]); err != nil {
			return at
		}
		if _, err := r.Discard(d); err != nil {
			return at
		}
		places[string(key[:k])] = place{at, k, d}
		at = next
	}
}

func lengths(head []byte) (key, data int) {
	return int(binary.LittleEndian.Uint32(head[sumSize:])), int(binary.LittleEndian.Uint32(head[sumSize+4:]))
}

// get returns an object that is kept and sound.
func (p *pack) get(key string) ([]byte, bool) {
	p.mu.Lock()
	at, there := p.young[key]
	if there {
		defer p.mu.Unlock()
		return bytes.Clone(p.waiting[at.offset:][:at.size()][headSize+at.key:]), true
	}
	at, there = p.places[key]
	file := p.file
	p.mu.Unlock()
	if !there || file == nil {
		return nil, false
	}
	record := make([]byte, at.size())
	if _, err := file.ReadAt(record, at.offset); err != nil {
		return nil, false
	}
	k, d := lengths(record)
	sound := k == at.key && d == at.data && bytes.Equal(record[:sumSize], digest(record)) && string(record[headSize:headSize+k]) == key
	return record[headSize+at.key:], sound
}

func (at place) size() int { return headSize + at.key + at.data }

// digest is that of everything in a record that follows it.
func digest(record []byte) []byte {
	sum := sha256.Sum256(record[sumSize:])
	return sum[:sumSize]
}

// add keeps an object for the next time.
func (p *pack) add(key string, data []byte) {
	if len(key) > maxKey || len(data) > ledger.MaxObject {
		return
	}
	record := make([]byte, headSize, headSize+len(key)+len(data))
	binary.LittleEndian.PutUint32(record[sumSize:], uint32(len(key)))
	binary.LittleEndian.PutUint32(record[sumSize+4:], uint32(len(data)))
	record = append(append(record, key...), data...)
	copy(record, digest(record))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.young[key] = place{int64(len(p.waiting)), len(key), len(data)}
	p.waiting = append(p.waiting, record...)
	if len(p.waiting) > pending {
		p.flush()
	}
}

// close writes what waits. The pack isn't used afterwards.
func (p *pack) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	if p.file != nil {
		p.file.Close()
	}
}

// flush writes what waits. It need not succeed: what isn't kept is read again.
// The lock is held.
func (p *pack) flush() {
	if len(p.waiting) == 0 {
		return
	}
	defer func() {
		p.waiting = p.waiting[:0]
		clear(p.young)
	}()
	if p.name == "" || os.MkdirAll(filepath.Dir(p.name), 0o700) != nil {
		return
	}
	lock := flock.New(p.name + ".lock")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if ok, err := lock.TryLockContext(ctx, patience/50); err != nil || !ok {
		return
	}
	defer lock.Unlock()
	p.append()
}

// append adds what waits to the file, after all that makes sense of it, and
// reads from that file from then on. No other program writes.
func (p *pack) append() {
	f, err := os.OpenFile(p.name, os.O_RDWR|os.O_CREATE, 0o600) // for its owner alone
	if err != nil {
		return
	}
	if !p.reads(f) { // another file by now
		p.places, p.end = make(map[string]place), 0
	}
	p.end = scan(f, p.end, p.places)
	f.Truncate(p.end)           // no rest of what makes no sense is found behind what is added
	f.WriteAt(p.waiting, p.end) // what was written of it is found now
	p.end = scan(f, p.end, p.places)
	if p.file != nil {
		p.file.Close()
	}
	p.file = f
}

// reads reports whether a file is the one that is read from, and is whole.
func (p *pack) reads(f *os.File) bool {
	if p.file == nil {
		return false
	}
	mine, err := p.file.Stat()
	if err != nil {
		return false
	}
	now, err := f.Stat()
	return err == nil && os.SameFile(mine, now) && now.Size() >= p.end
}
