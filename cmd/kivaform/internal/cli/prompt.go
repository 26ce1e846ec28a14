package cli

import (
	"bufio"
	"context"
	"strings"
)

// ReadLine returns a line without surrounding white space, or ctx's cause if
// that ends first: reading itself can't be interrupted.
func ReadLine(ctx context.Context, in *bufio.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := in.ReadString('\n')
		read <- result{strings.TrimSpace(line), err}
	}()
	select {
	case r := <-read:
		if ctx.Err() != nil { // both happened: the interrupt counts
			return "", context.Cause(ctx)
		}
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
