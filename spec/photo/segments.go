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
	pngFrame     = 12 // around a chunk: its length, type and checksum
)

// segments walks over the segments of a JPEG up to its end or the first
// nonsense: markers, and what they hold. Compressed data between them is
// passed over, because it has no marker of its own but RST.
func segments(data []byte) iter.Seq2[byte, []byte] {
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

// standsAlone reports whether a marker has no segment: an escaped 0xff, TEM,
// RST0 to RST7, SOI.
func standsAlone(marker byte) bool {
	return marker <= 0x01 || 0xd0 <= marker && marker <= markerSOI
}

func countScans(data []byte) int {
	n := 0
	for marker := range segments(data) {
		if marker == markerSOS {
			n++
		}
	}
	return n
}

// chunks walks over the chunks of a PNG: types, and what they hold.
func chunks(data []byte) iter.Seq2[string, []byte] {
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

// afterPNG is [after] for a PNG.
func afterPNG(data []byte) ([]byte, error) {
	end := pngSignature
	for kind, chunk := range chunks(data) {
		end += pngFrame + len(chunk)
		if kind == "IEND" {
			return data[end:], nil
		}
	}
	return nil, io.ErrUnexpectedEOF
}
