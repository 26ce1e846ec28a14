package render

import (
	"bytes"
	"runtime"
)

// pieceSize is how many things are shown one after the other.
const pieceSize = 128

// inOrder shows n things in their order. Many are shown side by side, in
// pieces of which a few at a time are in memory.
func (t *text) inOrder(n int, show func(t *text, i int)) {
	if n <= pieceSize {
		for i := range n {
			show(t, i)
		}
		return
	}
	pieces := make(chan chan *bytes.Buffer, 2*runtime.GOMAXPROCS(0))
	go func() {
		defer close(pieces)
		for from := 0; from < n; from += pieceSize {
			done := make(chan *bytes.Buffer, 1)
			pieces <- done
			go func() { done <- t.piece(from, min(from+pieceSize, n), show) }()
		}
	}()
	for done := range pieces {
		t.w.Write((<-done).Bytes())
	}
}

// piece shows some things, apart from the text that they belong to.
func (t *text) piece(from, to int, show func(t *text, i int)) *bytes.Buffer {
	b := bytes.NewBuffer(make([]byte, 0, (to-from)*1024))
	apart := *t
	apart.w, apart.fields = b, nil
	for i := from; i < to; i++ {
		show(&apart, i)
	}
	return b
}
