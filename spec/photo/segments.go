package photo

import (
	"bytes"
	"encoding/binary"
	"io"
	"iter"
)

// Markers of a JPEG.
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP1 = 0xe1
)

// Lengths in a PNG, in bytes.
const (
	pngSignature = 8
	pngFrame     = 12 // around a chunk's data: its length, type and checksum
)

// jpegSegments iterates over a JPEG's markers and their data, up to its end or the
// first invalid one. It skips compressed data, which contains no marker but RST.
func jpegSegments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for {
			i := bytes.IndexByte(data, 0xff)
			if i < 0 || i+1 >= len(data) {
				return
			}
			marker := data[i+1]
			if marker == 0xff { // padding
				data = data[i+1:]
				continue
			}
			data = data[i+2:]
			if standsAlone(marker) {
				continue
			}
			if marker == markerEOI || len(data) < 2 {
				return
			}
			n := int(binary.BigEndian.Uint16(data))
			if n < 2 || n > len(data) || !yield(marker, data[2:n]) {
				return
			}
			data = data[n:]
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
