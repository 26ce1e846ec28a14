package photo

import (
	"bytes"
	"encoding/binary"
	"io"
	"iter"
)

// Markers of a JPEG.
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// Lengths in a PNG, in bytes.
const (
	pngSignature = 8
	pngFrame     = 12 // around a chunk's data: its length, type and checksum
)

// A span is the position of a segment in a JPEG, from its marker on.
type span struct {
	marker     byte
	start, end int
}

// jpegSpans iterates over a JPEG's segments, up to its end, which comes last, or the
// first invalid one. It skips compressed data, which contains no marker but RST.
func jpegSpans(data []byte) iter.Seq[span] {
	const markerLength = 2
	return func(yield func(span) bool) {
		for at := 0; ; {
			i := bytes.IndexByte(data[at:], 0xff)
			if i < 0 || at+i+1 >= len(data) {
				return
			}
			start := at + i
			marker := data[start+1]
			if marker == 0xff { // padding
				at = start + 1
				continue
			}
			at = start + markerLength
			switch {
			case standsAlone(marker):
				continue
			case marker == markerEOI:
				yield(span{marker, start, at})
				return
			case len(data)-at < 2:
				return
			}
			n := int(binary.BigEndian.Uint16(data[at:]))
			if n < 2 || n > len(data)-at || !yield(span{marker, start, at + n}) {
				return
			}
			at += n
		}
	}
}

// jpegSegments iterates over a JPEG's markers and their data.
func jpegSegments(data []byte) iter.Seq2[byte, []byte] {
	const head = 4 // marker and length
	return func(yield func(byte, []byte) bool) {
		for s := range jpegSpans(data) {
			if s.marker != markerEOI && !yield(s.marker, data[s.start+head:s.end]) {
				return
			}
		}
	}
}

// standsAlone reports whether a marker has no data: an escaped 0xff, TEM, RST0
// to RST7, SOI.
func standsAlone(marker byte) bool {
	return marker <= 0x01 || 0xd0 <= marker && marker <= markerSOI
}

func countScans(data []byte) int {
	n := 0
	for marker := range jpegSegments(data) {
		if marker == markerSOS {
			n++
		}
	}
	return n
}

// pngChunks iterates over a PNG's chunk types and their data.
func pngChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for data := data[pngSignature:]; len(data) >= pngFrame; {
			n := binary.BigEndian.Uint32(data)
			if int64(n) > int64(len(data)-pngFrame) || !yield(string(data[4:8]), data[8:8+n]) {
				return
			}
			data = data[pngFrame+n:]
		}
	}
}

// afterPNG is [bytesAfterEnd] for a PNG.
func afterPNG(data []byte) ([]byte, error) {
	end := pngSignature
	for kind, chunk := range pngChunks(data) {
		end += pngFrame + len(chunk)
		if kind == "IEND" {
			return data[end:], nil
		}
	}
	return nil, io.ErrUnexpectedEOF
}
