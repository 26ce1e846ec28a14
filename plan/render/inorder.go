package render

import (
	"runtime"
	"sync"
)

// pieceSize is how many things are shown one after the other.
const pieceSize = 40

// inOrder shows n things in their order. Many are shown side by side, in
// pieces of which a few at a time are in memory.
func (t *text) inOrder(n int, show func(t *text, i int)) {
	if n <= pieceSize {
		for i := range n {
			show(t, i)
		}
		return
	}
	apart := sync.Pool{New: func() any { return &text{Options: t.Options, plan: t.plan} }}
	pieces := make(chan chan *text, 2*runtime.GOMAXPROCS(0))
	go func() {
		defer close(pieces)
		for from := 0; from < n; from += pieceSize {
			done := make(chan *text, 1)
			pieces <- done
			go func() { done <- apart.Get().(*text).piece(from, min(from+pieceSize, n), show) }()
		}
	}()
	t.flush()
	for done := range pieces {
		p := <-done
		t.hand(p.out)
		apart.Put(p)
	}
}

// piece shows some things, apart from the text that they belong to.
func (t *text) piece(from, to int, show func(t *text, i int)) *text {
	t.out = t.out[:0]
	for i := from; i < to; i++ {
		show(t, i)
	}
	return t
}
