package photo_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math/bits"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"kivaform/spec/photo"
)

// TestFormats sends the same picture in every form that a file can hold.
func TestFormats(t *testing.T) {
	m := quarters(64, 48)
	in := func(dst draw.Image) draw.Image {
		draw.Draw(dst, dst.Bounds(), m, image.Point{}, draw.Src)
		return dst
	}
	for name, tt := range map[string]struct {
		data      []byte
		mediaType string
		gray      bool
	}{
		"JPEG":              {data: asJPEG(m), mediaType: "image/jpeg"},
		"JPEG gray":         {data: asJPEG(in(image.NewGray(m.Rect))), mediaType: "image/jpeg", gray: true},
		"JPEG with a film":  {data: append(asJPEG(m), "\x00\x00\x00\x18ftypmp42 film"...), mediaType: "image/jpeg"},
		"PNG":               {data: asPNG(m), mediaType: "image/png"},
		"PNG gray":          {data: asPNG(in(image.NewGray(m.Rect))), mediaType: "image/png", gray: true},
		"PNG gray 16 bit":   {data: asPNG(in(image.NewGray16(m.Rect))), mediaType: "image/png", gray: true},
		"PNG 16 bit":        {data: asPNG(in(image.NewRGBA64(m.Rect))), mediaType: "image/png"},
		"PNG 16 bit, alpha": {data: asPNG(in(image.NewNRGBA64(m.Rect))), mediaType: "image/png"},
		"PNG paletted":      {data: asPNG(paletted(m)), mediaType: "image/png"},
		"GIF":               {data: asGIF(m), mediaType: "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, got := send(t, tt.data, photo.Limits{})
			sum := sha256.Sum256(tt.data)
			if want := (photo.Photo{Digest: hex.EncodeToString(sum[:]), Picture: p.Picture, MediaType: tt.mediaType, Width: 64, Height: 48, Bytes: p.Bytes}); p != want {
				t.Errorf("facts %+v, want %+v", p, want)
			}
			for _, at := range []image.Point{{8, 8}, {56, 8}, {8, 40}, {56, 40}} {
				want := m.At(at.X, at.Y)
				if tt.gray {
					want = color.GrayModel.Convert(want)
				}
				if !near(got.At(at.X, at.Y), want) {
					t.Errorf("at %v: %v, want %v", at, got.At(at.X, at.Y), want)
				}
			}
		})
	}
}

// TestCMYK sends what image programs write for printers.
func TestCMYK(t *testing.T) {
	_, _, got := send(t, cmykJPEG(0, 255, 255, 0), photo.Limits{})
	if !near(got.At(3, 3), red) {
		t.Errorf("magenta and yellow ink gave %v, want red", got.At(3, 3))
	}
}

// cmykJPEG returns a JPEG of 8 × 8 pixels with the given inks. Each block is
// one coefficient: its size in 5 bits, its value, and one bit that ends it.
func cmykJPEG(inks ...byte) []byte {
	var scan bitString
	frame, header := "\x08\x00\x08\x00\x08\x04", "\x04"
	for i, ink := range inks {
		frame += string([]byte{byte(i + 1), 0x11, 0})
		header += string([]byte{byte(i + 1), 0})
		level := 255 - int(ink) - 128 // Adobe writes inks inverted
		n := bits.Len(uint(max(level, -level)))
		scan.add(n, 5)
		if level < 0 {
			level += 1<<n - 1
		}
		scan.add(level, n)
		scan.add(0, 1)
	}
	return bytes.Join([][]byte{
		{0xff, 0xd8},
		segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x00"),
		segment(0xdb, "\x00"+strings.Repeat("\x08", 64)),
		segment(0xc0, frame),
		segment(0xc4, "\x00\x00\x00\x00\x00\x0c"+strings.Repeat("\x00", 11)+"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"),
		segment(0xc4, "\x10\x01"+strings.Repeat("\x00", 15)+"\x00"),
		segment(0xda, header+"\x00\x3f\x00"),
		scan.bytes(),
		{0xff, 0xd9},
	}, nil)
}

// A bitString collects the compressed data of a JPEG.
type bitString string

func (b *bitString) add(value, n int) {
	for i := n - 1; i >= 0; i-- {
		*b += bitString("01"[value>>i&1])
	}
}

func (b bitString) bytes() (data []byte) {
	for b += "1111111"; len(b) >= 8; b = b[8:] {
		var v byte
		for _, c := range b[:8] {
			v = v<<1 | byte(c-'0')
		}
		if data = append(data, v); v == 0xff {
			data = append(data, 0)
		}
	}
	return data
}

