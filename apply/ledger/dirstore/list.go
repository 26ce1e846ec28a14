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

// List walks the directory of the prefix, several folders at a time.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		g, ctx := errgroup.WithContext(ctx)
		w := &walk{
			Store: s, prefix: prefix, group: g,
			readers: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), found: make(chan []string, 16),
		}
		g.Go(func() error { return w.walkFolder(ctx, path.Dir(prefix+"x")) }) // the deepest folder that the prefix determines
		ended := make(chan error, 1)
		go func() {
			ended <- g.Wait()
			close(w.found)
		}()
		defer func() {
			cancel()
			for range w.found { // until all folders are read
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
	readers chan struct{} // a slot for each concurrent read of a folder
	found   chan []string
}

// walkFolder finds the keys in a folder, and starts on the folders below it.
func (w *walk) walkFolder(ctx context.Context, name string) error {
	entries, err := w.readEntries(ctx, name)
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
			w.group.Go(func() error { return w.walkFolder(ctx, key) })
		case !strings.HasPrefix(e.Name(), temporary) && strings.HasPrefix(key, w.prefix):
			keys = append(keys, key)
		}
	}
	w.found <- keys // List reads all of them, even if its caller stops
	return nil
}

// readEntries returns the entries of a folder of the store, in no order; none if
// it doesn't exist.
func (w *walk) readEntries(ctx context.Context, folder string) ([]fs.DirEntry, error) {
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
