package html

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	_ "image/gif" // photos may be GIF
	"image/jpeg"
	_ "image/png" // or PNG files
	"runtime"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/sync/errgroup"

	"kivaform/plan/view"
)

const (
	thumbnailPixels  = 320 // of the longer side
	thumbnailQuality = 70
	photoPixels      = 64 << 20 // more are not decoded
)

// A thumbnail is a small copy of a photo as part of the page, or why there is
// none.
type thumbnail struct {
	Source        template.URL // empty where it can't be shown
	Width, Height int
	Failed        bool
}

// thumbnails makes the small photos of some items side by side.
func (p *page) thumbnails(items []view.Item) []*thumbnail {
	list := make([]*thumbnail, len(items))
	if p.Photo == nil {
		return list
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range items {
		item := &items[i]
		if item.Image == nil && item.ImageEncoded == "" || !showsAll(item.Action) {
			continue
		}
		g.Go(func() error {
			list[i] = p.thumbnail(item)
			return nil
		})
	}
	g.Wait()
	return list
}

func (p *page) thumbnail(i *view.Item) *thumbnail {
	data, err := p.photoOf(i)
	if err != nil {
		return &thumbnail{Failed: true}
	}
	t, err := newThumbnail(data)
	if err != nil {
		return &thumbnail{Failed: true}
	}
	return t
}

// photoOf returns the bytes of an item's photo.
func (p *page) photoOf(i *view.Item) ([]byte, error) {
	if i.Image != nil {
		return p.Photo(i.Image)
	}
	data := i.ImageEncoded
	if _, encoded, ok := strings.Cut(data, ";base64,"); ok {
		data = encoded
	}
	return base64.StdEncoding.DecodeString(data)
}

// newThumbnail makes a thumbnail of a photo file. It is encoded again in any case, so
// that nothing but a picture gets into the page.
func newThumbnail(data []byte) (*thumbnail, error) {
	facts, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if facts.Width <= 0 || facts.Height <= 0 || facts.Width > photoPixels/facts.Height {
		return nil, fmt.Errorf("%d × %d pixels", facts.Width, facts.Height)
	}
	full, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	size := full.Bounds().Size()
	if longer := max(size.X, size.Y); longer > thumbnailPixels {
		size = image.Pt(max(size.X*thumbnailPixels/longer, 1), max(size.Y*thumbnailPixels/longer, 1))
	}
	small := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return nil, err
	}
	source := "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	return &thumbnail{Source: template.URL(source), Width: size.X, Height: size.Y}, nil // #nosec G203 -- base64 of a picture that was encoded here
}
