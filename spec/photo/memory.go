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

// maxMemory bounds the memory of all pictures that are being decoded, scaled and
// encoded, and of what the collector hasn't taken back of those before them. A
// phone's photo of 108 megapixels takes most of it.
const maxMemory = 400_000_000 // bytes

// files bounds the bytes of all photo files in memory: one of the largest, or
// several smaller ones. A file waits for it first, then for pixels, never the
// other way round.
var files = semaphore.NewWeighted(maxFile)

// pixels is the room for decoded pictures.
var pixels = newRoom(maxMemory)

// A room is memory that is shared by all. What is released is free only when the
// collector has been there.
type room struct {
	free     *semaphore.Weighted
	released atomic.Int64 // and not yet collected
	waiting  atomic.Int64
}

func newRoom(bytes int64) *room { return &room{free: semaphore.NewWeighted(bytes)} }

// acquire waits for memory.
func (r *room) acquire(ctx context.Context, need int64) error {
	if r.free.TryAcquire(need) {
		return nil
	}
	r.waiting.Add(1)
	defer r.waiting.Add(-1)
	r.collect()
	return r.free.Acquire(ctx, need)
}

// release gives memory back that can't be reached any more.
func (r *room) release(need int64) {
	r.released.Add(need)
	if r.waiting.Load() > 0 {
		r.collect()
	}
}

func (r *room) collect() {
	if n := r.released.Swap(0); n > 0 {
		runtime.GC()
		r.free.Release(n)
	}
}

// memory returns a bound of the bytes that it takes to decode a picture, to
// scale it and to encode it again.
func memory(f format, data []byte, config image.Config, limits Limits) int64 {
	size := image.Pt(config.Width, config.Height)
	wanted := fit(size, limits.MaxPixels)
	result := 4 * area(wanted)
	need := decodedMemory(f, data, config) + 3*result + min(2*int64(limits.MaxBytes), 2*result)
	if wanted != size {
		need += 4*area(image.Pt(wanted.X, size.Y)) + stripMemory(size, wanted)
	}
	return need
}

// stripMemory is what the scaler keeps between its two passes, in either
// direction, for a strip and for the last one, which has another size.
func stripMemory(size, wanted image.Point) int64 {
	const each = 2 * 32 // bytes
	return each * int64(wanted.X*stripOf(wanted.X)+size.Y*stripOf(size.Y))
}

func area(size image.Point) int64 { return int64(size.X) * int64(size.Y) }

// decodedMemory returns a bound of the bytes that a decoder takes.
func decodedMemory(f format, data []byte, config image.Config) int64 {
	n := area(image.Pt(config.Width, config.Height))
	switch f {
	case formatJPEG:
		const block = 32 // pixels, the largest: sides are rounded up to them
		return jpegMemory(data, area(image.Pt(roundUp(config.Width, block), roundUp(config.Height, block))))
	case formatGIF:
		return 5 * n // the frame, and the screen if it is another
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
	for kind := range chunks(data) {
		if kind == "tRNS" { // one colour of these is transparent
			each = max(each, min(4*each, 8))
		}
	}
	const interlace = 20 + 8 // place of the flag in the first chunk
	if len(data) > interlace && data[interlace] != 0 {
		return 2 * each * n // and the passes, each a picture of its own
	}
	return each * n
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// jpegMemory returns a bound of the bytes for a JPEG of n pixels, by the frames
// that it announces. It takes the worst of several, and of none.
func jpegMemory(data []byte, n int64) int64 {
	most, converted := int64(0), false
	for marker, segment := range segments(data) {
		switch marker {
		case 0xc0, 0xc1, 0xc2: // baseline, extended, progressive
			most = max(most, frameMemory(segment, n, marker == 0xc2))
		case 0xee: // Adobe's: the colours may have to be converted
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

// frameMemory returns the bytes for the samples of a frame: with coefficients
// beside them in a progressive one.
func frameMemory(segment []byte, n int64, progressive bool) int64 {
	const head, each = 6, 3 // bytes before the components, and of one
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
		samples += 4 * n // CMYK is put together from its channels
	}
	if progressive {
		samples += 4 * samples
	}
	return samples
}

// checkMemory refuses a picture that takes more memory than there may be.
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
