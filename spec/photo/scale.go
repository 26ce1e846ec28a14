package photo

import (
	"context"
	"image"

	"golang.org/x/image/draw"
)

// fitWithin returns size reduced to a long side of at most longest pixels, each
// side at least 1.
func fitWithin(size image.Point, longest int) image.Point {
	long := max(size.X, size.Y)
	if long <= longest {
		return size
	}
	return image.Pt(scaledSide(size.X, longest, long), scaledSide(size.Y, longest, long))
}

func scalePercent(size image.Point, p int) image.Point {
	return image.Pt(scaledSide(size.X, p, 100), scaledSide(size.Y, p, 100))
}

// scaledSide returns side * part / whole, rounded, and at least 1.
func scaledSide(side, part, whole int) int {
	return max(1, int((int64(side)*int64(part)+int64(whole)/2)/int64(whole)))
}

// renderUpright scales a picture to size, measured before it is turned upright,
// and turns it.
func renderUpright(ctx context.Context, pic picture, size image.Point) (*image.RGBA, error) {
	m, err := scaleTo(ctx, pic.image, size)
	if err != nil {
		return nil, err
	}
	return turnUpright(m, pic.orientation), nil
}

// scaleTo returns a picture in another size. Transparent pixels lose their colour,
// so that erased parts can't show up again. The error is the context's.
func scaleTo(ctx context.Context, src image.Image, size image.Point) (*image.RGBA, error) {
	if src.Bounds().Size() == size {
		dst := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(dst, dst.Rect, src, image.Point{}, draw.Src)
		return dst, ctx.Err()
	}
	narrow, err := scaleX(ctx, src, size.X)
	if err != nil {
		return nil, err
	}
	return scaleY(ctx, narrow, size.Y)
}

// maxStrip bounds the rows or columns that are scaled together, and stripPixels
// their pixels in the result or the source. The scaler keeps 32 bytes for each
// pixel between its passes, 200 MB for a common phone's photo; strips, each
// direction for itself, need a tenth.
const (
	maxStrip    = 256
	stripPixels = 1 << 19
)

func stripLength(length int) int { return min(max(stripPixels/length, 1), maxStrip) }

func scaleX(ctx context.Context, src image.Image, width int) (*image.RGBA, error) {
	size, strip := src.Bounds().Size(), stripLength(width)
	dst := image.NewRGBA(image.Rect(0, 0, width, size.Y))
	scaler := draw.CatmullRom.NewScaler(width, strip, size.X, strip)
	for y := 0; y < size.Y; y += strip {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(y+strip, size.Y)
		in := image.Rect(0, y, size.X, end)
		scaler.Scale(dst, image.Rect(0, y, width, end), src, in, draw.Src, nil)
	}
	return dst, nil
}

func scaleY(ctx context.Context, src *image.RGBA, height int) (*image.RGBA, error) {
	size := src.Rect.Size()
	strip := stripLength(size.Y)
	dst := image.NewRGBA(image.Rect(0, 0, size.X, height))
	scaler := draw.CatmullRom.NewScaler(strip, height, strip, size.Y)
	for x := 0; x < size.X; x += strip {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(x+strip, size.X)
		in := image.Rect(x, 0, end, size.Y)
		scaler.Scale(dst, image.Rect(x, 0, end, height), src, in, draw.Src, nil)
	}
	return dst, nil
}
