package cachestore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is in a pack, what it gives out has its digest, and what is added is
// found beside it by the next program.
func FuzzPack(f *testing.F) {
	name := filepath.Join(f.TempDir(), "seed")
	p := openPack(name)
	p.addObject("a.json 1", []byte("one"))
	p.addObject("b.json 1", nil)
	p.close()
	whole, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(bytes.Repeat(whole, 2))
	f.Add(append(bytes.Clone(whole), "\x00\x00garbage"...))
	f.Add(bytes.Repeat([]byte{0xff}, headSize))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "pack")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p := openPack(name)
		if p.end > int64(len(data)) {
			t.Fatalf("it ends at %d of %d", p.end, len(data))
		}
		sound := make(map[string][]byte)
		for key, at := range p.positions {
			if at.offset < 0 || at.offset+int64(at.recordSize()) > p.end {
				t.Fatalf("%q is at %+v of %d", key, at, p.end)
			}
			if object, ok := p.findObject(key); ok {
				sound[key] = object
			}
		}
		sound["new.json 1"] = []byte("added")
		p.addObject("new.json 1", []byte("added"))
		p.close()
		p = openPack(name)
		defer p.close()
		for key, want := range sound {
			if got, ok := p.findObject(key); !ok || !bytes.Equal(got, want) {
				t.Errorf("%q: %q, %t, want %q", key, got, ok, want)
			}
		}
	})
}
