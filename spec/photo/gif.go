package photo

import (
	"errors"
	"io"
)

var errGIFBlock = errors.New("gif: unknown block")

// afterGIF is [bytesAfterEnd] for a GIF, whose decoder stops after the first
// frame.
func afterGIF(data []byte) ([]byte, error) {
	g := gifReader{data: data}
	screen := g.takeBytes(13)
	g.takeColours(screen[10])
	for g.err == nil {
		switch g.takeBytes(1)[0] {
		case ';':
			return g.data, g.err
		case '!': // an extension: its label, its data
			g.takeBytes(1)
			g.takeBlocks()
		case ',': // a frame: its bounds, its colours, the size of its codes, its data
			frame := g.takeBytes(9)
			g.takeColours(frame[8])
			g.takeBytes(1)
			g.takeBlocks()
		default:
			g.fail(errGIFBlock)
		}
	}
	return nil, g.err
}

// A gifReader splits a GIF and keeps the first error.
type gifReader struct {
	data []byte
	err  error
}

// takeBytes returns the next n bytes, or n zeros after an error.
func (g *gifReader) takeBytes(n int) []byte {
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

// takeColours skips the table of colours that flags announce.
func (g *gifReader) takeColours(flags byte) {
	if flags&0x80 != 0 {
		g.takeBytes(3 << (flags&7 + 1))
	}
}

// takeBlocks skips data in blocks up to the empty one.
func (g *gifReader) takeBlocks() {
	for {
		n := int(g.takeBytes(1)[0])
		if n == 0 {
			return
		}
		g.takeBytes(n)
	}
}

func (g *gifReader) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}
