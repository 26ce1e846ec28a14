package input

import (
	"context"
	"os"
	"sync"
)

// Buffers are memory that whole files are read into, one after the other, so
// that many of them need little. The zero value is ready. It is safe for use by
// several goroutines.
type Buffers struct{ free sync.Pool }

// mostKept is the size of the largest buffer that is kept for the next file.
const mostKept = 4 << 20

// Read calls use with the content of a file of root, which is valid until use
// returns. It returns an error where the file can't be read, and a
// [*TooLargeError] for more than limit bytes.
func (b *Buffers) Read(ctx context.Context, root *os.Root, name string, limit int64, use func(data []byte)) error {
	f, err := Open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	buffer, _ := b.free.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	data, err := ReadAll(ctx, f, *buffer, limit)
	if *buffer = data; cap(data) <= mostKept {
		defer b.free.Put(buffer)
	}
	if err == nil {
		use(data)
	}
	return err
}
