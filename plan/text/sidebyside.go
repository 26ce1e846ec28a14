package text

import (
	"bufio"
	"bytes"
	"runtime"
	"sync"
)

// pieceSize is how many things one goroutine shows.
const pieceSize = 64

// sideBySide shows n things in their order. Many are shown in pieces side by
// side, as many as there are processors, which are then written in turn.
func (p *printer) sideBySide(n int, show func(p *printer, i int)) {
	pieces := make([]bytes.Buffer, runtime.GOMAXPROCS(0))
	for from := 0; from < n; {
		var all sync.WaitGroup
		for k := range pieces {
			first, last := from, min(from+pieceSize, n)
			from = last
			all.Go(func() { p.piece(&pieces[k], first, last, show) })
		}
		all.Wait()
		for k := range pieces {
			p.w.Write(pieces[k].Bytes())
			pieces[k].Reset()
		}
	}
}

// piece shows some of the things into a buffer.
func (p *printer) piece(into *bytes.Buffer, first, last int, show func(p *printer, i int)) {
	apart := &printer{Options: p.Options, view: p.view, w: bufio.NewWriter(into)}
	for i := first; i < last; i++ {
		show(apart, i)
	}
	apart.w.Flush()
}
