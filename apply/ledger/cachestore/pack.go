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
	pending  = 4 << 20                // bytes to gather before a write
	patience = 500 * time.Millisecond // wait for another program's write
)

// A pack is a file of many objects, each with its key, in records that are only
// appended. Their positions are known from one pass over the file.
//
// A record has a digest, so that reading detects damage. Bytes after an invalid
// record are ignored, and overwritten.
type pack struct {
	name string // "" for memory only

	mu        sync.Mutex
	file      *os.File // nil without a file
	positions map[string]position
	end       int64               // of the valid records
	waiting   []byte              // records to be written
	young     map[string]position // positions of objects in those
}

// A position is an object's position in a pack, or in its waiting records.
type position struct {
	offset int64 // of the record
	key    int   // bytes
	data   int   // bytes
}

func openPack(name string) *pack {
	p := &pack{name: name, positions: make(map[string]position), young: make(map[string]position)}
	if f, err := os.Open(name); err == nil {
		p.file = f
		p.end = scanRecords(f, 0, p.positions)
	}
	return p
}

// scanRecords records the positions of objects, from an offset on, and returns
// the end of the last valid record.
func scanRecords(f *os.File, from int64, places map[string]position) int64 {
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
		k, d := readLengths(head[:])
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
		places[string(key[:k])] = position{at, k, d}
		at = next
	}
}

func readLengths(head []byte) (key, data int) {
	return int(binary.LittleEndian.Uint32(head[sumSize:])), int(binary.LittleEndian.Uint32(head[sumSize+4:]))
}

// findObject returns a cached, undamaged object.
func (p *pack) findObject(key string) ([]byte, bool) {
	p.mu.Lock()
	at, there := p.young[key]
	if there {
		defer p.mu.Unlock()
		return bytes.Clone(p.waiting[at.offset:][:at.recordSize()][headSize+at.key:]), true
	}
	at, there = p.positions[key]
	file := p.file
	p.mu.Unlock()
	if !there || file == nil {
		return nil, false
	}
	record := make([]byte, at.recordSize())
	if _, err := file.ReadAt(record, at.offset); err != nil {
		return nil, false
	}
	k, d := readLengths(record)
	sound := k == at.key && d == at.data && bytes.Equal(record[:sumSize], digestRecord(record)) && string(record[headSize:headSize+k]) == key
	return record[headSize+at.key:], sound
}

func (at position) recordSize() int { return headSize + at.key + at.data }

// digestRecord returns the digest of the part of a record after it.
func digestRecord(record []byte) []byte {
	sum := sha256.Sum256(record[sumSize:])
	return sum[:sumSize]
}

// addObject caches an object.
func (p *pack) addObject(key string, data []byte) {
	if len(key) > maxKey || len(data) > ledger.MaxObject {
		return
	}
	record := make([]byte, headSize, headSize+len(key)+len(data))
	binary.LittleEndian.PutUint32(record[sumSize:], uint32(len(key)))
	binary.LittleEndian.PutUint32(record[sumSize+4:], uint32(len(data)))
	record = append(append(record, key...), data...)
	copy(record, digestRecord(record))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.young[key] = position{int64(len(p.waiting)), len(key), len(data)}
	p.waiting = append(p.waiting, record...)
	if len(p.waiting) > pending {
		p.flush()
	}
}

// close writes the waiting records. The pack isn't used afterwards.
func (p *pack) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
	if p.file != nil {
		p.file.Close()
	}
}

// flush writes the waiting records. It ignores errors: objects can be read
// again. The caller holds the lock.
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
	p.appendWaiting()
}

// appendWaiting adds the waiting records after the valid ones, and reads from
// that file from then on. No other program writes meanwhile.
func (p *pack) appendWaiting() {
	f, err := os.OpenFile(p.name, os.O_RDWR|os.O_CREATE, 0o600) // of mode 0600
	if err != nil {
		return
	}
	if !p.isReading(f) { // replaced meanwhile
		p.positions, p.end = make(map[string]position), 0
	}
	p.end = scanRecords(f, p.end, p.positions)
	f.Truncate(p.end)           // so that no invalid rest follows the new records
	f.WriteAt(p.waiting, p.end) // records written in part are found now
	p.end = scanRecords(f, p.end, p.positions)
	if p.file != nil {
		p.file.Close()
	}
	p.file = f
}

// isReading reports whether a file is the one being read, and complete.
func (p *pack) isReading(f *os.File) bool {
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
