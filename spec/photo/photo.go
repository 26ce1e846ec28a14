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

import (
	"context"
	"encoding/base64"
	"image"
	"os"
)

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

// Inspect checks a photo below root in full, as [Encode] does, and returns its
// facts without the bytes. The facts are kept in the folder cacheDir, by content
// and limits, so that a photo is decoded once. Only its owner must be able to write
// the folder; it may be damaged and deleted, and no cache is kept where cacheDir
// is empty. The error is an [*Error], or the context's.
func Inspect(ctx context.Context, root *os.Root, name string, limits Limits, cacheDir string) (p Photo, err error) {
	limits = limits.withDefaults()
	err = withSource(ctx, root, name, func(src source) error {
		cache, ok := cacheFor(cacheDir, src.digest, limits), false
		if p, ok = cache.load(); ok {
			return nil
		}
		if p, _, err = convert(ctx, src, limits); err == nil {
			cache.save(p)
		}
		return err
	})
	if err != nil {
		return Photo{}, err
	}
	return p, nil
}

// Encode returns the bytes that Kiva should receive, and their facts. It takes
// nothing from a cache. The error is an [*Error], or the context's.
func Encode(ctx context.Context, root *os.Root, name string, limits Limits) (p Photo, data []byte, err error) {
	err = withSource(ctx, root, name, func(src source) error {
		p, data, err = convert(ctx, src, limits.withDefaults())
		return err
	})
	if err != nil {
		return Photo{}, nil, err
	}
	return p, data, nil
}

// withSource calls use with a photo's file in memory, when there is room for it.
func withSource(ctx context.Context, root *os.Root, name string, use func(source) error) error {
	f, err := open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return unreadable(err)
	}
	room := min(info.Size(), maxFile)
	if err := files.Acquire(ctx, room); err != nil {
		return err
	}
	defer files.Release(room)
	src, err := read(ctx, f)
	if err != nil {
		return err
	}
	return use(src)
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

func convert(ctx context.Context, src source, limits Limits) (Photo, []byte, error) {
	f, config, err := look(src.data)
	if err != nil {
		return Photo{}, nil, err
	}
	need := memory(f, src.data, config, limits)
	if err := checkMemory(config, need); err != nil {
		return Photo{}, nil, err
	}
	if err := pixels.acquire(ctx, need); err != nil {
		return Photo{}, nil, err
	}
	defer pixels.release(need)
	out, err := recode(ctx, f, src.data, config, limits)
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

// recode decodes a picture and encodes it again. None of its pixels can be
// reached when it has returned.
func recode(ctx context.Context, f format, data []byte, config image.Config, limits Limits) (encoded, error) {
	pic, err := decode(ctx, f, data, config)
	if err != nil {
		return encoded{}, err
	}
	return encode(ctx, pic, limits)
}
