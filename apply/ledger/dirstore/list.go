package dirstore

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// List walks the directory that the prefix names, several folders side by side.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		g, ctx := errgroup.WithContext(ctx)
		w := &walk{
			Store: s, prefix: prefix, group: g,
			readers: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), found: make(chan []string, 16),
		}
		g.Go(func() error { return w.folder(ctx, path.Dir(prefix+"x")) }) // the deepest that the prefix is sure of
		ended := make(chan error, 1)
		go func() {
			ended <- g.Wait()
			close(w.found)
		}()
		defer func() {
			cancel()
			for range w.found { // until nothing is under way
			}
		}()
		for keys := range w.found {
			for _, key := range keys {
				if !yield(key, nil) {
					return
				}
			}
		}
		if err := <-ended; err != nil {
			yield("", err)
		}
	}
}

// A walk is one call of List.
type walk struct {
	*Store
	prefix  string
	group   *errgroup.Group
	readers chan struct{} // has room for as many folders as are read at once
	found   chan []string
}

// folder finds the keys in a folder, and has those below it found.
func (w *walk) folder(ctx context.Context, name string) error {
	entries, err := w.entries(ctx, name)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		key := e.Name()
		if name != "." {
			key = name + "/" + key
		}
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			return linkError(filepath.Join(w.root, filepath.FromSlash(key)))
		case !e.IsDir() && !e.Type().IsRegular():
			return irregularError(filepath.Join(w.root, filepath.FromSlash(key)))
		case e.IsDir():
			w.group.Go(func() error { return w.folder(ctx, key) })
		case !strings.HasPrefix(e.Name(), temporary) && strings.HasPrefix(key, w.prefix):
			keys = append(keys, key)
		}
	}
	w.found <- keys // List reads all of them, also where nobody wants more
	return nil
}

// entries returns the entries of a folder of the store, in no order. A folder that
// isn't there has nothing.
func (w *walk) entries(ctx context.Context, folder string) ([]fs.DirEntry, error) {
	w.readers <- struct{}{}
	defer func() { <-w.readers }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name := filepath.Join(w.root, filepath.FromSlash(folder))
	if err := w.checkNoLinks(name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDONLY|onlyFolder, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return entries, err
}
