// Package photo converts a photo file to the bytes that Kiva should receive.
//
// A photo is a JPEG, PNG or GIF by its content; its name doesn't count. It is
// always decoded and encoded again: turned upright, scaled down to the [Limits],
// and without metadata. A phone writes the borrower's coordinates, its own
// serial number and a small copy of the picture before it was cropped into the
// file; none of that may be sent. A colour profile is dropped as well, so the
// picture is shown as sRGB.
//
// The same file and limits give the same bytes with one build of this package.
package photo

import (
	"context"
	"encoding/base64"
	"image"
	"os"
)

// The values for a zero [Limits]. Kiva documents no limits; pictures within
// these look right on its pages and upload over slow lines.
const (
	DefaultMaxPixels = 2000
	DefaultMaxBytes  = 2 << 20
)

// Limits bound the result.
type Limits struct {
	MaxPixels int // of the long side; DefaultMaxPixels if zero
	MaxBytes  int // before base64; DefaultMaxBytes if zero
}

// A Photo holds the facts of a usable photo.
type Photo struct {
	Digest    string // SHA-256 of the original file, in hex
	Picture   string // digest of the picture without the file's metadata, in hex
	MediaType string // of the result: image/jpeg or image/png
	Width     int    // of the result, upright, in pixels
	Height    int
	Bytes     int // of the result, before base64
}

// Inspect checks a photo below root in full, as [Encode] does, and returns its
// facts without the bytes. It caches the facts in the folder cacheDir, by
// content and limits, so that a photo is decoded once. Only its owner may be
// able to write the folder; it may be damaged or deleted at any time. An empty
// cacheDir means no cache. The error is an [*Error], or the context's.
func Inspect(ctx context.Context, root *os.Root, name string, limits Limits, cacheDir string) (p Photo, err error) {
	limits = limits.withDefaults()
	err = withSource(ctx, root, name, func(src source) error {
		cache, ok := cacheFor(cacheDir, src.digest, limits), false
		if p, ok = cache.loadFacts(); ok {
			return nil
		}
		if p, _, err = convertSource(ctx, src, limits); err == nil {
			cache.saveFacts(p)
		}
		return err
	})
	if err != nil {
		return Photo{}, err
	}
	return p, nil
}

// Encode returns the bytes that Kiva should receive, and their facts. It uses no
// cache. The error is an [*Error], or the context's.
func Encode(ctx context.Context, root *os.Root, name string, limits Limits) (p Photo, data []byte, err error) {
	err = withSource(ctx, root, name, func(src source) error {
		p, data, err = convertSource(ctx, src, limits.withDefaults())
		return err
	})
	if err != nil {
		return Photo{}, nil, err
	}
	return p, data, nil
}

// withSource waits for memory, reads a photo's file and passes it to use.
func withSource(ctx context.Context, root *os.Root, name string, use func(source) error) error {
	f, err := openPhoto(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return readError(err)
	}
	room := min(info.Size(), maxFile)
	if err := fileMemory.Acquire(ctx, room); err != nil {
		return err
	}
	defer fileMemory.Release(room)
	src, err := readSource(ctx, f)
	if err != nil {
		return err
	}
	return use(src)
}

// DataURI returns data in the form of image_encoded. Source: the samples of
// Kiva's SDK; its documents don't say whether bare base64 is accepted.
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

func convertSource(ctx context.Context, src source, limits Limits) (Photo, []byte, error) {
	f, config, err := inspectHeader(src.data)
	if err != nil {
		return Photo{}, nil, err
	}
	need := memoryNeed(f, src.data, config, limits)
	if err := checkMemory(config, need); err != nil {
		return Photo{}, nil, err
	}
	if err := pixelMemory.acquire(ctx, need); err != nil {
		return Photo{}, nil, err
	}
	defer pixelMemory.release(need)
	out, err := reencode(ctx, f, src.data, config, limits)
	if err != nil {
		return Photo{}, nil, err
	}
	return Photo{
		Digest:    src.digest,
		Picture:   out.picture,
		MediaType: out.mediaType,
		Width:     out.size.X,
		Height:    out.size.Y,
		Bytes:     len(out.data),
	}, out.data, nil
}

// reencode decodes a picture and encodes it again. It keeps no reference to the
// pixels.
func reencode(ctx context.Context, f format, data []byte, config image.Config, limits Limits) (encoded, error) {
	pic, err := decodePicture(ctx, f, data, config)
	if err != nil {
		return encoded{}, err
	}
	out, err := encodeWithin(ctx, pic, limits)
	out.picture = digestPicture(pic, data)
	return out, err
}
