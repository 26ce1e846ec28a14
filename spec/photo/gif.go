package photo

import (
	"errors"
	"io"
)

var errGIFBlock = errors.New("gif: unknown block")

// afterGIF is [after] for a GIF. The decoder can't tell: it stops after the
// first frame.
func afterGIF(data []byte) ([]byte, error) {
	g := gifReader{data: data}
	screen := g.take(13)
	g.takeColours(screen[10])
	for g.err == nil {
		switch g.take(1)[0] {
		case ';':
			return g.data, g.err
		case '!': // an extension: its label, its data
			g.take(1)
			g.takeBlocks()
		case ',': // a frame: its place, its colours, the size of its codes, its data
			frame := g.take(9)
			g.takeColours(frame[8])
			g.take(1)
			g.takeBlocks()
		default:
			g.fail(errGIFBlock)
		}
	}
	return nil, g.err
}

// A gifReader takes a GIF apart and remembers the first failure.
type gifReader struct {
	data []byte
	err  error
}

// take returns the next n bytes, or n zeros after a failure.
func (g *gifReader) take(n int) []byte {
	if n > len(g.data) {
		g.fail(io.ErrUnexpectedEOF)
	}
	if g.err != nil {
		return make([]byte, n)
	}
	b := g.data[:n]
	g.data = g.data[n:]
	return b
}

// takeColours takes a table of colours, if the flags before it announce one.
func (g *gifReader) takeColours(flags byte) {
	if flags&0x80 != 0 {
		g.take(3 << (flags&7 + 1))
	}
}

// takeBlocks takes data in blocks, each with its length, up to the empty one.
func (g *gifReader) takeBlocks() {
	for {
		n := int(g.take(1)[0])
		if n == 0 {
			return
		}
		g.take(n)
	}
}

func (g *gifReader) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}
