package load

import (
	"errors"
	"slices"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/input"
	"kivaform/spec/photo"
)

// A pictured draft is a draft with the position of its photo.
type pictured struct {
	draft *spec.LoanDraft
	at    spec.Pos
}

// inspectPhotos checks the drafts' photos, each file once.
func (l *loader) inspectPhotos(found []*documents) {
	uses := map[string][]pictured{}
	for _, d := range found {
		for _, u := range d.photos {
			uses[u.file] = append(uses[u.file], pictured{d.drafts[u.draft], u.at})
		}
	}
	files := make([]string, 0, len(uses))
	for file := range uses {
		files = append(files, file)
	}
	faults := make([][]*spec.Fault, len(files))
	runParallel(l.ctx, len(files), l.countProgress("photos", len(files), func(i int) { faults[i] = l.inspectPhoto(files[i], uses[files[i]]) }))
	l.set.Faults = append(l.set.Faults, slices.Concat(faults...)...)
}

func (l *loader) inspectPhoto(file string, uses []pictured) []*spec.Fault {
	image, err := l.inspectFile(file)
	var faults []*spec.Fault
	for _, u := range uses {
		u.draft.Image = image
		if err != nil {
			f := photoFault(u.at, err)
			f.Address = u.draft.Address()
			faults = append(faults, f)
		}
	}
	return faults
}

var errHidden = errors.New("a hidden file")

// inspectFile returns the facts of a photo.
func (l *loader) inspectFile(file string) (*spec.Image, error) {
	if input.IsHidden(l.root, file) {
		return nil, errHidden
	}
	p, err := photo.Inspect(l.ctx, l.root, file, l.set.Settings.Photos, l.photos)
	if err != nil {
		return nil, err
	}
	return &spec.Image{File: file, Digest: p.Digest, Picture: p.Picture, MediaType: p.MediaType, Width: p.Width, Height: p.Height, Bytes: p.Bytes}, nil
}

func photoFault(at spec.Pos, err error) *spec.Fault {
	var bad *photo.Error
	switch {
	case err == errHidden:
		return hiddenFault(at, "image")
	case errors.As(err, &bad) && (bad.Reason == photo.Missing || bad.Reason == photo.Unreadable):
		return fileFault(code.Path, at, "image", bad.Err)
	case errors.As(err, &bad):
		return code.NewFault(code.Photo, at, "image", bad.Message, bad.Remedy)
	}
	return fileFault(code.Path, at, "image", err)
}
