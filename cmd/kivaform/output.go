package main

import "io"

// An output is a standard stream. Where a runner of GitHub reads it, nothing
// that is written to it is taken for a command. It remembers the first write
// that failed, so that a command whose answer got lost doesn't end as if it had
// been read.
type output struct {
	stream io.Writer
	text   io.Writer // the stream, without commands where a runner reads it
	failed error
}

func (a *app) output(stream io.Writer) *output {
	return &output{stream: stream, text: a.withoutCommands(stream)}
}

func (o *output) Write(p []byte) (int, error) { return o.write(o.text, p) }

func (o *output) write(to io.Writer, p []byte) (int, error) {
	n, err := to.Write(p)
	if err != nil && o.failed == nil {
		o.failed = err
	}
	return n, err
}

// exactly is an output on which everything stays as it is.
type exactly struct{ *output }

func (e exactly) Write(p []byte) (int, error) { return e.write(e.stream, p) }

// asIs returns a stream for what must not be changed: what programs read, and
// commands that are meant.
func asIs(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return exactly{o}
	}
	return w
}

// behind returns what an output writes to: only that tells whether it is a
// terminal, and only that can be given to another program as it is.
func behind(w any) any {
	if o, ok := w.(*output); ok {
		return o.stream
	}
	return w
}
