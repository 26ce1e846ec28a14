package spec

import (
	"context"
	"errors"
	"os"

	"kivaform/spec/photo"
)

// ErrPhotoChanged says that a photo is no longer the one that was planned.
var ErrPhotoChanged = errors.New("the file changed since the plan was made; plan again")

// DataURI returns what Kiva receives of a photo: a data URI with the true media
// type. It fails with ErrPhotoChanged where the file is another one by now.
func (s *Set) DataURI(image *Image) (string, error) {
	mediaType, data, err := s.Photo(context.Background(), image)
	if err != nil {
		return "", err
	}
	return photo.DataURI(mediaType, data), nil
}

// Photo returns the bytes that Kiva receives of a photo, and their media type.
// It fails with ErrPhotoChanged where the file is another one by now.
func (s *Set) Photo(ctx context.Context, image *Image) (mediaType string, data []byte, err error) {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return "", nil, err
	}
	defer root.Close()
	facts, data, err := photo.Encode(ctx, root, image.File, s.Settings.Photos)
	if err != nil {
		return "", nil, err
	}
	if facts.Digest != image.Digest {
		return "", nil, ErrPhotoChanged
	}
	return facts.MediaType, data, nil
}
