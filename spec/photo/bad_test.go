package photo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/spec/photo"
)

// TestBadPictures gives each what can't be sent: a reason and a message that
// says what it is and what to do.
func TestBadPictures(t *testing.T) {
	jpg, pngData, gifData := asJPEG(quarters(64, 48)), asPNG(quarters(64, 48)), asGIF(quarters(64, 48))
	jpgFrame := bytes.Index(jpg, []byte{0xff, 0xc0})
	scans := slices.Insert(slices.Clone(jpg), len(jpg)-2, bytes.Repeat(segment(0xda, "\x01\x01\x00\x00\x3f\x00"), 100)...)
	lyingSize := slices.Clone(gifData)
	binary.LittleEndian.PutUint16(lyingSize[6:], 10)

	for name, tt := range map[string]struct {
		data    []byte
		reason  photo.Reason
		message string
		hint    string
	}{
		"empty": {nil, photo.Empty, "is empty", "copy the photo again"},

		"WebP":        {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), photo.WrongFormat, "is a WebP picture, not a JPEG, PNG or GIF", "save it as JPEG"},
		"HEIC":        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00"), photo.WrongFormat, "is a HEIC picture", "Most Compatible"},
		"HEIC mif1":   {[]byte("\x00\x00\x00\x18ftypmif1\x00\x00"), photo.WrongFormat, "is a HEIC picture", "Most Compatible"},
		"AVIF":        {[]byte("\x00\x00\x00\x18ftypavif\x00\x00"), photo.WrongFormat, "is an AVIF picture", "save it as JPEG"},
		"video":       {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00"), photo.WrongFormat, "is a video", "take a photo"},
		"TIFF":        {[]byte("II*\x00\x08\x00\x00\x00"), photo.WrongFormat, "is a TIFF or raw picture", "save it as JPEG"},
		"TIFF MM":     {[]byte("MM\x00*\x00\x00\x00\x08"), photo.WrongFormat, "is a TIFF or raw picture", "save it as JPEG"},
		"BMP":         {[]byte("BM\x36\x00\x00\x00\x00\x00"), photo.WrongFormat, "is a BMP picture", "save it as JPEG"},
		"JPEG XL":     {[]byte("\xff\x0a\x00\x10"), photo.WrongFormat, "is a JPEG XL picture", "save it as JPEG"},
		"JPEG 2000":   {[]byte("\x00\x00\x00\x0cjP  \r\n"), photo.WrongFormat, "is a JPEG 2000 picture", "save it as JPEG"},
		"Photoshop":   {[]byte("8BPS\x00\x01"), photo.WrongFormat, "is a Photoshop file", "save it as JPEG"},
		"PDF":         {[]byte("%PDF-1.7\n%\xe2\xe3"), photo.WrongFormat, "is a PDF document", "save the photo in it as JPEG"},
		"Word":        {[]byte("PK\x03\x04\x14\x00"), photo.WrongFormat, "is a ZIP archive or an Office document", "take the photo out of it"},
		"SVG":         {[]byte("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), photo.WrongFormat, "is an SVG drawing", "save it as JPEG"},
		"HTML":        {[]byte("\n<!DOCTYPE html><title>Sign in</title>"), photo.WrongFormat, "is an HTML page", "download the photo itself"},
		"text":        {[]byte("see the e-mail of Ramón, 3 May"), photo.WrongFormat, "is a text file", "name the photo itself"},
		"long text":   {[]byte("a" + strings.Repeat("é", 600)), photo.WrongFormat, "is a text file", "name the photo itself"},
		"LFS pointer": {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"), photo.WrongFormat, "is a Git LFS pointer", "run git lfs pull first"},
		"data URI":    {[]byte("data:image/jpeg;base64,/9j/4AAQ"), photo.WrongFormat, "is a data URI", "image_encoded"},
		"macOS side":  {[]byte("\x00\x05\x16\x07\x00\x02\x00\x00"), photo.WrongFormat, "is a macOS side file", "name the file without ._"},
		"zeros":       {make([]byte, 4096), photo.WrongFormat, "is of an unknown kind", "save it as JPEG"},
		"one byte":    {[]byte{0xff}, photo.WrongFormat, "is of an unknown kind", "save it as JPEG"},

		"JPEG begun":         {jpg[:3], photo.Truncated, "is a JPEG that ends too early", "copy the photo again"},
		"JPEG half":          {jpg[:len(jpg)/2], photo.Truncated, "is a JPEG that ends too early", "copy the photo again"},
		"JPEG without end":   {jpg[:len(jpg)-2], photo.Truncated, "is a JPEG that ends too early", "copy the photo again"},
		"JPEG in pieces":     {slices.Concat(jpg[:200], []byte("\r\n\r\n--boundary"), jpg[400:]), photo.Broken, "is a damaged JPEG", "copy the photo again"},
		"JPEG lossless":      {patch(jpg, jpgFrame+1, 0xc3), photo.Unsupported, "is a JPEG of a rare variant", "save it again as JPEG"},
		"JPEG 12 bit":        {patch(jpg, jpgFrame+4, 12), photo.Unsupported, "is a JPEG of a rare variant", "save it again as JPEG"},
		"JPEG 0 wide":        {patch(jpg, jpgFrame+7, 0, 0), photo.Broken, "is a picture without pixels", "save it again as JPEG"},
		"JPEG bomb":          {patch(jpg, jpgFrame+5, 0xff, 0xff, 0xff, 0xff), photo.TooManyPixels, "has 65535 × 65535 pixels, more than the 120 million", "save a smaller copy"},
		"JPEG of many scans": {scans, photo.Unsupported, "is a JPEG of a rare variant: unsupported JPEG feature: 101 scans", "save it again as JPEG"},
		"JPEG no length":     {slices.Insert(slices.Clone(jpg), len(jpg)-2, 0xff, 0xfe, 0, 0), photo.Broken, "is a damaged JPEG", "copy the photo again"},
		"PNG begun":          {pngData[:8], photo.Truncated, "is a PNG that ends too early", "copy the photo again"},
		"PNG half":           {pngData[:len(pngData)/2], photo.Truncated, "is a PNG that ends too early", "copy the photo again"},
		"PNG without end":    {pngData[:len(pngData)-12], photo.Truncated, "is a PNG that ends too early", "copy the photo again"},
		"PNG flipped bit":    {patch(pngData, len(pngData)/2, pngData[len(pngData)/2]^1), photo.Broken, "is a damaged PNG", "copy the photo again"},
		"PNG and more":       {append(slices.Clone(pngData), "<script>"...), photo.Trailing, "is a PNG with 8 bytes after its end", "copy the photo again"},
		"PNG bomb":           {pngHeader(100_000, 100_000), photo.TooManyPixels, "has 100000 × 100000 pixels, more than the 120 million", "save a smaller copy"},
		"PNG longest":        {pngHeader(1<<31-1, 1), photo.TooManyPixels, "has 2147483647 × 1 pixels", "save a smaller copy"},
		"PNG too long":       {pngHeader(65_536, 1), photo.TooManyPixels, "(65535 on a side)", "save a smaller copy"},
		"PNG just too large": {pngHeader(12_001, 10_000), photo.TooManyPixels, "has 12001 × 10000 pixels", "save a smaller copy"},
		"PNG 0 wide":         {append(pngHeader(0, 5), chunk("IEND", "")...), photo.Broken, "is a damaged PNG", "copy the photo again"},
		"PNG newlines":       {bytes.ReplaceAll(pngData, []byte("\r\n"), []byte("\n")), photo.WrongFormat, "is of an unknown kind", "save it as JPEG"},
		"GIF begun":          {gifData[:6], photo.Truncated, "is a GIF that ends too early", "copy the photo again"},
		"GIF half":           {gifData[:len(gifData)/2], photo.Truncated, "is a GIF that ends too early", "copy the photo again"},
		"GIF without end":    {gifData[:len(gifData)-1], photo.Truncated, "is a GIF that ends too early", "copy the photo again"},
		"GIF and more":       {append(slices.Clone(gifData), gifData...), photo.Trailing, "bytes after its end", "copy the photo again"},
		"GIF without frame":  {slices.Concat(gifData[:13+3*256], []byte(";")), photo.Broken, "is a damaged GIF", "copy the photo again"},
		"GIF lying":          {lyingSize, photo.Broken, "is a damaged GIF", "copy the photo again"},
		"GIF other block":    {patch(gifData, 13+3*256, '?'), photo.Broken, "is a damaged GIF", "copy the photo again"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, tt.data)
			start := time.Now()
			_, err := inspectFile(file, photo.Limits{}, t.TempDir())
			check(t, err, file, tt.reason, tt.message, tt.hint)
			_, data, err := encodeFile(file, photo.Limits{})
			check(t, err, file, tt.reason, tt.message, tt.hint)
			if data != nil {
				t.Error("bytes beside an error")
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, asJPEG(quarters(8, 8)))
	huge := filepath.Join(dir, "huge.jpg")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 50<<20+1); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file    string
		reason  photo.Reason
		message string
	}{
		"missing":        {filepath.Join(dir, "none.jpg"), photo.Missing, "there is no such file"},
		"folder":         {dir, photo.NotAFile, "is a folder"},
		"device":         {os.DevNull, photo.NotAFile, "is not a regular file"},
		"in a file":      {filepath.Join(plain, "photo.jpg"), photo.Unreadable, "can't be read: "},
		"no name":        {"", photo.Unreadable, "can't be read: "},
		"name with zero": {filepath.Join(dir, "a\x00b"), photo.Unreadable, "can't be read: "},
		"too large":      {huge, photo.TooLarge, "has more than 50 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inspectFile(tt.file, photo.Limits{}, "")
			check(t, err, tt.file, tt.reason, tt.message, "")
		})
	}
	_, err := inspectFile(filepath.Join(dir, "none.jpg"), photo.Limits{}, "")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
}

func TestCannotFit(t *testing.T) {
	file := write(t, asPNG(noise(100, 100)))
	_, _, err := encodeFile(file, photo.Limits{MaxBytes: 200})
	check(t, err, file, photo.CannotFit, "can't be made as small as 200 bytes", "allow more bytes")
}

// TestCutAnywhere never takes a part of a picture for the picture.
func TestCutAnywhere(t *testing.T) {
	for _, data := range [][]byte{asJPEG(quarters(24, 16)), asPNG(quarters(24, 16)), asGIF(paletted(quarters(24, 16)))} {
		file := write(t, nil)
		for n := range data {
			if err := os.WriteFile(file, data[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			if p, err := inspectFile(file, photo.Limits{}, ""); err == nil {
				t.Errorf("the first %d of %d bytes are a picture: %+v", n, len(data), p)
			}
		}
	}
}

func check(t *testing.T, err error, file string, reason photo.Reason, message, hint string) {
	t.Helper()
	e, ok := errors.AsType[*photo.Error](err)
	switch {
	case !ok:
		t.Fatalf("%T %v, want a *photo.Error", err, err)
	case e.Reason != reason || !strings.Contains(e.Message, message) || !strings.Contains(e.Remedy, hint):
		t.Errorf("%s: %v\nwant %s: %s; hint: %s", e.Reason, e, reason, message, hint)
	case file != "" && strings.Contains(e.Error(), filepath.Dir(file)):
		t.Errorf("%q names a folder of this machine", e)
	}
}

func patch(data []byte, at int, with ...byte) []byte {
	data = slices.Clone(data)
	copy(data[at:], with)
	return data
}

// pngHeader returns a PNG that says how large it is and has nothing else.
func pngHeader(w, h uint32) []byte {
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	empty := asPNG(image.NewGray(image.Rect(0, 0, 1, 1)))
	return append(empty[:8:8], chunk("IHDR", string(size)+"\x08\x02\x00\x00\x00")...)
}
