// Package photo turns a photo file into the bytes that Kiva should receive.
//
// A photo is a JPEG, PNG or GIF file, judged by its content and never by its
// name. It is always decoded and encoded again: turned upright, scaled down to
// the [Limits], and without anything but the picture itself. A phone writes
// the borrower's coordinates, its own serial number and a small copy of the
// picture before it was cropped into the file; none of that may leave. A
// colour profile goes as well, so the picture is shown as sRGB.
//
// The same file and limits give the same bytes with one build of this package.
package photo

import "encoding/base64"

// The limits that the zero [Limits] stands for. Kiva documents none; pictures
// within these look right on Kiva's pages and pass slow lines.
const (
	DefaultMaxPixels = 2000
	DefaultMaxBytes  = 2 << 20
)

// Limits say how large the result may be.
type Limits struct {
	MaxPixels int // of the long side; DefaultMaxPixels if zero
	MaxBytes  int // before base64; DefaultMaxBytes if zero
}

// A Photo is what is known of a photo that can be sent.
type Photo struct {
	Digest    string // SHA-256 of the file as it is, in hex
	MediaType string // of the result: image/jpeg or image/png
	Width     int    // of the result, upright, in pixels
	Height    int
	Bytes     int // of the result, before base64
}

// Inspect checks a photo in full, as [Encode] does, and returns its facts
// without the bytes. The facts are kept in the folder cacheDir, by content and
// limits, so that a photo is decoded once. Only its owner must be able to write
// the folder; it may be damaged and deleted, and no cache is kept where cacheDir
// is empty. The error is an [*Error].
func Inspect(file string, limits Limits, cacheDir string) (Photo, error) {
	limits = limits.withDefaults()
	src, err := read(file)
	if err != nil {
		return Photo{}, err
	}
	cache := cacheFor(cacheDir, src.digest, limits)
	if p, ok := cache.load(); ok {
		return p, nil
	}
	p, _, err := convert(src, limits)
	if err != nil {
		return Photo{}, err
	}
	cache.save(p)
	return p, nil
}

// Encode returns the bytes that Kiva should receive, and their facts. It takes
// nothing from a cache. The error is an [*Error].
func Encode(file string, limits Limits) (Photo, []byte, error) {
	src, err := read(file)
	if err != nil {
		return Photo{}, nil, err
	}
	return convert(src, limits.withDefaults())
}

// DataURI returns data as Kiva takes it in image_encoded. Source: the samples
// of Kiva's SDK; its documents don't say whether bare base64 would do.
func DataURI(mediaType string, data []byte) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(data)
}

func (l Limits) withDefaults() Limits {
	if l.MaxPixels <= 0 {
		l.MaxPixels = DefaultMaxPixels
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	return l
}

func convert(src source, limits Limits) (Photo, []byte, error) {
	pic, err := decode(src.data)
	if err != nil {
		return Photo{}, nil, err
	}
	out, err := encode(pic, limits)
	if err != nil {
		return Photo{}, nil, err
	}
	return Photo{
		Digest:    src.digest,
		MediaType: out.mediaType,
		Width:     out.size.X,
		Height:    out.size.Y,
		Bytes:     len(out.data),
	}, out.data, nil
}
