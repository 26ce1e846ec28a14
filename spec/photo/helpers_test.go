package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"kivaform/spec/photo"
)

var (
	red   = color.RGBA{255, 0, 0, 255}
	green = color.RGBA{0, 255, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters draws four rectangles: red and green above, blue and white below.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(red), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(w/2, 0, w, h/2), image.NewUniform(green), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(0, h/2, w/2, h), image.NewUniform(blue), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(w/2, h/2, w, h), image.NewUniform(white), image.Point{}, draw.Src)
	return m
}

// noise draws a picture that no encoder can make small.
func noise(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32()) | byte(i%4/3*255) // opaque
	}
	return m
}

func asJPEG(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asPNG(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asGIF(m image.Image) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func paletted(m image.Image) *image.Paletted {
	p := image.NewPaletted(m.Bounds(), palette.WebSafe)
	draw.Draw(p, p.Rect, m, m.Bounds().Min, draw.Src)
	return p
}

// segment returns a JPEG segment.
func segment(marker byte, payload string) []byte {
	b := []byte{0xff, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)+2))
	return append(b, payload...)
}

// withSegments puts segments behind the start of a JPEG.
func withSegments(jpg []byte, segments ...[]byte) []byte {
	return slices.Concat(jpg[:2], slices.Concat(segments...), jpg[2:])
}

// chunk returns a PNG chunk.
func chunk(kind, payload string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(b, kind+payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunks puts chunks behind the header of a PNG.
func withChunks(pngData []byte, chunks ...[]byte) []byte {
	const header = 8 + 12 + 13
	return slices.Concat(pngData[:header], slices.Concat(chunks...), pngData[header:])
}

// exif returns what a phone writes: its name, how it was held, and where.
func exif(order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}, orientation uint16) string {
	b := []byte("II")
	if order.Uint16([]byte{0, 1}) == 1 {
		b = []byte("MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	entry := func(tag, kind uint16, count uint32, value []byte) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		b = append(b, value...)
	}
	const gps, model = 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 12 + 4
	b = order.AppendUint16(b, 3)
	entry(0x0110, 2, 12, order.AppendUint32(nil, model))
	entry(0x0112, 3, 1, append(order.AppendUint16(nil, orientation), 0, 0))
	entry(0x8825, 4, 1, order.AppendUint32(nil, gps))
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x0001, 2, 2, []byte("S\x00\x00\x00"))
	b = order.AppendUint32(b, 0)
	return string(b) + "SecretPhone\x00"
}

func write(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// send encodes a photo, holds its facts against the bytes and Inspect, and
// decodes it.
func send(t testing.TB, data []byte, limits photo.Limits) (photo.Photo, []byte, image.Image) {
	t.Helper()
	file := write(t, data)
	p, out, err := encodeFile(file, limits)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	inspected, err := inspectFile(file, limits, "")
	if err != nil || inspected != p {
		t.Errorf("Inspect: %+v, %v; Encode said %+v", inspected, err, p)
	}
	m, kind, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("the result can't be decoded: %v", err)
	}
	if got := m.Bounds().Size(); got != image.Pt(p.Width, p.Height) || p.Bytes != len(out) || p.MediaType != "image/"+kind {
		t.Errorf("facts %+v, but the result is a %s of %v and %d bytes", p, kind, got, len(out))
	}
	return p, out, m
}

// near reports whether two colours look the same after JPEG.
func near(a, b color.Color) bool {
	ar, ag, ab, aa := a.RGBA()
	br, bg, bb, ba := b.RGBA()
	for _, d := range []int{int(ar) - int(br), int(ag) - int(bg), int(ab) - int(bb), int(aa) - int(ba)} {
		if max(d, -d) > 24<<8 {
			return false
		}
	}
	return true
}

// inspectFile and encodeFile do what photo's functions do, with a file's whole path.
func inspectFile(file string, limits photo.Limits, cacheDir string) (p photo.Photo, err error) {
	err = fromTop(file, func(root *os.Root, name string) error {
		p, err = photo.Inspect(context.Background(), root, name, limits, cacheDir)
		return err
	})
	return p, err
}

func encodeFile(file string, limits photo.Limits) (p photo.Photo, data []byte, err error) {
	err = fromTop(file, func(root *os.Root, name string) error {
		p, data, err = photo.Encode(context.Background(), root, name, limits)
		return err
	})
	return p, data, err
}

// fromTop opens the root of the file system.
func fromTop(file string, use func(root *os.Root, name string) error) error {
	top := filepath.VolumeName(file) + string(filepath.Separator)
	root, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer root.Close()
	return use(root, strings.TrimPrefix(file, top))
}
