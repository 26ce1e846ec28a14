package photo_test

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"testing"

	"kivaform/spec/photo"
)

// TestPictureDigest holds that a picture is the same without its metadata, and
// another with another pixel, upright side or reading of its colours.
func TestPictureDigest(t *testing.T) {
	m := noise(64, 48)
	other := noise(64, 48)
	other.Set(5, 5, color.RGBA{1, 2, 3, 255})
	packed := func() []byte {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	upright, turned := exif(binary.LittleEndian, 1), exif(binary.LittleEndian, 6)
	jpg, pngData := asJPEG(m), asPNG(m)
	for name, tt := range map[string]struct {
		a, b []byte
		same bool
	}{
		"JPEG without EXIF":          {withSegments(jpg, segment(0xe1, "Exif\x00\x00"+upright)), jpg, true},
		"JPEG without other notes":   {withSegments(jpg, segment(0xe0, "JFIF\x00"), segment(0xe2, "ICC_PROFILE\x00"), segment(0xed, "Photoshop 3.0"), segment(0xfe, "a comment")), jpg, true},
		"JPEG without a film":        {append(bytes.Clone(jpg), "\x00\x00\x00\x18ftypmp42 film"...), jpg, true},
		"JPEG turned":                {withSegments(jpg, segment(0xe1, "Exif\x00\x00"+turned)), jpg, false},
		"JPEG of another picture":    {asJPEG(other), jpg, false},
		"PNG without EXIF":           {withChunks(pngData, chunk("eXIf", upright), chunk("tEXt", "Comment\x00x"), chunk("tIME", "1234567")), pngData, true},
		"PNG packed in another way":  {packed(), pngData, true},
		"PNG turned":                 {withChunks(pngData, chunk("eXIf", turned)), pngData, false},
		"PNG of another picture":     {asPNG(other), pngData, false},
		"GIF and PNG of one picture": {asGIF(paletted(m)), asPNG(paletted(m)), true},
		"JPEG and PNG":               {jpg, pngData, false},
	} {
		a, _, _ := send(t, tt.a, photo.Limits{})
		b, _, _ := send(t, tt.b, photo.Limits{MaxPixels: 20})
		if a.Picture == "" || (a.Picture == b.Picture) != tt.same {
			t.Errorf("%s: %s and %s", name, a.Picture, b.Picture)
		}
	}
}
