package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"kivaform/spec/input"
)

// maxFile is the largest file, in bytes: twice the largest pictures of phones.
const maxFile = 50 << 20

// A source is a photo file in memory.
type source struct {
	data   []byte
	digest string // SHA-256, in hex
}

// openPhoto opens a photo below root.
func openPhoto(root *os.Root, name string) (*os.File, error) {
	f, err := input.Open(root, name)
	switch {
	case errors.Is(err, input.ErrFolder):
		return nil, &Error{Reason: NotAFile, Message: "is a folder", Remedy: "name the photo in it"}
	case errors.Is(err, input.ErrIrregular):
		return nil, &Error{Reason: NotAFile, Message: "is not a regular file"}
	case err != nil:
		return nil, readError(err)
	}
	return f, nil
}

// readSource reads a whole file.
func readSource(ctx context.Context, f *os.File) (source, error) {
	data, err := input.ReadAll(ctx, f, nil, maxFile)
	switch {
	case errors.As(err, new(*input.TooLargeError)):
		return source{}, checkLength(maxFile + 1)
	case err != nil && ctx.Err() != nil:
		return source{}, ctx.Err()
	case err != nil:
		return source{}, readError(err)
	}
	if err := checkLength(len(data)); err != nil {
		return source{}, err
	}
	sum := sha256.Sum256(data)
	return source{data, hex.EncodeToString(sum[:])}, nil
}

func checkLength(n int) error {
	switch {
	case n == 0:
		return &Error{Reason: Empty, Message: "is empty", Remedy: "copy the photo again"}
	case n > maxFile:
		return &Error{
			Reason:  TooLarge,
			Message: fmt.Sprintf("has more than %d MiB", maxFile>>20),
			Remedy:  "save a smaller copy",
		}
	}
	return nil
}

// readError describes a system error without the path on this machine.
func readError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Reason: Missing, Message: "there is no such file", Err: fs.ErrNotExist}
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return &Error{Reason: Unreadable, Message: "can't be read: " + err.Error(), Err: err}
}
