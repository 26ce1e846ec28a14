package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where the sandbox can't use its files, every answer says why, in the words
// of those who ask.
func TestBrokenFilesAreNamed(t *testing.T) {
	for name, harm := range map[string]func(p *partner, dir string) error{
		"no space left": func(p *partner, _ string) error {
			p.server.store.Log = &fullLog{p.server.store.Log}
			return nil
		},
		"not a directory": func(_ *partner, dir string) error {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.WriteFile(dir, nil, 0o600)
		},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		p := start(t, Options{Dir: dir})
		if err := harm(p, dir); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ method, path, code, words string }{
			{"POST", "/oauth/token", "error", "error_description"},
			{"POST", "/partner/v1/oauth/introspect", "error", "error_description"},
			{"GET", "/v1/partners.json", "code", "message"},
			{"POST", "/pa2/reset", "code", "message"},
		} {
			said := p.send(tt.method, tt.path, tokenRequest().Encode(), "Content-Type", "application/x-www-form-urlencoded").want(500).object()
			if words := fmt.Sprint(said[tt.words]); said[tt.code] == nil || !strings.Contains(words, name) || !strings.Contains(words, filepath.Join(dir, "events.jsonl")) {
				t.Errorf("%s: %s answers %v", name, tt.path, said)
			}
		}
	}
}
