package sandbox

import (
	"encoding/base64"
	"kivaform/kiva/sandbox/internal/pa2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder that came with a clone may hold links in place of the sandbox's
// files: none is followed, whether or not it leads to a file that is there.
func TestLinksInTheFolder(t *testing.T) {
	use := func(dir string) error {
		s, err := Open(Options{Dir: dir})
		if err != nil {
			return err
		}
		if _, err := s.tokens.Keys.All(); err != nil {
			return err
		}
		if err := s.tokens.Keys.Rotate(false); err != nil {
			return err
		}
		p, err := s.photos.Keep([]byte("a photo"))
		if err == nil {
			_, err = s.photos.Get(p.Digest)
		}
		return err
	}
	if err := use(t.TempDir()); err != nil {
		t.Fatalf("without links: %v", err)
	}
	photo := filepath.Join("photos", pa2.Digest([]byte("a photo")))
	for _, name := range []string{"events.jsonl", "lock", "key.lock", "key.pem", "key.old.pem", "photos", photo} {
		for _, there := range []bool{false, true} {
			outside, dir := t.TempDir(), t.TempDir()
			victim := filepath.Join(outside, "victim")
			was := []byte("{}\n")
			if there {
				if err := os.WriteFile(victim, was, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			link := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(victim, link); err != nil {
				t.Skip("no symbolic links here: ", err)
			}
			err := use(dir)
			if err == nil && name != "key.old.pem" && name != photo { // those are replaced by files
				t.Errorf("%s is a link (to a file: %t), and nothing is wrong", name, there)
			}
			if data, _ := os.ReadFile(victim); there && string(data) != string(was) {
				t.Errorf("%s is a link: %q was written outside", name, data)
			}
			if left, _ := os.ReadDir(outside); !there && len(left) > 0 {
				t.Errorf("%s is a link: %v was made outside", name, left)
			}
		}
	}
}

// A photo isn't read through a link either.
func TestPhotoThatIsALink(t *testing.T) {
	dir, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("a", 64)
	if err := os.Mkdir(filepath.Join(dir, "photos"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "photos", name)); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	p := start(t, Options{Dir: dir})
	if r := p.send("GET", "/pa2/photos/"+name, ""); strings.Contains(string(r.body), "secret") || r.status == 200 {
		t.Errorf("%d %s", r.status, base64.StdEncoding.EncodeToString(r.body))
	}
}
