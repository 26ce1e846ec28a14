package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"

	"kivaform/spec/input"
)

const (
	// maxPixels is the largest picture that is decoded, and maxSide its longest
	// side in pixels, which is what a JPEG can have. Cheap phones have a mode of
	// 12,000 × 9,000 pixels, some of a few more.
	maxPixels = 120_000_000
	maxSide   = 65_535
	// maxScans bounds the passes over all pixels that a progressive JPEG may
	// ask for with a few bytes each; programs write about ten.
	maxScans = 100
)

// A picture is a decoded photo, not yet upright.
type picture struct {
	image       image.Image // from 0,0 on
	format      format
	orientation int // EXIF: 1 to 8
}

// look returns a picture's format, and its size if it isn't too large.
func look(data []byte) (format, image.Config, error) {
	f, err := formatOf(data)
	if err != nil {
		return f, image.Config{}, err
	}
	config, err := decodeConfig(f, data)
	if err != nil {
		return f, config, decodeError(f, data, err)
	}
	return f, config, checkSize(config)
}

// decode reads a picture that [look] has looked at.
func decode(ctx context.Context, f format, data []byte, config image.Config) (picture, error) {
	m, err := decodeImage(ctx, f, data, config)
	switch {
	case ctx.Err() != nil:
		return picture{}, ctx.Err()
	case err != nil:
		return picture{}, decodeError(f, data, err)
	}
	rest, err := after(f, data)
	if err != nil {
		return picture{}, decodeError(f, data, err)
	}
	if len(rest) > 0 {
		return picture{}, trailing(f, len(rest))
	}
	return picture{m, f, orientationIn(f, data)}, nil
}

func decodeConfig(f format, data []byte) (image.Config, error) {
	r := bytes.NewReader(data)
	switch f {
	case formatJPEG:
		return jpeg.DecodeConfig(r)
	case formatPNG:
		return png.DecodeConfig(r)
	}
	return gif.DecodeConfig(r)
}

func checkSize(c image.Config) error {
	if c.Width <= 0 || c.Height <= 0 {
		return &Error{Reason: Broken, Message: "is a picture without pixels", Remedy: "save it again as JPEG"}
	}
	if max(c.Width, c.Height) > maxSide || int64(c.Width)*int64(c.Height) > maxPixels {
		return &Error{
			Reason: TooManyPixels,
			Message: fmt.Sprintf("has %d × %d pixels, more than the %d million (%d on a side) that are read",
				c.Width, c.Height, maxPixels/1_000_000, maxSide),
			Remedy: "save a smaller copy",
		}
	}
	return nil
}

func decodeImage(ctx context.Context, f format, data []byte, config image.Config) (image.Image, error) {
	r := input.Reader{Context: ctx, From: bytes.NewReader(data)}
	switch f {
	case formatJPEG:
		if n := countScans(data); n > maxScans {
			return nil, jpeg.UnsupportedError(fmt.Sprintf("%d scans", n))
		}
		return jpeg.Decode(r)
	case formatPNG:
		return png.Decode(r)
	}
	frame, err := gif.Decode(r) // the first one
	if err != nil {
		return nil, err
	}
	return onScreen(frame, image.Rect(0, 0, config.Width, config.Height)), nil
}

// onScreen returns a GIF's frame where its screen has it.
func onScreen(frame image.Image, screen image.Rectangle) image.Image {
	if frame.Bounds() == screen {
		return frame
	}
	m := image.NewRGBA(screen)
	draw.Draw(m, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return m
}

// after returns what follows the end of a picture. The error is
// [io.ErrUnexpectedEOF] where the end is missing. Behind a JPEG anything may
// follow: phones put short films, second pictures and notes of their own
// there.
func after(f format, data []byte) ([]byte, error) {
	switch f {
	case formatPNG:
		return afterPNG(data)
	case formatGIF:
		return afterGIF(data)
	}
	return nil, nil
}

// decodeError says in the partner's words what a decoder found.
func decodeError(f format, data []byte, err error) error {
	e := &Error{
		Reason:  Broken,
		Message: fmt.Sprintf("is a damaged %s: %v", f, err),
		Remedy:  "copy the photo again",
		Err:     err,
	}
	_, jpegFeature := errors.AsType[jpeg.UnsupportedError](err)
	_, pngFeature := errors.AsType[png.UnsupportedError](err)
	switch {
	case jpegFeature, pngFeature:
		e.Reason = Unsupported
		e.Message = fmt.Sprintf("is a %s of a rare variant: %v", f, err)
		e.Remedy = "save it again as JPEG"
	case endsEarly(f, data, err):
		e.Reason = Truncated
		e.Message = fmt.Sprintf("is a %s that ends too early", f)
	}
	return e
}

// endsEarly reports whether a decoder failed because the end is missing. Not
// every decoder says so itself.
func endsEarly(f format, data []byte, err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	_, err = after(f, data)
	return errors.Is(err, io.ErrUnexpectedEOF)
}

func trailing(f format, n int) error {
	return &Error{
		Reason:  Trailing,
		Message: fmt.Sprintf("is a %s with %d bytes after its end", f, n),
		Remedy:  "copy the photo again, or save it as JPEG",
	}
}
