package main

import "io"

// An output is the standard output. It remembers the first write that failed, so
// that a command whose answer got lost doesn't end as if it had been read.
type output struct {
	io.Writer
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil && o.failed == nil {
		o.failed = err
	}
	return n, err
}

// behind returns what an output writes to: only that tells whether it is a
// terminal, and only that can be given to another program as it is.
func behind(w any) any {
	if o, ok := w.(*output); ok {
		return o.Writer
	}
	return w
}
