package load

import (
	"crypto/sha256"
	"encoding/binary"
	"path/filepath"

	"kivaform/spec/cache"
)

// The folders of CacheDir.
const (
	checkedFolder = "checked" // compact forms of files
	photosFolder  = "photos"  // facts of photos
)

// openCache prepares to keep what is made of files. Where the folder can't be
// used, all files are read.
func (l *loader) openCache(o Options) {
	if o.CacheDir == "" || !o.Recall {
		return
	}
	kept, err := cache.Open(filepath.Join(o.CacheDir, checkedFolder))
	if err != nil {
		return
	}
	l.cache, l.grounds = kept, stampOf(append(l.basis, []byte(l.settingsFile), []byte(compactForm), []byte(cache.Build()))...)
}

// closeCache forgets what was made of files that are no longer there.
func (l *loader) closeCache(files []string) {
	if l.cache != nil {
		l.cache.Keep(files)
		l.cache.Close()
	}
}

// stamp digests what documents are made of: their file, the settings and the
// catalogue.
func (l *loader) stamp(data []byte) cache.Stamp {
	if l.cache == nil {
		return cache.Stamp{}
	}
	return stampOf(l.grounds[:], data)
}

func stampOf(parts ...[]byte) (s cache.Stamp) {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	h.Sum(s[:0])
	return s
}

// recall returns what was made of a file last time, if nothing that it was made
// of has changed.
func (l *loader) recall(file string, stamp cache.Stamp) (*documents, bool) {
	if l.cache == nil {
		return nil, false
	}
	data, ok := l.cache.Get(file, stamp)
	if !ok {
		return nil, false
	}
	found, err := expanded(file, data)
	return found, err == nil
}

// remember keeps what was made of a file.
func (l *loader) remember(file string, stamp cache.Stamp, found *documents) {
	if l.cache != nil {
		l.cache.Put(file, stamp, found.compacted(file))
	}
}
