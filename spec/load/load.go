// Package load reads a workspace into a [spec.Set]: its settings, its catalogue,
// the documents of its YAML files, and their CSV files and photos. It finds all
// faults of all files at once.
package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/cache"
	"kivaform/spec/code"
	"kivaform/spec/input"
	"kivaform/spec/rule"
	"kivaform/spec/yamldoc"
)

// Workspace reads kiva.yaml, catalog.yaml, all documents, and their CSV files
// and photos. Faults of the files are in the set's Faults, see [spec.Set.Err];
// the error is for an unreadable folder, a [*spec.Fault] for one without
// kiva.yaml, or the context's.
func Workspace(ctx context.Context, dir string, options Options) (*spec.Set, error) {
	l, err := newLoader(ctx, dir, options)
	if err != nil {
		return nil, err
	}
	defer l.root.Close()
	if options.Begin != nil {
		options.Begin(l.set)
	}
	files, skipped, err := discoverFiles(ctx, l.root, l.isIgnored, l.isOwnLedger)
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
	l.collectDocuments(found)
	return l.finish(), nil
}

// Settings reads only kiva.yaml and catalog.yaml. The set has no drafts,
// journals and reports.
func Settings(ctx context.Context, dir string, options Options) (*spec.Set, error) {
	l, err := newLoader(ctx, dir, options)
	if err != nil {
		return nil, err
	}
	defer l.root.Close()
	return l.finish(), nil
}

// A loader holds the root, settings and lists that reading documents needs. Only
// its set changes, and never while documents are being read.
type loader struct {
	ctx          context.Context // of one call
	root         *os.Root
	settingsFile string
	set          *spec.Set
	defaults     defaults
	index        *index
	locales      *rule.Locales

	basis   [][]byte      // digest input: the settings' and the catalogue's files, on which documents depend
	buffers input.Buffers // for files
	cache   *cache.Cache  // nil without a cache
	grounds cache.Stamp   // of the basis
	photos  string        // folder of the facts of photos; "" without a cache

	budget    *budget
	maxErrors int // of a file

	fingerprint func(spec.Address, []spec.Field) string // may be nil
	progress    func(what string, done, total int)      // may be nil
}

