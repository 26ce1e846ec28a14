package photo

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// maxMemory bounds the bytes of all pictures in work, and of finished ones that
// aren't collected yet. A phone's photo of 108 megapixels needs most of it.
const maxMemory = 400_000_000

// fileMemory bounds the bytes of all photo files in memory: one of the largest, or
// several smaller ones. Acquire files before pixels, never the other way round.
var fileMemory = semaphore.NewWeighted(maxFile)

// pixelMemory bounds the bytes of decoded pictures.
var pixelMemory = newMemoryRoom(maxMemory)

// A memoryRoom is memory shared by all photos. Released memory is free after the
// next collection.
type memoryRoom struct {
	free     *semaphore.Weighted
	released atomic.Int64 // not yet collected
	waiting  atomic.Int64
}

func newMemoryRoom(bytes int64) *memoryRoom { return &memoryRoom{free: semaphore.NewWeighted(bytes)} }

// acquire waits for need bytes.
func (r *memoryRoom) acquire(ctx context.Context, need int64) error {
	if r.free.TryAcquire(need) {
		return nil
	}
	r.waiting.Add(1)
	defer r.waiting.Add(-1)
	r.collect()
	return r.free.Acquire(ctx, need)
}

// release returns need bytes that nothing refers to any more.
func (r *memoryRoom) release(need int64) {
	r.released.Add(need)
	if r.waiting.Load() > 0 {
		r.collect()
	}
}

func (r *memoryRoom) collect() {
	if n := r.released.Swap(0); n > 0 {
		runtime.GC()
		r.free.Release(n)
	}
}

// memoryNeed returns a bound of the bytes for decoding, scaling and encoding a
// picture.
func memoryNeed(f format, data []byte, config image.Config, limits Limits) int64 {
	size := image.Pt(config.Width, config.Height)
	wanted := fitWithin(size, limits.MaxPixels)
	result := 4 * area(wanted)
	need := decodedMemory(f, data, config) + 3*result + min(2*int64(limits.MaxBytes), 2*result)
	if wanted != size {
		need += 4*area(image.Pt(wanted.X, size.Y)) + stripMemory(size, wanted)
	}
	return need
}

// stripMemory returns the bytes that the scaler keeps between its passes, in
// both directions, for a full strip and for the last one.
func stripMemory(size, wanted image.Point) int64 {
	const each = 2 * 32 // bytes per pixel
	return each * int64(wanted.X*stripLength(wanted.X)+size.Y*stripLength(size.Y))
}

func area(size image.Point) int64 { return int64(size.X) * int64(size.Y) }

// decodedMemory returns a bound of the bytes for decoding.
func decodedMemory(f format, data []byte, config image.Config) int64 {
	n := area(image.Pt(config.Width, config.Height))
	switch f {
	case formatJPEG:
		const block = 32 // pixels, at most: sides are rounded up to it
		return jpegMemory(data, area(image.Pt(roundUp(config.Width, block), roundUp(config.Height, block))))
	case formatGIF:
		return 5 * n // the frame, and the screen if it is larger
	}
	each := int64(8) // 16 bits for each of four channels
	switch config.ColorModel {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBAModel, color.NRGBAModel:
		each = 4
	}
	if _, paletted := config.ColorModel.(color.Palette); paletted {
		each = 1
	}
	for kind := range pngChunks(data) {
		if kind == "tRNS" { // one colour is transparent
			each = max(each, min(4*each, 8))
		}
	}
	const interlace = 20 + 8 // offset of the flag in the first chunk
	if len(data) > interlace && data[interlace] != 0 {
		return 2 * each * n // and the passes, each a picture of its own
	}
	return each * n
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// jpegMemory returns a bound of the bytes for a JPEG of n pixels: the largest of
// its frames, or the largest possible if it has none.
func jpegMemory(data []byte, n int64) int64 {
	most, converted := int64(0), false
	for marker, segment := range jpegSegments(data) {
		switch marker {
		case 0xc0, 0xc1, 0xc2: // baseline, extended, progressive
			most = max(most, frameMemory(segment, n, marker == 0xc2))
		case 0xee: // Adobe's segment: the colours may be converted
			converted = true
		}
	}
	if most == 0 {
		most = 4*n + 4*4*n
	}
	if converted {
		most += 4 * n
	}
	return most
}

// frameMemory returns the bytes for a frame's samples, and for the coefficients
// of a progressive one.
func frameMemory(segment []byte, n int64, progressive bool) int64 {
	const head, each = 6, 3 // bytes before the components, bytes of each
	if len(segment) < head {
		return 0
	}
	components := segment[head:]
	var maxH, maxV, sampled int64
	for i := 0; i < int(segment[head-1]) && len(components) >= each; i++ {
		h, v := int64(components[1]>>4), int64(components[1]&15)
		maxH, maxV, sampled = max(maxH, h), max(maxV, v), sampled+h*v
		components = components[each:]
	}
	if maxH*maxV == 0 {
		return 0
	}
	samples := n
	if segment[head-1] > 1 {
		samples = (n*sampled + maxH*maxV - 1) / (maxH * maxV)
	}
	if segment[head-1] == 4 {
		samples += 4 * n // CMYK is combined from its channels
	}
	if progressive {
		samples += 4 * samples
	}
	return samples
}

// checkMemory refuses a picture that needs more than maxMemory.
func checkMemory(config image.Config, need int64) error {
	if need <= maxMemory {
		return nil
	}
	return &Error{
		Reason: TooManyPixels,
		Message: fmt.Sprintf("has %d × %d pixels in a form that takes %d MB of memory, more than the %d MB that there are for photos",
			config.Width, config.Height, need/1_000_000, maxMemory/1_000_000),
		Remedy: "save a smaller copy",
	}
}
