package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is the largest file that is read, in bytes. The largest pictures of
// phones have about half of it.
const maxFile = 50 << 20

// A source is a photo file in memory.
type source struct {
	data   []byte
	digest string // SHA-256, in hex
}

// read reads a whole file. What isn't a regular file is never opened, because
// opening a pipe waits for its other end.
func read(file string) (source, error) {
	info, err := os.Stat(file)
	if err != nil {
		return source{}, unreadable(err)
	}
	if err := checkMode(info.Mode()); err != nil {
		return source{}, err
	}
	f, err := os.Open(file)
	if err != nil {
		return source{}, unreadable(err)
	}
	defer f.Close()

	hash := sha256.New()
	buf := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxFile)+bytes.MinRead))
	if _, err := buf.ReadFrom(io.TeeReader(io.LimitReader(f, maxFile+1), hash)); err != nil {
		return source{}, unreadable(err)
	}
	if err := checkLength(buf.Len()); err != nil {
		return source{}, err
	}
	return source{buf.Bytes(), hex.EncodeToString(hash.Sum(nil))}, nil
}

func checkMode(mode fs.FileMode) error {
	switch {
	case mode.IsDir():
		return &Error{Reason: NotAFile, Message: "is a folder", Hint: "name the photo in it"}
	case !mode.IsRegular():
		return &Error{Reason: NotAFile, Message: "is not a regular file"}
	}
	return nil
}

func checkLength(n int) error {
	switch {
	case n == 0:
		return &Error{Reason: Empty, Message: "is empty", Hint: "copy the photo again"}
	case n > maxFile:
		return &Error{
			Reason:  TooLarge,
			Message: fmt.Sprintf("has more than %d MiB", maxFile>>20),
			Hint:    "save a smaller copy",
		}
	}
	return nil
}

// unreadable keeps the system's reason, without the path on this machine.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Reason: Missing, Message: "there is no such file", Err: fs.ErrNotExist}
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return &Error{Reason: Unreadable, Message: "can't be read: " + err.Error(), Err: err}
}