func newLoader(ctx context.Context, dir string, options Options) (*loader, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noWorkspace("there is no folder " + filepath.Clean(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	l := &loader{ctx: ctx, root: root, budget: newBudget(), maxErrors: cmp.Or(options.MaxErrors, yamldoc.MaxFaults), set: &spec.Set{Dir: filepath.Clean(dir)}, fingerprint: options.Fingerprint, progress: options.Progress}
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

// noWorkspaceIn returns a fault that names the workspace around a folder, or
// says how to make one.
func noWorkspaceIn(dir string) *spec.Fault {
	f := noWorkspace("there is none in " + filepath.Clean(dir))
	if above := Above(dir); above != "" {
		f.Remedy = "there is one above: kivaform -C " + above
	}
	return f
}

// Above returns the nearest workspace above a folder, else "". It is relative if
// dir is.
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

func noWorkspace(message string) *spec.Fault {
	return code.NewFault(code.Workspace, spec.Pos{File: settingsFiles[0]}, "", message,
		"choose the workspace's folder with -C, or make a workspace with kivaform init")
}

func (l *loader) loadCatalog() {
	file := firstFile(l.root, catalogFiles)
	if file != "" {
		r := l.reader(file)
		l.basis = append(l.basis, l.readYAML(r, func(n *yaml.Node) {
			o := r.OpenRoot(n)
			l.set.Catalog = readCatalog(&o)
		}))
		l.set.Faults = append(l.set.Faults, r.Faults...)
	}
	l.index, l.locales = newIndex(l.set.Catalog), rule.NewLocales(l.set.Catalog)
}

func (l *loader) loadSettings(options Options) {
	r, done := l.reader(l.settingsFile), false
	l.basis = append(l.basis, l.readYAML(r, func(n *yaml.Node) {
		if done || !isSettings(n) {
			return
		}
		done = true
		o := r.OpenRoot(n)
		l.set.Settings, l.defaults = readSettings(&o, l.index)
	}))
	if !done && len(r.Faults) == 0 {
		r.Faults = append(r.Faults, code.NewFault(code.Version, spec.Pos{File: r.File, Line: 1, Column: 1}, "version", "is missing", "write version: 1").InCase(code.CaseMissing))
	}
	l.set.Faults = append(l.set.Faults, r.Faults...)
	chooseEnvironment(l.set, options)
}

// isSettings reports whether a document of kiva.yaml is the settings: other
// documents have a kind.
func isSettings(n *yaml.Node) bool {
	return n.Kind != yaml.MappingNode || !yamldoc.HasKey(n, "kind")
}

// isIgnored reports whether a pattern of ignore matches a file or folder.
func (l *loader) isIgnored(file string) bool {
	return slices.ContainsFunc(l.set.Settings.Ignore, func(pattern string) bool { return matchGlob(pattern, file) })
}

// isOwnLedger reports whether a folder is this workspace's ledger, in any of its
// environments.
func (l *loader) isOwnLedger(file string) bool {
	if file == defaultLedger && hasLedger(l.root, file) {
		return true
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

// defaultLedger is the ledger's folder if kiva.yaml names none.
const defaultLedger = "ledger"

func (l *loader) isLedger(file, ledger string) bool {
	if filepath.IsAbs(ledger) {
		if abs, err := filepath.Abs(l.set.Dir); err == nil {
			ledger, _ = filepath.Rel(abs, ledger)
		}
	}
	return ledger != "" && filepath.ToSlash(filepath.Clean(ledger)) == file
}

func (l *loader) reader(file string) *yamldoc.Reader {
	r := yamldoc.NewReader(l.ctx, file)
	r.TakeMarks, r.MaxErrors = l.budget.takeMarks, l.maxErrors
	return r
}

// readAll reads all files, several at a time; see runParallel. The results are
// in the order of the files.
func (l *loader) readAll(files []string) []*documents {
	found := make([]*documents, len(files))
	runParallel(l.ctx, len(files), l.countProgress("files", len(files), func(i int) { found[i] = l.readFile(files[i]) }))
	return found
}

// countProgress wraps do, and reports progress after each call.
func (l *loader) countProgress(stage string, n int, do func(i int)) func(i int) {
	if l.progress == nil {
		return do
	}
	var done atomic.Int64
	return func(i int) {
		do(i)
		l.progress(stage, int(done.Add(1)), n)
	}
}

// runParallel calls do for 0 to n-1, on as many goroutines as there are
// processors, and waits for all calls. When the context ends, it starts no more.
func runParallel(ctx context.Context, n int, do func(i int)) {
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

// Options of [Workspace]. The zero value reads everything.
type Options struct {
	Environment string           // overrides kiva.yaml's choice
	Now         func() time.Time // time.Now if nil; an environment's own today wins

	// Begin is called with the settings and the catalogue before any document is
	// read, for work that can run meanwhile. The set is the one that Workspace
	// returns.
	Begin func(*spec.Set)

	// CacheDir is a folder that only its owner can write, for the facts of
	// photos and for Recall. Empty means no cache.
	CacheDir string

	// Recall takes the documents of a file from CacheDir if the file, the
	// settings and the catalogue are unchanged. It is for commands that only
	// look: before anything is sent or recorded, files must be read.
	Recall bool

	// Fingerprint digests a resource's fields to send. The result is cached with
	// the resource, so it must depend on the arguments alone. May be nil.
	Fingerprint func(spec.Address, []spec.Field) string

	// MaxErrors is the number of errors after which a file's rest isn't read;
	// 1,000 if zero.
	MaxErrors int

	// Progress receives the number of "files", then of "photos", that were read,
	// and their total. Several goroutines call it. May be nil.
	Progress func(stage string, done, total int)
}

func sortFaults(faults []*spec.Fault) {
	slices.SortStableFunc(faults, func(a, b *spec.Fault) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Path, b.Path),
		)
	})
}

// isRepetition reports whether two faults are equal at one position.
func isRepetition(f, g *spec.Fault) bool {
	return f.Pos == g.Pos && f.Code == g.Code && f.Path == g.Path && f.Message == g.Message && f.Remedy == g.Remedy && f.Address == g.Address
}

// finish sorts the faults. kiva.yaml is read twice, for the settings and for
// documents after them, so a fault of the whole file may be reported twice.
func (l *loader) finish() *spec.Set {
	s := l.set
	if f := l.budget.fault(l.settingsFile); f != nil {
		s.Faults = append(s.Faults, f)
	}
	if s.Settings.RepaymentAmounts == "" && s.Environment == spec.Sandbox {
		s.Settings.RepaymentAmounts = spec.CumulativePrincipal
	}
	if s.Settings.Pos.File == "" { // warnings of documents depend on them
		s.Faults = slices.DeleteFunc(s.Faults, func(f *spec.Fault) bool { return f.Severity == spec.Warning })
	}
	sortFaults(s.Faults)
	s.Faults = slices.CompactFunc(s.Faults, isRepetition)
	return s
}

// chooseEnvironment sets the environment, its date and its defaults.
func chooseEnvironment(s *spec.Set, options Options) {
	if s.Settings.Environment == "" {
		s.Settings.Environment = spec.Sandbox
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
		s.Today = spec.DateOf(now())
	}
}
