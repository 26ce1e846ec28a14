package cache

import (
	"io"
	"os"
	"slices"
	"sync"
)

// Buffers are memory that whole files are read into, one after the other, so
// that many of them need little. The zero value is ready. It is safe for use by
// several goroutines.
type Buffers struct{ free sync.Pool }

const leastRoom = 4 << 10 // bytes, when a file is read on

// Read calls use with what a file of root holds, which is good until use
// returns. It returns an error where the file can't be read.
func (b *Buffers) Read(root *os.Root, name string, use func(data []byte)) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	buffer, _ := b.free.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	defer b.free.Put(buffer)
	data := (*buffer)[:0]
	for err == nil {
		var n int
		data = slices.Grow(data, leastRoom)
		n, err = f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
	}
	if *buffer = data; err != io.EOF {
		return err
	}
	use(data)
	return nil
}
