package spec

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"kivaform/spec/cache"
	"kivaform/spec/input"
)

// Load reads a workspace: kiva.yaml, catalog.yaml, all documents, and the CSV
// files and photos that they name. What is wrong in the files is in the set's
// Faults, see [Set.Err]; the error is for a folder that can't be read, and a
// [*Fault] for one without kiva.yaml. When the context ends, reading ends with
// its error.
func Load(ctx context.Context, dir string, options Options) (*Set, error) {
	l, err := newLoader(ctx, dir, options)
	if err != nil {
		return nil, err
	}
	defer l.root.Close()
	if options.Begin != nil {
		options.Begin(l.set)
	}
	files, skipped, err := discover(ctx, l.root, l.ignored)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	l.set.Faults = append(l.set.Faults, skipped...)
	files = append([]string{l.settingsFile}, files...)
	l.openCache(options)
	defer l.closeCache(files)
	found := l.readAll(files)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.inspectPhotos(found)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.collect(found)
	return l.finish(), nil
}

// LoadSettings reads kiva.yaml and catalog.yaml only, for commands that need no
// documents. The set has no drafts, journals and reports.
func LoadSettings(ctx context.Context, dir string, options Options) (*Set, error) {
	l, err := newLoader(ctx, dir, options)
	if err != nil {
		return nil, err
	}
	defer l.root.Close()
	return l.finish(), nil
}

// A loader is what reading documents needs to know. Only its set changes, and
// that never while documents are being read.
type loader struct {
	ctx          context.Context // of one call of Load
	root         *os.Root
	settingsFile string
	set          *Set
	defaults     defaults
	index        *index

	basis   [][]byte      // the settings' and the catalogue's files, by which documents are judged
	buffers input.Buffers // for files
	cache   *cache.Cache  // nil where nothing is kept
	grounds cache.Stamp   // of the basis
	photos  string        // the folder of the facts of photos; "" where nothing is kept

	budget    *budget
	maxErrors int // of a file

	fingerprint func(Address, []Field) string      // may be nil
	progress    func(what string, done, total int) // may be nil
}

