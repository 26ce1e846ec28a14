package photo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"image"

	"golang.org/x/image/draw"
)

// digestPicture digests a picture without the metadata of its file, so that a
// photo is the same after a program has removed its metadata. It doesn't depend
// on the limits, nor on the decoder of a Go release: of a JPEG, which decoders
// round in their own ways, it digests the compressed data; of a PNG and a GIF the
// pixels.
func digestPicture(pic picture, data []byte) string {
	h := sha256.New()
	size := pic.image.Bounds().Size()
	fmt.Fprintf(h, "kivaform picture 1 %d×%d %d\n", size.X, size.Y, pic.orientation)
	if pic.format == formatJPEG {
		_, fourComponents := pic.image.(*image.CMYK)
		fmt.Fprintf(h, "JPEG %s\n", colours(pic.image))
		addCompressed(h, data, fourComponents)
	} else {
		addPixels(h, pic.image)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// colours names the way in which a JPEG's components are read, which its
// metadata can change.
func colours(m image.Image) string {
	switch m.(type) {
	case *image.Gray:
		return "gray"
	case *image.YCbCr:
		return "YCbCr"
	case *image.CMYK:
		return "CMYK"
	}
	return "RGB"
}

// addCompressed adds the tables and scans of a JPEG. Adobe's segment tells how four
// components are to be read; no other application segment and no comment has to do
// with the picture.
func addCompressed(h hash.Hash, data []byte, fourComponents bool) {
	scanEnd := 0 // of the header of a scan, whose compressed data follows; else 0
	for s := range jpegSpans(data) {
		if scanEnd > 0 {
			h.Write(data[scanEnd:s.start])
			scanEnd = 0
		}
		metadata := s.marker == markerCOM || markerAPP0 <= s.marker && s.marker <= markerAPP15
		if !metadata || fourComponents && s.marker == markerAPP14 {
			h.Write(data[s.start:s.end])
		}
		if s.marker == markerSOS {
			scanEnd = s.end
		}
	}
}

// addPixels adds pixels as they are sent.
func addPixels(h hash.Hash, m image.Image) {
	bounds := m.Bounds()
	row := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), 1))
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		draw.Draw(row, row.Rect, m, image.Pt(bounds.Min.X, y), draw.Src)
		h.Write(row.Pix)
	}
}
