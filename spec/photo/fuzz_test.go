package photo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"

	"kivaform/spec/photo"
)

// FuzzInspect holds that any file is either refused with a message or becomes
// a picture within the limits.
func FuzzInspect(f *testing.F) {
	m := quarters(16, 12)
	f.Add(asJPEG(m))
	f.Add(withSegments(asJPEG(m), segment(0xe1, "Exif\x00\x00"+exif(binary.LittleEndian, 6))))
	f.Add(cmykJPEG(0, 255, 255, 0))
	f.Add(asPNG(m))
	f.Add(asPNG(paletted(m)))
	f.Add(withChunks(asPNG(m), chunk("eXIf", exif(binary.BigEndian, 3))))
	f.Add(asGIF(paletted(m)))
	f.Add(pngHeader(100_000, 100_000))
	f.Add([]byte("<svg>"))
	f.Add([]byte("RIFF\x24\x00\x00\x00WEBPVP8 "))

	file := filepath.Join(f.TempDir(), "photo")
	limits := photo.Limits{MaxPixels: 12, MaxBytes: 1500}
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && slow(c) {
			t.Skip("takes too long to be tried often")
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		facts, err := inspectFile(file, limits, "")
		if err != nil {
			if e, ok := errors.AsType[*photo.Error](err); !ok || e.Reason == "" || e.Message == "" {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		p, out, err := encodeFile(file, limits)
		if err != nil || p != facts {
			t.Fatalf("%+v, %v; Inspect said %+v", p, err, facts)
		}
		c, kind, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || c.Width != p.Width || c.Height != p.Height || "image/"+kind != p.MediaType {
			t.Errorf("a %s of %d × %d, %v; want %+v", kind, c.Width, c.Height, err, p)
		}
		if max(p.Width, p.Height) > limits.MaxPixels || len(out) > limits.MaxBytes || len(out) != p.Bytes {
			t.Errorf("%+v with %d bytes is beyond %+v", p, len(out), limits)
		}
	})
}

// slow reports whether decoding is allowed and takes long.
func slow(c image.Config) bool {
	pixels := int64(c.Width) * int64(c.Height)
	return 20_000 < pixels && pixels <= 100_000_000
}