func newLoader(ctx context.Context, dir string, options Options) (*loader, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noWorkspace("there is no folder " + filepath.Clean(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	l := &loader{ctx: ctx, root: root, budget: newBudget(), maxErrors: cmp.Or(options.MaxErrors, maxFaults), set: &Set{Dir: filepath.Clean(dir)}, fingerprint: options.Fingerprint, progress: options.Progress}
	if options.CacheDir != "" {
		l.photos = filepath.Join(options.CacheDir, photosFolder)
	}
	if l.settingsFile = firstFile(root, settingsFiles); l.settingsFile == "" {
		root.Close()
		return nil, noWorkspaceIn(dir)
	}
	l.loadCatalog()
	l.loadSettings(options)
	if err := ctx.Err(); err != nil {
		root.Close()
		return nil, err
	}
	return l, nil
}

// noWorkspaceIn says where the workspace is that a folder is in, or how one is
// made.
func noWorkspaceIn(dir string) *Fault {
	f := noWorkspace("there is none in " + filepath.Clean(dir))
	if above := Above(dir); above != "" {
		f.Hint = "there is one above: kivaform -C " + above
	}
	return f
}

// Above returns the nearest folder above another one that is a workspace, ""
// where there is none. It is relative where dir is.
func Above(dir string) string {
	for above := filepath.Join(dir, ".."); ; above = filepath.Join(above, "..") {
		for _, name := range settingsFiles {
			if info, err := os.Stat(filepath.Join(above, name)); err == nil && info.Mode().IsRegular() {
				return above
			}
		}
		if abs, err := filepath.Abs(above); err != nil || filepath.Dir(abs) == abs {
			return ""
		}
	}
}

func noWorkspace(message string) *Fault {
	return newFault(codeWorkspace, Pos{File: settingsFiles[0]}, "", message,
		"choose the workspace's folder with -C, or make a workspace with kivaform init")
}

func firstFile(root *os.Root, names []string) string {
	for _, name := range names {
		if _, err := root.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

func (l *loader) loadCatalog() {
	file := firstFile(l.root, catalogFiles)
	if file != "" {
		r := l.reader(file)
		l.basis = append(l.basis, l.read(r, func(n *yaml.Node) {
			o := r.open(n, nil, "", -1)
			l.set.Catalog = r.catalog(&o)
		}))
		l.set.Faults = append(l.set.Faults, r.faults...)
	}
	l.index = newIndex(l.set.Catalog)
}

func (l *loader) loadSettings(options Options) {
	r, done := l.reader(l.settingsFile), false
	l.basis = append(l.basis, l.read(r, func(n *yaml.Node) {
		if done || !isSettings(n) {
			return
		}
		done = true
		o := r.open(n, nil, "", -1)
		l.set.Settings, l.defaults = r.settings(&o, l.index)
	}))
	if !done && len(r.faults) == 0 {
		r.faults = append(r.faults, newFault(codeVersion, Pos{File: r.file, Line: 1, Column: 1}, "version", "is missing", "write version: 1").as(missing))
	}
	l.set.Faults = append(l.set.Faults, r.faults...)
	l.set.choose(options)
}

// isSettings reports whether a document of kiva.yaml is the settings: the
// others say their kind.
func isSettings(n *yaml.Node) bool {
	return n.Kind != yaml.MappingNode || find(n.Content, "kind") == nil
}

// choose sets what follows from the settings and the options.
func (s *Set) choose(options Options) {
	if s.Settings.Environment == "" {
		s.Settings.Environment = Sandbox
	}
	if s.Settings.JournalStatuses == nil {
		s.Settings.JournalStatuses = []string{"payingBack"}
	}
	s.Environment = s.Settings.Environment
	if options.Environment != "" {
		s.Environment = options.Environment
	}
	now := options.Now
	if now == nil {
		now = time.Now
	}
	if s.Today = s.Settings.Environments[s.Environment].Today; s.Today == 0 {
		s.Today = DateOf(now())
	}
}

// ignored reports whether a file or folder holds no documents: a pattern of
// ignore says so, or it is a ledger.
func (l *loader) ignored(file string) bool {
	for _, pattern := range l.set.Settings.Ignore {
		if matchGlob(pattern, file) {
			return true
		}
	}
	if l.isLedger(file, l.set.Settings.Ledger) {
		return true
	}
	for _, e := range l.set.Settings.Environments {
		if l.isLedger(file, e.Ledger) {
			return true
		}
	}
	return false
}

func (l *loader) isLedger(file, ledger string) bool {
	if filepath.IsAbs(ledger) {
		if abs, err := filepath.Abs(l.set.Dir); err == nil {
			ledger, _ = filepath.Rel(abs, ledger)
		}
	}
	return ledger != "" && filepath.ToSlash(filepath.Clean(ledger)) == file
}

func (l *loader) reader(file string) *reader {
	r := newReader(l.ctx, file)
	r.budget, r.maxErrors = l.budget, l.maxErrors
	return r
}

// read reads the documents of the reader's file, and returns what it holds. A
// file that can't be read is a fault.
func (l *loader) read(r *reader, visit func(*yaml.Node)) []byte {
	if input.IsHidden(l.root, r.file) {
		r.faults = append(r.faults, hiddenFault(Pos{File: r.file}, ""))
		return nil
	}
	var content []byte
	err := l.buffers.Read(l.ctx, l.root, r.file, maxFile, func(data []byte) {
		content = bytes.Clone(data)
		r.documents(content, visit)
	})
	if err != nil {
		r.faults = append(r.faults, fileFault(codeUnreadable, Pos{File: r.file}, "", err))
	}
	return content
}

// hiddenFault refuses a file that belongs to a program, or to a person's secrets.
func hiddenFault(at Pos, path string) *Fault {
	return newFault(codePath, at, path, "leads to a hidden file or folder, which isn't read", "keep the file where all can see it")
}

// fileFault says why a file can't be read, in words that don't depend on the
// system.
func fileFault(c code, at Pos, path string, err error) *Fault {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return newFault(c, at, path, "there is no such file", "paths are relative to the file that names them")
	case errors.Is(err, fs.ErrPermission):
		return newFault(c, at, path, "this file may not be read", "change its permissions")
	case errors.Is(err, input.ErrIrregular), errors.Is(err, input.ErrFolder):
		return newFault(c, at, path, err.Error(), "name a file of the workspace")
	case errors.As(err, new(*input.TooLargeError)):
		return newFault(c, at, path, err.Error(), "divide the file")
	case strings.Contains(err.Error(), "escapes"): // os.Root has no error of its own to ask for
		return newFault(c, at, path, "leaves the workspace through a symbolic link", "keep the file in the workspace")
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return newFault(c, at, path, "can't be read: "+err.Error(), "")
}

// readAll reads each file on a goroutine of its own, as many at once as there
// are processors. The results are in the order of the files.
func (l *loader) readAll(files []string) []*documents {
	found := make([]*documents, len(files))
	parallel(l.ctx, len(files), l.counting("files", len(files), func(i int) { found[i] = l.readFile(files[i]) }))
	return found
}

// counting tells how often do has returned.
func (l *loader) counting(what string, n int, do func(i int)) func(i int) {
	if l.progress == nil {
		return do
	}
	var done atomic.Int64
	return func(i int) {
		do(i)
		l.progress(what, int(done.Add(1)), n)
	}
}

// parallel calls do for 0 to n-1 and returns when all calls have. When the
// context ends, it calls no more.
func parallel(ctx context.Context, n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// finish sorts the faults. The settings' file is read twice, once for the
// settings and once for documents after them, so that a fault of the whole
// file may stand there twice.
func (l *loader) finish() *Set {
	s := l.set
	if f := l.budget.fault(l.settingsFile); f != nil {
		s.Faults = append(s.Faults, f)
	}
	if s.Settings.RepaymentAmounts == "" {
		s.Settings.RepaymentAmounts = CumulativePrincipal
	}
	if s.Settings.Pos.File == "" { // what a document is warned of depends on them
		s.Faults = slices.DeleteFunc(s.Faults, func(f *Fault) bool { return f.Severity == Warning })
	}
	sortFaults(s.Faults)
	s.Faults = slices.CompactFunc(s.Faults, (*Fault).repeats)
	return s
}
