package photo_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"slices"
	"testing"

	"kivaform/spec/photo"
)

// TestUpright has each of EXIF's eight orientations, in JPEG and PNG, in both
// byte orders. Source of the corners: EXIF 2.3, tag Orientation: what row 0
// and column 0 of the file are to the eye.
func TestUpright(t *testing.T) {
	corners := map[uint16][4]color.Color{ // top left, top right, bottom left, bottom right
		1: {red, green, blue, white},
		2: {green, red, white, blue},
		3: {white, blue, green, red},
		4: {blue, white, red, green},
		5: {red, blue, green, white},
		6: {blue, red, white, green},
		7: {white, green, blue, red},
		8: {green, white, red, blue},
		0: {red, green, blue, white}, // what no camera writes changes nothing
		9: {red, green, blue, white},
	}
	stored := quarters(96, 64)
	for o, want := range corners {
		little, big := exif(binary.LittleEndian, o), exif(binary.BigEndian, o)
		for name, data := range map[string][]byte{
			"JPEG":             withSegments(asJPEG(stored), segment(0xe1, "Exif\x00\x00"+little)),
			"JPEG, big endian": withSegments(asJPEG(stored), segment(0xe0, "JFIF\x00"), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"), segment(0xe1, "Exif\x00\x00"+big)),
			"JPEG, padded":     withSegments(asJPEG(stored), segment(0xe0, "JFIF\x00"), []byte{0xff, 0xff}, segment(0xe1, "Exif\x00\x00"+little)),
			"PNG":              withChunks(asPNG(stored), chunk("eXIf", big)),
		} {
			t.Run(fmt.Sprintf("%s %d", name, o), func(t *testing.T) {
				p, _, got := send(t, data, photo.Limits{MaxPixels: 48})
				size := image.Pt(48, 32)
				if 5 <= o && o <= 8 {
					size = image.Pt(32, 48)
				}
				if image.Pt(p.Width, p.Height) != size {
					t.Fatalf("%d × %d, want %v", p.Width, p.Height, size)
				}
				for i, at := range []image.Point{{4, 4}, {size.X - 5, 4}, {4, size.Y - 5}, {size.X - 5, size.Y - 5}} {
					if !near(got.At(at.X, at.Y), want[i]) {
						t.Errorf("corner %d: %v, want %v", i, got.At(at.X, at.Y), want[i])
					}
				}
			})
		}
	}
}

// TestUnreadableExif sends a photo as it is where EXIF data makes no sense.
func TestUnreadableExif(t *testing.T) {
	good := exif(binary.LittleEndian, 6)
	var broken []string
	for n := range len(good) { // cut anywhere
		if n < 8+2+2*12 {
			broken = append(broken, good[:n])
		}
	}
	broken = append(broken,
		"XX"+good[2:],
		good[:4]+"\xff\xff\xff\xff"+good[8:],
		good[:4]+"\x00\x00\x00\x80"+good[8:])
	jpg := asJPEG(quarters(32, 16))
	exifOf := func(tiff string) []byte { return segment(0xe1, "Exif\x00\x00"+tiff) }
	if p, _, _ := send(t, slices.Concat(jpg, []byte{0, 2}, exifOf(good)), photo.Limits{}); p.Width != 32 {
		t.Error("EXIF data after the end turned the picture")
	}
	for _, tiff := range broken {
		jpg := withSegments(jpg, exifOf(tiff))
		if p, _, _ := send(t, jpg, photo.Limits{}); p.Width != 32 {
			t.Errorf("%q turned the picture", tiff)
		}
	}
}

// TestNoMetadata takes results apart: only the picture is in them.
func TestNoMetadata(t *testing.T) {
	gps := exif(binary.BigEndian, 6)
	m := quarters(64, 48)
	jpg := withSegments(asJPEG(m),
		segment(0xe1, "Exif\x00\x00"+gps),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>SecretPhone</x:xmpmeta>"),
		segment(0xe2, "ICC_PROFILE\x00\x01\x01SecretPhone"),
		segment(0xed, "Photoshop 3.0\x008BIMSecretPhone"),
		segment(0xfe, "SecretPhone"))
	withText := withChunks(asPNG(m),
		chunk("eXIf", gps),
		chunk("tEXt", "Author\x00SecretPhone"),
		chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00SecretPhone"),
		chunk("tIME", "\x07\xea\x01\x01\x01\x01\x01"))
	comment := slices.Insert(asGIF(m), 13+3*256, []byte("!\xfe\x0bSecretPhone\x00")...)

	for name, data := range map[string][]byte{
		"JPEG":               jpg,
		"JPEG and a preview": append(jpg, jpg...),
		"PNG":                withText,
		"GIF":                comment,
	} {
		for _, limits := range []photo.Limits{{}, {MaxPixels: 20}, {MaxBytes: 1000}} {
			if !bytes.Contains(data, []byte("SecretPhone")) {
				t.Fatalf("%s: nothing to remove", name)
			}
			p, out, _ := send(t, data, limits)
			if bytes.Contains(out, []byte("SecretPhone")) {
				t.Errorf("%s: what the phone wrote is in the result", name)
			}
			for _, part := range parts(t, p.MediaType, out) {
				if !slices.Contains([]string{"IHDR", "IDAT", "IEND", "d8", "db", "c0", "c4", "da", "d9"}, part) {
					t.Errorf("%s became %s with %s", name, p.MediaType, part)
				}
			}
		}
	}
}

// parts lists the markers of a JPEG or the chunks of a PNG, and fails where
// bytes belong to neither.
func parts(t *testing.T, mediaType string, data []byte) (names []string) {
	t.Helper()
	if mediaType == "image/png" {
		for data = data[8:]; len(data) > 0; {
			n := 12 + int(binary.BigEndian.Uint32(data))
			names, data = append(names, string(data[4:8])), data[n:]
		}
		return names
	}
	for len(data) > 0 {
		if data[0] != 0xff {
			t.Fatalf("% x where a marker should be", data[:min(4, len(data))])
		}
		marker := data[1]
		names = append(names, fmt.Sprintf("%02x", marker))
		data = data[2:]
		if marker == 0xd8 || marker == 0xd9 {
			continue
		}
		data = data[binary.BigEndian.Uint16(data):]
		for marker == 0xda && (data[0] != 0xff || data[1] == 0) {
			data = data[1:]
		}
	}
	return names
}
