// Package input reads files of a workspace, which may have been written by
// somebody who wants to do harm: only regular files, no more bytes than a
// limit, and no longer than until a context ends.
package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrIrregular is the error for a pipe, a device or a socket. Opening or reading
// one may block, and may never end.
var ErrIrregular = errors.New("is not a regular file")

// ErrFolder is the error for a folder in the place of a file.
var ErrFolder = errors.New("is a folder")

// A TooLargeError is the error for a file of more bytes than are read.
type TooLargeError struct{ Limit int64 }

// Error names the limit.
func (e *TooLargeError) Error() string { return fmt.Sprintf("has more than %d MiB", e.Limit>>20) }

// Open opens a regular file below root for reading. Opening never waits, and
// what was opened is judged, not what had the name before.
func Open(root *os.Root, name string) (*os.File, error) {
	return regular(root.OpenFile(name, os.O_RDONLY|nonblocking, 0))
}

func regular(f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, irregular(err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = ErrFolder
	case !info.Mode().IsRegular():
		err = ErrIrregular
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadNamed reads a regular file that a person named on the command line.
func ReadNamed(ctx context.Context, name string, limit int64) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: name, Err: ErrIrregular} // some devices act when they are opened
	}
	f, err := regular(os.OpenFile(name, os.O_RDONLY|nonblocking, 0))
	if err != nil {
		return nil, named(name, err)
	}
	defer f.Close()
	data, err := ReadAll(ctx, f, nil, limit)
	return data, named(name, err)
}

// named adds the name to an error that has none.
func named(name string, err error) error {
	if err == nil || errors.As(err, new(*os.PathError)) || errors.Is(err, context.Canceled) {
		return err
	}
	return &os.PathError{Op: "read", Path: name, Err: err}
}

// ReadAll reads a file to its end into buffer, which grows as needed. It returns
// the buffer also with an error, so that it can be used again.
func ReadAll(ctx context.Context, f *os.File, buffer []byte, limit int64) ([]byte, error) {
	data := buffer[:0]
	info, err := f.Stat()
	if err != nil {
		return data, err
	}
	if info.Size() > limit {
		return data, &TooLargeError{limit}
	}
	if need := int(info.Size()) + leastRoom; cap(data) < need {
		data = make([]byte, 0, max(need, min(2*cap(data), mostKept)))
	}
	for r := (Reader{ctx, f}); err == nil; { // the file may have grown since
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		var n int
		n, err = r.Read(data[len(data):min(cap(data), len(data)+step)])
		if data = data[:len(data)+n]; int64(len(data)) > limit {
			return data, &TooLargeError{limit}
		}
	}
	if err == io.EOF {
		err = nil
	}
	return data, err
}

const (
	leastRoom = 512     // bytes beyond a file's size: the read that finds the end needs room
	step      = 1 << 20 // bytes between two looks at the context
)

// A Reader reads from From until its context ends.
type Reader struct {
	Context context.Context
	From    io.Reader
}

// Read returns the context's error once it has ended.
func (r Reader) Read(p []byte) (int, error) {
	if err := r.Context.Err(); err != nil {
		return 0, err
	}
	return r.From.Read(p)
}
