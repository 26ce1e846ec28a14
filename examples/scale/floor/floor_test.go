package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kivaform/examples/scale/workspace"
)

func TestFloorsReadAll(t *testing.T) {
	dir := t.TempDir()
	err := workspace.Write(dir, workspace.Options{Drafts: 25, Rows: 40, Photos: 1, Each: 10, Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for _, floor := range []struct {
		name string
		read func(string) (int, error)
		want int
	}{{"yaml", decode, 25}, {"csv", readRows, 40}, {"hash", hash, 1}} {
		if got, err := floor.read(dir); got != floor.want || err != nil {
			t.Errorf("%s: %d, %v; want %d", floor.name, got, err, floor.want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "loans", "bad.yaml"), []byte("kind: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := decode(dir); err == nil {
		t.Error("a file that isn't YAML is no error")
	}
}
