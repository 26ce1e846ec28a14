package spec

import "time"

// Options change what Load does. The zero value reads everything.
type Options struct {
	Environment string           // instead of the one that kiva.yaml chooses
	Now         func() time.Time // time.Now if nil; an environment's own today wins

	// Begin is called with the settings and the catalogue, before any document
	// is read, for what can be done meanwhile. The set is the one that Load
	// returns.
	Begin func(*Set)

	// CacheDir is a folder for the facts of photos, by their content, and for
	// Recall. Only its owner must be able to write it. Nothing is kept if empty.
	CacheDir string

	// Recall takes what was made of a file from CacheDir while the file, the
	// settings and the catalogue are the same. It is for a look: whatever is sent
	// or recorded must be read.
	Recall bool

	// Fingerprint digests what is sent of a resource. What it returns is kept
	// with the resource, so that a look needs none of an unchanged one. It must
	// follow from its arguments alone. It may be nil.
	Fingerprint func(Address, []Field) string

	// MaxErrors is the number of errors in one file after which its rest isn't
	// read; 1,000 if zero.
	MaxErrors int

	// Progress is told how many "files", and then "photos", were read, of how
	// many; by several goroutines. It may be nil.
	Progress func(what string, done, total int)
}
