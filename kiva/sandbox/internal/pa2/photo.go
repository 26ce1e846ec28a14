package pa2

import (
	"encoding/base64"
	"errors"
	"fmt"
	"kivaform/kiva/sandbox/internal/folder"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Photo describes a photo; its bytes are in the PhotoStore.
type Photo struct {
	Digest string `json:"digest"` // SHA-256 in hex
	Size   int    `json:"size"`
	Type   string `json:"type"` // detected from the content
}

// A PhotoStore keeps photos by their digest, in a folder or in memory.
type PhotoStore struct {
	dir folder.Dir // "" for memory

	mu     sync.Mutex
	memory map[string][]byte
}

// NewPhotoStore returns a store in a folder, or in memory if dir is empty.
func NewPhotoStore(dir string) *PhotoStore { return &PhotoStore{dir: folder.Dir(dir)} }

// DecodePhoto returns the bytes of a data URI, or of bare base64.
func DecodePhoto(encoded string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(encoded, "data:"); ok {
		head, data, found := strings.Cut(rest, ",")
		if !found || !strings.HasSuffix(head, ";base64") {
			return nil, errors.New("not a data URI in base64")
		}
		encoded = data
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("not base64")
	}
	return data, nil
}

// Keep stores a photo and describes it.
func (s *PhotoStore) Keep(data []byte) (*Photo, error) {
	p := &Photo{Digest: Digest(data), Size: len(data), Type: http.DetectContentType(data)}
	if err := s.writePhoto(p.Digest, data); err != nil {
		return nil, fmt.Errorf("sandbox: keep a photo: %w", err)
	}
	return p, nil
}

func (s *PhotoStore) writePhoto(digest string, data []byte) error {
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.memory == nil {
			s.memory = map[string][]byte{}
		}
		s.memory[digest] = data
		return nil
	}
	return s.dir.Do(func(root *os.Root) error {
		name := photoFile(digest)
		if _, err := root.Stat(name); err == nil {
			return nil
		}
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		return folder.ReplaceFile(root, name, data)
	})
}

// Get returns the bytes of a stored photo.
func (s *PhotoStore) Get(digest string) ([]byte, error) {
	if len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
		return nil, os.ErrNotExist // so that it can't name other files
	}
	if s.dir != "" {
		return s.readPhoto(digest)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.memory[digest]
	if !ok {
		return nil, os.ErrNotExist
	}
	return data, nil
}

func (s *PhotoStore) readPhoto(digest string) (data []byte, err error) {
	err = s.dir.Do(func(root *os.Root) error {
		data, err = folder.ReadFile(root, photoFile(digest))
		return err
	})
	return data, err
}

func photoFile(digest string) string { return filepath.Join("photos", digest) }
