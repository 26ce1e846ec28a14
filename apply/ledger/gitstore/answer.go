package gitstore

import (
	"bytes"
	"errors"
)

const (
	// maxAnswer is the most bytes that one run of git may answer. The names of
	// two million objects are less.
	maxAnswer = 128 << 20
	// maxWords is how much is kept of git's messages, to which a host adds its own.
	maxWords = 64 << 10
)

var errTooMuch = errors.New("the answer is too large")

// An answer takes git's output. If that is too long, it ends git: a few
// bytes of a branch can stand for any number of names or zeros.
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

// lastWords keeps the end of git's messages, where git says why it fails.
type lastWords struct{ text []byte }

func (w *lastWords) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	if len(w.text) > 2*maxWords {
		w.text = append(w.text[:0], w.kept()...)
	}
	return len(p), nil
}

func (w *lastWords) kept() []byte { return w.text[max(0, len(w.text)-maxWords):] }
