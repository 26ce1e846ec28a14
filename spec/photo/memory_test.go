package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
)

// TestMemory holds the bound of each form of pictures against what recoding one
// allocates, all of it, freed in between or not.
func TestMemory(t *testing.T) {
	const width, height = 1500, 1000
	size := image.Rect(0, 0, width, height)
	palette := image.NewPaletted(size, color.Palette{color.Black, color.White})
	smaller := image.NewPaletted(image.Rect(1, 1, width-1, height-1), palette.Palette)
	grey := encodedBy(t, png.Encode, image.NewGray(size))
	for name, data := range map[string][]byte{
		"JPEG":             encodedBy(t, jpegEncode, image.NewYCbCr(size, image.YCbCrSubsampleRatio420)),
		"JPEG grey":        encodedBy(t, jpegEncode, image.NewGray(size)),
		"PNG":              encodedBy(t, png.Encode, image.NewNRGBA(size)),
		"PNG grey":         grey,
		"PNG one colour":   withTransparency(grey),
		"PNG of 16 bits":   encodedBy(t, png.Encode, image.NewNRGBA64(size)),
		"PNG with palette": encodedBy(t, png.Encode, palette),
		"GIF":              encodedBy(t, gifEncode, palette),
		"GIF part":         encodedBy(t, partOf(size), smaller),
	} {
		for _, limits := range []Limits{{MaxPixels: 1000}, {MaxPixels: 1500}, {MaxPixels: 50}} {
			limits = limits.withDefaults()
			f, config, err := inspectHeader(data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			need := memoryNeed(f, data, config, limits)
			took := int64(math.MaxInt64)
			for range 3 { // allocations of the rest of the process count, too, so the least is right
				before := allocated()
				if _, err := reencode(t.Context(), f, data, config, limits); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if took = min(took, allocated()-before); took <= need+need/10 {
					break
				}
			}
			if took > need+need/10 {
				t.Errorf("%s to %d pixels took %d bytes, bounded by %d", name, limits.MaxPixels, took, need)
			}
		}
	}
}

// TestMemoryByHeader judges pictures that nobody wants to decode in a test.
func TestMemoryByHeader(t *testing.T) {
	for _, tt := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"a phone's 108 megapixels", jpegHeader(0xc0, 12032, 9024, 0x22, 0x11, 0x11), true},
		{"the same on its side", jpegHeader(0xc0, 9024, 12032, 0x22, 0x11, 0x11), true},
		{"the same, progressive", jpegHeader(0xc2, 12032, 9024, 0x22, 0x11, 0x11), false},
		{"a camera's 24 megapixels, progressive", jpegHeader(0xc2, 6000, 4000, 0x22, 0x11, 0x11), true},
		{"a scan of 35 megapixels", pngHead(7000, 5000, 8, 2, 0), true},
		{"a small file of 100 megapixels", pngHead(10_000, 10_000, 8, 6, 0), false},
		{"16 bits for each channel", pngHead(8000, 8000, 16, 6, 0), false},
		{"interlaced", pngHead(7000, 7000, 8, 6, 1), false},
	} {
		f, config, err := inspectHeader(tt.data)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		need := memoryNeed(f, tt.data, config, Limits{}.withDefaults())
		if got := checkMemory(config, need) == nil; got != tt.ok {
			t.Errorf("%s takes %d bytes: %v", tt.name, need, got)
		}
	}
}

// TestRoom has many take memory at once: together they never hold more than there
// is, and all get theirs.
func TestRoom(t *testing.T) {
	r := newMemoryRoom(100)
	var held, most atomic.Int64
	done := make(chan error)
	for i := range 40 {
		go func() {
			need := int64(1 + i%100)
			err := r.acquire(t.Context(), need)
			most.Store(max(most.Load(), held.Add(need)))
			runtime.Gosched()
			held.Add(-need)
			r.release(need)
			done <- err
		}()
	}
	for range 40 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 100 {
		t.Errorf("%d of 100 were held at once", most.Load())
	}
	if err := r.acquire(t.Context(), 100); err != nil {
		t.Error(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := r.acquire(ended, 1); err == nil {
		t.Error("there was room when all was taken")
	}
}

func allocated() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

func encodedBy(t *testing.T, encode func(io.Writer, image.Image) error, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegEncode(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }
func gifEncode(w io.Writer, m image.Image) error  { return gif.Encode(w, m, nil) }

// partOf writes a GIF whose frame is a part of its screen.
func partOf(screen image.Rectangle) func(io.Writer, image.Image) error {
	return func(w io.Writer, m image.Image) error {
		frame := m.(*image.Paletted)
		return gif.EncodeAll(w, &gif.GIF{
			Image: []*image.Paletted{frame}, Delay: []int{0},
			Config: image.Config{ColorModel: frame.Palette, Width: screen.Dx(), Height: screen.Dy()},
		})
	}
}

// withTransparency gives a grey PNG one colour that is transparent.
func withTransparency(data []byte) []byte {
	const afterHeader = pngSignature + pngFrame + 13
	return slices.Insert(slices.Clone(data), afterHeader, pngChunk("tRNS", "\x00\x00")...)
}

func pngChunk(kind, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func pngHead(width, height uint32, bits, kind, interlace byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", string(append(head, bits, kind, 0, 0, interlace)))...)
}

func jpegHeader(marker byte, width, height uint16, sampling ...byte) []byte {
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(len(sampling))}
	for i, s := range sampling {
		frame = append(frame, byte(i+1), s, 0)
	}
	b := append([]byte("\xff\xd8\xff"), marker, 0, byte(len(frame)+2))
	return append(append(b, frame...), "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"...)
}
