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
	// maxPixels bounds the area of a picture, and maxSide its sides in pixels,
	// at JPEG's own limit. Cheap phones have modes of 12,000 × 9,000 pixels and
	// a few more.
	maxPixels = 120_000_000
	maxSide   = 65_535
	// maxScans bounds the scans of a progressive JPEG, each a pass over all
	// pixels for a few bytes. Common programs write about ten.
	maxScans = 100
)

// A picture is a decoded photo, not yet upright.
type picture struct {
	image       image.Image // its bounds begin at 0,0
	format      format
	orientation int // EXIF: 1 to 8
}

// inspectHeader returns a picture's format and size, or an error if it is too
// large.
func inspectHeader(data []byte) (format, image.Config, error) {
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

// decodePicture decodes a picture that [inspectHeader] has accepted.
func decodePicture(ctx context.Context, f format, data []byte, config image.Config) (picture, error) {
	m, err := decodeImage(ctx, f, data, config)
	switch {
	case ctx.Err() != nil:
		return picture{}, ctx.Err()
	case err != nil:
		return picture{}, decodeError(f, data, err)
	}
	rest, err := bytesAfterEnd(f, data)
	if err != nil {
		return picture{}, decodeError(f, data, err)
	}
	if len(rest) > 0 {
		return picture{}, trailingError(f, len(rest))
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
	frame, err := gif.Decode(r) // the first frame
	if err != nil {
		return nil, err
	}
	return placeOnScreen(frame, image.Rect(0, 0, config.Width, config.Height)), nil
}

// placeOnScreen returns a GIF's frame at its position on the GIF's screen.
func placeOnScreen(frame image.Image, screen image.Rectangle) image.Image {
	if frame.Bounds() == screen {
		return frame
	}
	m := image.NewRGBA(screen)
	draw.Draw(m, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return m
}

// bytesAfterEnd returns the bytes after the end of a picture, or
// [io.ErrUnexpectedEOF] if the end is missing. Bytes after a JPEG are ignored:
// phones append short films, second pictures and notes.
func bytesAfterEnd(f format, data []byte) ([]byte, error) {
	switch f {
	case formatPNG:
		return afterPNG(data)
	case formatGIF:
		return afterGIF(data)
	}
	return nil, nil
}

// decodeError describes a decoder's error in the partner's terms.
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

// endsEarly reports whether a decoder failed because the end is missing. Some
// decoders return another error for it.
func endsEarly(f format, data []byte, err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	_, err = bytesAfterEnd(f, data)
	return errors.Is(err, io.ErrUnexpectedEOF)
}

func trailingError(f format, n int) error {
	return &Error{
		Reason:  Trailing,
		Message: fmt.Sprintf("is a %s with %d bytes after its end", f, n),
		Remedy:  "copy the photo again, or save it as JPEG",
	}
}
