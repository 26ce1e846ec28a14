package photo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientationIn returns a file's EXIF orientation, 1 to 8; 1 if it is missing or
// invalid.
func orientationIn(f format, data []byte) int {
	switch f {
	case formatJPEG:
		for marker, segment := range jpegSegments(data) {
			if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && marker == markerAPP1 {
				return orientationOf(tiff)
			}
		}
	case formatPNG:
		for kind, chunk := range pngChunks(data) {
			if kind == "eXIf" {
				return orientationOf(chunk)
			}
		}
	}
	return 1
}

// orientationOf reads the orientation tag in the first directory of EXIF data, a
// TIFF file.
func orientationOf(tiff []byte) int {
	const tagOrientation, entrySize = 0x0112, 12
	order, ok := byteOrder(tiff)
	if !ok {
		return 1
	}
	directory, ok := dataFrom(tiff, order.Uint32(tiff[4:]), 2)
	if !ok {
		return 1
	}
	entries := directory[2:]
	for range order.Uint16(directory) {
		if len(entries) < entrySize {
			return 1
		}
		if order.Uint16(entries) == tagOrientation {
			if v := order.Uint16(entries[8:]); 1 <= v && v <= 8 {
				return int(v)
			}
			return 1
		}
		entries = entries[entrySize:]
	}
	return 1
}

// byteOrder reads a TIFF header of 8 bytes.
func byteOrder(tiff []byte) (binary.ByteOrder, bool) {
	switch {
	case len(tiff) < 8:
		return nil, false
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		return binary.LittleEndian, true
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return binary.BigEndian, true
	}
	return nil, false
}

// dataFrom returns data from an offset on, if at least n bytes follow.
func dataFrom(data []byte, offset uint32, n int64) ([]byte, bool) {
	if int64(offset)+n > int64(len(data)) {
		return nil, false
	}
	return data[offset:], true
}

// turnUpright turns a picture by its EXIF orientation.
func turnUpright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return src
	}
	size := src.Bounds().Size()
	// From the result back to the source: first swap the axes, then mirror.
	swap := orientation >= 5
	mirrorX := orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
	mirrorY := orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7

	dst := image.NewRGBA(image.Rectangle{Max: turnedSize(size, orientation)})
	for y := range dst.Rect.Max.Y {
		for x := range dst.Rect.Max.X {
			sx, sy := x, y
			if swap {
				sx, sy = sy, sx
			}
			if mirrorX {
				sx = size.X - 1 - sx
			}
			if mirrorY {
				sy = size.Y - 1 - sy
			}
			copy(dst.Pix[y*dst.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:])
		}
	}
	return dst
}

// turnedSize returns a picture's size after upright.
func turnedSize(size image.Point, orientation int) image.Point {
	if orientation >= 5 {
		return image.Pt(size.Y, size.X)
	}
	return size
}
