package photo

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A format is a decodable format.
type format string

const (
	formatJPEG format = "JPEG"
	formatPNG  format = "PNG"
	formatGIF  format = "GIF"
)

const saveAsJPEG = "save it as JPEG"

// formatOf detects the format by the first bytes, or describes the other file.
func formatOf(data []byte) (format, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return formatJPEG, nil
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return formatPNG, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return formatGIF, nil
	}
	what, hint := describeOther(data)
	return "", &Error{
		Reason:  WrongFormat,
		Message: fmt.Sprintf("is %s, not a JPEG, PNG or GIF", what),
		Remedy:  hint,
	}
}

// otherFormats lists other kinds of files by their first bytes; a dot in magic
// matches any byte.
var otherFormats = []struct{ magic, what, hint string }{
	{"RIFF....WEBP", "a WebP picture", saveAsJPEG},
	{"....ftypavi", "an AVIF picture", saveAsJPEG},
	{"....ftyphe", "a HEIC picture", "save it as JPEG; on an iPhone choose Settings > Camera > Formats > Most Compatible"},
	{"....ftypmif", "a HEIC picture", "save it as JPEG; on an iPhone choose Settings > Camera > Formats > Most Compatible"},
	{"....ftypmsf", "a HEIC picture", "save it as JPEG; on an iPhone choose Settings > Camera > Formats > Most Compatible"},
	{"....ftyp", "a video", "take a photo, or save one picture of it as JPEG"},
	{"II*\x00", "a TIFF or raw picture", saveAsJPEG},
	{"MM\x00*", "a TIFF or raw picture", saveAsJPEG},
	{"BM", "a BMP picture", saveAsJPEG},
	{"\xff\x0a", "a JPEG XL picture", saveAsJPEG},
	{"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", saveAsJPEG},
	{"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture", saveAsJPEG},
	{"8BPS", "a Photoshop file", saveAsJPEG},
	{"%PDF-", "a PDF document", "save the photo in it as JPEG"},
	{"PK\x03\x04", "a ZIP archive or an Office document", "take the photo out of it"},
	{"\x00\x05\x16\x07", "a macOS side file", "name the file without ._"},
	{"version https://git-lfs.github.com/spec", "a Git LFS pointer", "run git lfs pull first"},
	{"data:image/", "a data URI", "give it as image_encoded"},
}

// describeOther names a file that isn't a photo, with a remedy.
func describeOther(data []byte) (what, hint string) {
	for _, o := range otherFormats {
		if matchesMagic(data, o.magic) {
			return o.what, o.hint
		}
	}
	if !isText(data) {
		return "of an unknown kind", saveAsJPEG
	}
	lower := bytes.ToLower(data[:min(len(data), 1024)])
	switch {
	case bytes.Contains(lower, []byte("<svg")):
		return "an SVG drawing", saveAsJPEG
	case bytes.Contains(lower, []byte("<html")), bytes.Contains(lower, []byte("<!doctype html")):
		return "an HTML page", "download the photo itself"
	}
	return "a text file", "name the photo itself"
}

func matchesMagic(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '.' && magic[i] != data[i] {
			return false
		}
	}
	return true
}

// isText reports whether the beginning is text.
func isText(data []byte) bool {
	head := data[:min(len(data), 512)]
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && len(data) > 512 // cut within a character
		}
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return false
		}
		head = head[n:]
	}
	return true
}
