package pa2

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"kivaform/kiva/hint"
	"kivaform/kiva/sandbox/internal/folder"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// An EventLog keeps lines in the order of appending. All methods but Begin may
// be called only between Begin and End.
type EventLog interface {
	// Begin locks the log until End. It reports whether the log was replaced
	// since the last Begin.
	Begin() (fresh bool, err error)
	End() error
	// Lines iterates over the complete lines from an offset on, with their line
	// ends.
	Lines(from int64) iter.Seq2[[]byte, error]
	// Append writes a line at the offset at, the end of the complete lines.
	Append(at int64, line []byte) error
	// Read returns the bytes at p.
	Read(p Span) ([]byte, error)
	Name() string
}

// A Span is a range of bytes in an EventLog.
type Span struct {
	at int64
	n  int
}

// OpenLog returns the log in dir, or one in memory if dir is empty.
func OpenLog(dir string) EventLog {
	if dir == "" {
		return &memoryLog{}
	}
	return &fileLog{dir: folder.Dir(dir)}
}

// A fileLog is a log in a file that several processes share. The file is open
// only under the lock.
type fileLog struct {
	dir  folder.Dir
	lock *flock.Flock
	file *os.File
	head []byte // first bytes of the file at the last Begin
}

// headSize covers the random id in a log's first line.
const headSize = 96

const logFile = "events.jsonl"

func (l *fileLog) Name() string { return filepath.Join(string(l.dir), logFile) }

// Begin opens the file under the lock.
func (l *fileLog) Begin() (fresh bool, err error) {
	root, err := l.dir.Open()
	if err != nil {
		return false, err
	}
	defer root.Close()
	if l.lock, err = l.dir.Lock(root, "lock"); err != nil {
		return false, err
	}
	if l.file, err = folder.OpenFile(root, logFile, os.O_RDWR|os.O_CREATE); err != nil {
		return false, errors.Join(err, l.lock.Unlock())
	}
	if fresh, err = l.isReplaced(); err != nil {
		return false, errors.Join(err, l.End())
	}
	return fresh, nil
}

// isReplaced reports whether the file was replaced since the last Begin. Its inode
// number wouldn't tell: systems reuse it.
func (l *fileLog) isReplaced() (bool, error) {
	info, err := l.file.Stat()
	if err != nil {
		return false, err
	}
	head := make([]byte, min(headSize, info.Size()))
	if _, err := l.file.ReadAt(head, 0); err != nil && len(head) > 0 {
		return false, err
	}
	replaced := len(l.head) == 0 || !bytes.HasPrefix(head, l.head)
	l.head = head
	return replaced, nil
}

func (l *fileLog) End() error {
	return errors.Join(l.file.Close(), l.lock.Unlock())
}

// Lines omits a last line without a line end: its writer died, and the lock
// excludes a living one.
func (l *fileLog) Lines(from int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		r := bufio.NewReaderSize(io.NewSectionReader(l.file, from, 1<<62), 1<<16)
		for {
			line, err := readLine(r)
			if err == io.EOF {
				return
			}
			if errors.Is(err, errLongLine) {
				err = hint.With(fmt.Errorf("%s: %w", l.Name(), err), "delete %s: the sandbox has not written it", l.dir)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// maxLine bounds a line, in bytes. A request's body has at most 32 MiB, and many
// characters need more bytes in JSON.
const maxLine = 256 << 20

var errLongLine = fmt.Errorf("a line has more than %d MiB", maxLine>>20)

// readLine reads a line with its end. It returns [io.EOF] for a last line
// without one.
func readLine(r *bufio.Reader) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); err != bufio.ErrBufferFull {
			return line, err
		}
		if len(line) > maxLine {
			return nil, errLongLine
		}
	}
}

// Append overwrites a dead writer's unfinished line. If that was longer, its
// rest stays, without a line end.
func (l *fileLog) Append(at int64, line []byte) error {
	_, err := l.file.WriteAt(line, at)
	return err
}

func (l *fileLog) Read(p Span) ([]byte, error) {
	b := make([]byte, p.n)
	_, err := l.file.ReadAt(b, p.at)
	return b, err
}

// A memoryLog is a log in memory.
type memoryLog struct{ data []byte }

func (l *memoryLog) Name() string         { return "memory" }
func (l *memoryLog) Begin() (bool, error) { return false, nil }
func (l *memoryLog) End() error           { return nil }

func (l *memoryLog) Lines(from int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for at := from; at < int64(len(l.data)); {
			end := at
			for l.data[end] != '\n' {
				end++
			}
			if !yield(l.data[at:end+1], nil) {
				return
			}
			at = end + 1
		}
	}
}

func (l *memoryLog) Append(_ int64, line []byte) error {
	l.data = append(l.data, line...)
	return nil
}

func (l *memoryLog) Read(p Span) ([]byte, error) { return l.data[p.at : p.at+int64(p.n)], nil }
