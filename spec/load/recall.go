package load

import (
	"crypto/sha256"
	"encoding/binary"
	"path/filepath"

	"kivaform/spec/cache"
)

// Folders in CacheDir.
const (
	checkedFolder = "checked" // compact forms of files
	photosFolder  = "photos"  // facts of photos
)

// openCache opens the cache of documents. If that fails, all files are read.
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

// closeCache removes the entries of deleted files.
func (l *loader) closeCache(files []string) {
	if l.cache != nil {
		l.cache.Keep(files)
		l.cache.Close()
	}
}

// stampFile digests the file, the settings and the catalogue.
func (l *loader) stampFile(data []byte) cache.Stamp {
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

// recallFile returns the documents of a file from the cache, if neither the file
// nor the settings nor the catalogue have changed.
func (l *loader) recallFile(file string, stamp cache.Stamp) (*documents, bool) {
	if l.cache == nil {
		return nil, false
	}
	data, ok := l.cache.Get(file, stamp)
	if !ok {
		return nil, false
	}
	found, err := decodeCompact(file, data)
	return found, err == nil
}

// keepFile caches the documents of a file.
func (l *loader) keepFile(file string, stamp cache.Stamp, found *documents) {
	if l.cache != nil {
		l.cache.Put(file, stamp, found.encodeCompact(file))
	}
}
