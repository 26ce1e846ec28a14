package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

// Steps until a JPEG fits, best first.
var (
	// sizeShares of the wanted size, in percent.
	sizeShares = []int{100, 80, 64, 50, 40, 30, 20, 10}
	// qualities at each size. Below 60 blocks show in faces, and a smaller
	// picture looks better.
	qualities = []int{85, 80, 75, 70, 65, 60}
)

// An encoded is a picture in the form that is sent.
type encoded struct {
	data      []byte
	mediaType string
	size      image.Point
	picture   string // as of digestPicture
}

// encodeWithin returns the best result within the limits. A JPEG becomes a JPEG. A
// PNG, too, becomes a JPEG if it is too large, as photos in PNG mostly are;
// otherwise it stays PNG, so that a drawing keeps its edges. A GIF is handled as
// a PNG, which keeps flat colours exact.
func encodeWithin(ctx context.Context, pic picture, limits Limits) (encoded, error) {
	wanted := fitWithin(pic.image.Bounds().Size(), limits.MaxPixels)
	for _, share := range sizeShares {
		m, err := renderUpright(ctx, pic, scalePercent(wanted, share))
		if err != nil {
			return encoded{}, err
		}
		if share == 100 && pic.format != formatJPEG {
			if out, err := encodePNG(ctx, m, limits.MaxBytes); !errors.Is(err, errFull) {
				return out, err
			}
		}
		m = fillWhite(m)
		for _, quality := range qualities {
			if out, err := encodeJPEG(ctx, m, quality, limits.MaxBytes); !errors.Is(err, errFull) {
				return out, err
			}
		}
	}
	return encoded{}, &Error{
		Reason:  CannotFit,
		Message: fmt.Sprintf("can't be made as small as %d bytes", limits.MaxBytes),
		Remedy:  "allow more bytes",
	}
}

func encodePNG(ctx context.Context, m *image.RGBA, maxBytes int) (encoded, error) {
	data, err := writeWithin(ctx, maxBytes, func(w io.Writer) error { return png.Encode(w, m) })
	return encoded{data: data, mediaType: "image/png", size: m.Bounds().Size()}, err
}

func encodeJPEG(ctx context.Context, m *image.RGBA, quality, maxBytes int) (encoded, error) {
	data, err := writeWithin(ctx, maxBytes, func(w io.Writer) error {
		return jpeg.Encode(w, m, &jpeg.Options{Quality: quality})
	})
	return encoded{data: data, mediaType: "image/jpeg", size: m.Bounds().Size()}, err
}

// fillWhite puts a white background below transparent pixels.
func fillWhite(m *image.RGBA) *image.RGBA {
	if m.Opaque() {
		return m
	}
	dst := image.NewRGBA(m.Rect)
	draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, m, image.Point{}, draw.Over)
	return dst
}

// errFull reports more than maxBytes.
var errFull = errors.New("too many bytes")

// writeWithin returns the bytes that write writes. It fails as soon as they exceed
// maxBytes, or when the context ends.
func writeWithin(ctx context.Context, maxBytes int, write func(io.Writer) error) ([]byte, error) {
	w := boundedWriter{ctx: ctx, left: maxBytes}
	err := write(&w)
	return w.Bytes(), err
}

type boundedWriter struct {
	bytes.Buffer
	ctx  context.Context
	left int
}

func (w *boundedWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return w.Buffer.Write(p)
}
