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

// rules is the version of what Inspect accepts and Encode makes. It goes up
// with each change of either, so that older facts are forgotten.
const rules = 2

// A cache is where the facts of one photo under one set of limits are kept.
type cache struct {
	file   string // empty: nowhere
	digest string // of the photo
}

func cacheFor(dir, digest string, limits Limits) cache {
	if dir == "" {
		return cache{}
	}
	// Encoders belong to the Go release and may change with it.
	key := fmt.Sprintf("%d %s %s %d %d", rules, runtime.Version(), digest, limits.MaxPixels, limits.MaxBytes)
	sum := sha256.Sum256([]byte(key))
	return cache{file: filepath.Join(dir, hex.EncodeToString(sum[:])+".json"), digest: digest}
}

// load returns the facts, if they are there and undamaged.
func (c cache) load() (Photo, bool) {
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
	return p, p.Digest == c.digest && typed && p.Width > 0 && p.Height > 0 && p.Bytes > 0
}

// save keeps the facts. Failing is no error: they are found again next time.
// Several processes may save the same facts at once; each writes a file of its
// own and renames it.
func (c cache) save(p Photo) {
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
