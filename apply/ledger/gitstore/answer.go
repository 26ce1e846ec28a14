package gitstore

import (
	"bytes"
	"errors"
)

const (
	// maxAnswer bounds the output of one run of git, in bytes. The names of two
	// million objects need less.
	maxAnswer = 128 << 20
	// maxWords bounds the kept part of git's messages, in bytes; hosts add their
	// own.
	maxWords = 64 << 10
)

var errTooMuch = errors.New("the answer is too large")

// An answer receives git's output, and stops git if that is too long: a few
// bytes of a branch can expand to any number of names or zeros.
type answer struct {
	text bytes.Buffer
	over bool
	end  func()
}

func (a *answer) Write(p []byte) (int, error) {
	if a.text.Len()+len(p) > maxAnswer {
		a.over = true
		a.end()
		return 0, errTooMuch
	}
	return a.text.Write(p)
}

// lastWords keeps the end of git's messages, which has the error.
type lastWords struct{ text []byte }

func (w *lastWords) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	if len(w.text) > 2*maxWords {
		w.text = append(w.text[:0], w.keptText()...)
	}
	return len(p), nil
}

func (w *lastWords) keptText() []byte { return w.text[max(0, len(w.text)-maxWords):] }
