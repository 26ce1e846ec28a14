package photo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// rulesVersion is the version of Inspect's checks and Encode's output. Raise it
// with each change of either, so that older cached facts are ignored.
const rulesVersion = 3

// A cache is the file of one photo's facts under one set of limits.
type cache struct {
	file   string // empty: no cache
	digest string // of the photo
}

func cacheFor(dir, digest string, limits Limits) cache {
	if dir == "" {
		return cache{}
	}
	// The encoders' output may change with the Go release.
	key := fmt.Sprintf("%d %s %s %d %d", rulesVersion, runtime.Version(), digest, limits.MaxPixels, limits.MaxBytes)
	sum := sha256.Sum256([]byte(key))
	return cache{file: filepath.Join(dir, hex.EncodeToString(sum[:])+".json"), digest: digest}
}

// loadFacts returns the facts if the file exists and is valid.
func (c cache) loadFacts() (Photo, bool) {
	if c.file == "" {
		return Photo{}, false
	}
	data, err := os.ReadFile(c.file)
	if err != nil {
		return Photo{}, false
	}
	var p Photo
	if err := json.Unmarshal(data, &p); err != nil {
		return Photo{}, false
	}
	typed := p.MediaType == "image/jpeg" || p.MediaType == "image/png"
	return p, p.Digest == c.digest && len(p.Picture) == hex.EncodedLen(sha256.Size) && typed && p.Width > 0 && p.Height > 0 && p.Bytes > 0
}

// saveFacts writes the facts. It ignores errors: the facts can be found again. It
// renames a file of its own, so several processes may save at once.
func (c cache) saveFacts(p Photo) {
	if c.file == "" {
		return
	}
	data, err := json.Marshal(p)
	if err != nil {
		return
	}
	dir := filepath.Dir(c.file)
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	tmp, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), c.file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
}
