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

// What is tried until a JPEG fits, from the best on.
var (
	// shares of the size that is wanted, in percent.
	shares = []int{100, 80, 64, 50, 40, 30, 20, 10}
	// qualities at each size. Below 60 blocks begin to show in faces, and a
	// smaller picture looks better.
	qualities = []int{85, 80, 75, 70, 65, 60}
)

// An encoded is a picture in the form that is sent.
type encoded struct {
	data      []byte
	mediaType string
	size      image.Point
}

// encode makes the best result within the limits. A JPEG becomes a JPEG. A PNG
// stays one, so that a drawing keeps its edges, unless it is too large, as a
// photo in PNG mostly is. A GIF is handled as a PNG: it holds flat colours
// more often than a photo, and PNG loses none of them.
func encode(ctx context.Context, pic picture, limits Limits) (encoded, error) {
	wanted := fit(pic.image.Bounds().Size(), limits.MaxPixels)
	for _, share := range shares {
		m, err := render(ctx, pic, percent(wanted, share))
		if err != nil {
			return encoded{}, err
		}
		if share == 100 && pic.format != formatJPEG {
			if out, err := encodePNG(ctx, m, limits.MaxBytes); !errors.Is(err, errFull) {
				return out, err
			}
		}
		m = onWhite(m)
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
	data, err := within(ctx, maxBytes, func(w io.Writer) error { return png.Encode(w, m) })
	return encoded{data, "image/png", m.Bounds().Size()}, err
}

func encodeJPEG(ctx context.Context, m *image.RGBA, quality, maxBytes int) (encoded, error) {
	data, err := within(ctx, maxBytes, func(w io.Writer) error {
		return jpeg.Encode(w, m, &jpeg.Options{Quality: quality})
	})
	return encoded{data, "image/jpeg", m.Bounds().Size()}, err
}

// onWhite returns a picture with a white background where it was transparent.
func onWhite(m *image.RGBA) *image.RGBA {
	if m.Opaque() {
		return m
	}
	dst := image.NewRGBA(m.Rect)
	draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, m, image.Point{}, draw.Over)
	return dst
}

// errFull says that a result is larger than it may be.
var errFull = errors.New("too many bytes")

// within returns what write writes, or an error as soon as it is too much or the
// context has ended.
func within(ctx context.Context, maxBytes int, write func(io.Writer) error) ([]byte, error) {
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
