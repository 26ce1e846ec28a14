package load

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/input"
	"kivaform/spec/yamldoc"
)

func firstFile(root *os.Root, names []string) string {
	for _, name := range names {
		if _, err := root.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

// readYAML reads the documents of the reader's file, and returns its bytes. An
// unreadable file is a fault.
func (l *loader) readYAML(r *yamldoc.Reader, visit func(*yaml.Node)) []byte {
	if input.IsHidden(l.root, r.File) {
		r.Faults = append(r.Faults, hiddenFault(spec.Pos{File: r.File}, ""))
		return nil
	}
	var content []byte
	err := l.buffers.Read(l.ctx, l.root, r.File, maxFile, func(data []byte) {
		content = bytes.Clone(data)
		r.Documents(content, visit)
	})
	if err != nil {
		r.Faults = append(r.Faults, fileFault(code.Unreadable, spec.Pos{File: r.File}, "", err))
	}
	return content
}

// hiddenFault refuses a hidden file, which belongs to a program or holds a
// person's secrets.
func hiddenFault(at spec.Pos, path string) *spec.Fault {
	return code.NewFault(code.Path, at, path, "leads to a hidden file or folder, which isn't read", "keep the file where all can see it")
}

// fileFault says why a file can't be read, in words that are the same on each
// system.
func fileFault(c code.Code, at spec.Pos, path string, err error) *spec.Fault {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return code.NewFault(c, at, path, "there is no such file", "paths are relative to the file that names them")
	case errors.Is(err, fs.ErrPermission):
		return code.NewFault(c, at, path, "this file may not be read", "change its permissions")
	case errors.Is(err, input.ErrIrregular), errors.Is(err, input.ErrFolder):
		return code.NewFault(c, at, path, err.Error(), "name a file of the workspace")
	case errors.As(err, new(*input.TooLargeError)):
		return code.NewFault(c, at, path, err.Error(), "divide the file")
	case errors.Is(err, errEscapes()):
		return code.NewFault(c, at, path, "leaves the workspace through a symbolic link", "keep the file in the workspace")
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return code.NewFault(c, at, path, "can't be read: "+err.Error(), "")
}

// errEscapes returns os.Root's error for a path that leads out of it, which
// package os doesn't export; nil if it can't be found.
var errEscapes = sync.OnceValue(func() error {
	root, err := os.OpenRoot(os.TempDir())
	if err != nil {
		return nil
	}
	defer root.Close()
	_, err = root.Lstat("..")
	return errors.Unwrap(err)
})

// Limits of a workspace. A hundred thousand loans stay far below them; files
// made to exhaust memory don't.
const (
	maxFile        = 64 << 20  // bytes of a YAML or CSV file
	maxList        = 1000      // borrowers or instalments of a draft
	maxParsedMarks = 2_000_000 // in a file whose documents are all in memory at once
	maxGlobs       = 1000
	maxGlob        = 500 // bytes of a pattern
)

// A budget bounds the bytes, values, rows and faults still to be read. It is
// safe for concurrent use.
type budget struct {
	bytes  atomic.Int64 // of YAML and CSV files
	marks  atomic.Int64 // see takeMarks
	rows   atomic.Int64 // of CSV files
	faults atomic.Int64
}

func newBudget() *budget {
	b := &budget{}
	b.bytes.Store(1 << 30)
	b.marks.Store(20_000_000)
	b.rows.Store(5_000_000)
	b.faults.Store(500_000)
	return b
}

// takeFile reserves a file's content, and reports whether the budget allowed it.
func (b *budget) takeFile(data []byte) bool {
	return b.bytes.Add(-int64(len(data))) >= 0
}

// takeMarks reserves marks, see [yamldoc.CountMarks], and reports whether the
// budget allowed them.
func (b *budget) takeMarks(n int) bool { return b.marks.Add(-int64(n)) >= 0 }

// isSpent reports whether the workspace exceeded a limit.
func (b *budget) isSpent() bool {
	return b.bytes.Load() < 0 || b.marks.Load() < 0 || b.rows.Load() < 0 || b.faults.Load() < 0
}

// fault returns the fault of a workspace that is too large, else nil.
func (b *budget) fault(file string) *spec.Fault {
	var message string
	switch {
	case b.bytes.Load() < 0:
		message = "the YAML and CSV files of the workspace have more than 1 GiB"
	case b.marks.Load() < 0:
		message = "the documents of the workspace have more than 20 million values"
	case b.rows.Load() < 0:
		message = "the CSV files of the workspace have more than 5 million rows"
	case b.faults.Load() < 0:
		message = "there are more than 500,000 faults and warnings"
	default:
		return nil
	}
	return code.NewFault(code.TooMany, spec.Pos{File: file}, "", message+": the rest wasn't read", "move documents of earlier years to another workspace, or name files that aren't documents under ignore")
}