// TestGIFFrame puts a first frame that is smaller than the GIF in its place.
func TestGIFFrame(t *testing.T) {
	frame := image.NewPaletted(image.Rect(10, 10, 20, 20), color.Palette{red, blue})
	second := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{green})
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{
		Image:  []*image.Paletted{frame, second},
		Delay:  []int{1, 1},
		Config: image.Config{Width: 40, Height: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, got := send(t, b.Bytes(), photo.Limits{})
	if got.Bounds().Size() != image.Pt(40, 30) || !near(got.At(15, 15), red) || !near(got.At(5, 5), color.Transparent) {
		t.Errorf("%v with %v in the frame and %v beside it", got.Bounds(), got.At(15, 15), got.At(5, 5))
	}
}

func TestScaling(t *testing.T) {
	for name, tt := range map[string]struct {
		size   image.Point
		limits photo.Limits
		want   image.Point
	}{
		"wide":         {image.Pt(600, 300), photo.Limits{MaxPixels: 100}, image.Pt(100, 50)},
		"tall":         {image.Pt(300, 600), photo.Limits{MaxPixels: 100}, image.Pt(50, 100)},
		"rounded":      {image.Pt(640, 427), photo.Limits{MaxPixels: 100}, image.Pt(100, 67)},
		"a line":       {image.Pt(3000, 1), photo.Limits{MaxPixels: 100}, image.Pt(100, 1)},
		"never larger": {image.Pt(60, 30), photo.Limits{MaxPixels: 100}, image.Pt(60, 30)},
		"exact":        {image.Pt(100, 30), photo.Limits{MaxPixels: 100}, image.Pt(100, 30)},
		"one pixel":    {image.Pt(1, 1), photo.Limits{}, image.Pt(1, 1)},
		"default":      {image.Pt(2500, 50), photo.Limits{}, image.Pt(2000, 40)},
	} {
		t.Run(name, func(t *testing.T) {
			if p, _, _ := send(t, asJPEG(quarters(tt.size.X, tt.size.Y)), tt.limits); image.Pt(p.Width, p.Height) != tt.want {
				t.Errorf("%d × %d, want %v", p.Width, p.Height, tt.want)
			}
		})
	}
}

// TestScalingKeepsThePicture compares with the same picture drawn smaller, over
// the borders of the strips that it is scaled in.
func TestScalingKeepsThePicture(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 420, 330))
	for y := range 330 {
		for x := range 420 {
			m.SetRGBA(x, y, color.RGBA{byte(x * 255 / 420), byte(y * 255 / 330), byte((x + y) * 255 / 750), 255})
		}
	}
	_, _, got := send(t, asPNG(m), photo.Limits{MaxPixels: 280})
	for y := range 220 {
		for x := range 280 {
			if want := m.At(x*3/2, y*3/2); !near(got.At(x, y), want) {
				t.Fatalf("at %d,%d: %v, want %v", x, y, got.At(x, y), want)
			}
		}
	}
}

func TestMaxBytes(t *testing.T) {
	m := noise(150, 100)
	best, _, _ := send(t, asJPEG(m), photo.Limits{})
	less, _, _ := send(t, asJPEG(m), photo.Limits{MaxBytes: best.Bytes - 1})
	if less.Width != 150 || less.Bytes >= best.Bytes {
		t.Errorf("a little less: %+v, want the same size at a lower quality", less)
	}
	for _, data := range [][]byte{asJPEG(m), asPNG(m), asGIF(m)} {
		for _, most := range []int{10_000, 4_000, 1_500} {
			p, _, _ := send(t, data, photo.Limits{MaxBytes: most})
			if p.Bytes > most || p.Bytes < most/4 || p.MediaType != "image/jpeg" {
				t.Errorf("at most %d bytes: %+v", most, p)
			}
			if ratio := float64(p.Width) / float64(p.Height); ratio < 1.45 || ratio > 1.55 {
				t.Errorf("%d × %d has another form than 150 × 100", p.Width, p.Height)
			}
		}
	}
}

// TestTransparent keeps what is transparent in a PNG and puts it on white in a
// JPEG. What was erased stays erased.
func TestTransparent(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	draw.Draw(m, image.Rect(0, 0, 100, 100), noise(100, 100), image.Point{}, draw.Src)
	for y := range 100 {
		for x := 100; x < 200; x++ {
			m.SetNRGBA(x, y, color.NRGBA{200, 10, 10, 0})
		}
	}
	_, _, got := send(t, asPNG(m), photo.Limits{})
	if c := color.NRGBAModel.Convert(got.At(150, 50)); c != (color.NRGBA{}) {
		t.Errorf("in a PNG: %v, want transparent black", c)
	}
	p, _, got := send(t, asPNG(m), photo.Limits{MaxBytes: 20_000})
	if p.MediaType != "image/jpeg" || !near(got.At(p.Width*3/4, p.Height/2), white) {
		t.Errorf("in a %s: %v, want white", p.MediaType, got.At(p.Width*3/4, p.Height/2))
	}
}

func TestSameBytesAgain(t *testing.T) {
	file := write(t, asJPEG(noise(300, 200)))
	limits := photo.Limits{MaxPixels: 200, MaxBytes: 10_000}
	_, first, err := encodeFile(file, limits)
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := encodeFile(file, limits)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the second time %d other bytes than the first time's %d, %v", len(second), len(first), err)
	}
}

func TestDataURI(t *testing.T) {
	data := asJPEG(quarters(8, 8))
	encoded, ok := strings.CutPrefix(photo.DataURI("image/jpeg", data), "data:image/jpeg;base64,")
	if !ok {
		t.Fatal("no data URI of a JPEG")
	}
	back, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !bytes.Equal(back, data) {
		t.Errorf("not the same bytes: %v", err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(back)); err != nil {
		t.Error(err)
	}
}
