package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kivaform/cmd/kivaform/internal/session"
)

var update = flag.Bool("update", false, "write the output that the stories expect anew")

// TestMain builds the program and puts it first on the PATH. Tests start it some
// thousand times, and it starts in two thirds of the time of the tests' own program.
func TestMain(m *testing.M) {
	os.Exit(runWithProgram(m))
}

func runWithProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kivaform-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	arguments := append([]string{"build", "-o", dir + string(filepath.Separator)}, buildFlags...)
	if out, err := exec.Command("go", append(arguments, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return m.Run()
}

// The stories of testdata/script: what partners do, and what they see. Each
// runs the real command in a folder of its own.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		Setup:               setVariables,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       doExits,
			"quickstart":  doQuickstart,
			"replace":     doReplace,
			"fill":        doFill,
			"lines":       doLines,
			"drop":        doDrop,
			"await":       doAwait,
			"append":      doAppend,
			"empty":       doEmpty,
			"stranger":    doStranger,
			"pa2":         doPa2,
			"publish":     doPublish,
			"confirm-all": doConfirmAll,
			"accepted":    doAccepted,
			"requests":    doRequests,
			"hides":       doHides,
			"follows":     doFollows,
		},
	})
}

// setVariables gives a story the dates that a workspace needs outside the
// sandbox, where no day can be set.
func setVariables(e *testscript.Env) error {
	// A program that looks for races waits a second before it ends; stories run
	// hundreds.
	e.Setenv("GORACE", "atexit_sleep_ms=0")
	cache := e.WorkDir + "-cache" // outside of any workspace
	e.Setenv("KIVAFORM_CACHE_DIR", cache)
	e.Defer(func() { os.RemoveAll(cache) })
	today := time.Now()
	for name, days := range map[string]int{"TODAY": 0, "SOON": 10, "LATER": 45, "LATEST": 75} {
		e.Setenv(name, today.AddDate(0, 0, days).Format(time.DateOnly))
	}
	e.Setenv("PERIOD", today.Format("2006-01"))
	return nil
}

// exits CODE PROGRAM ARGS… runs a program, which must end with the code.
func doExits(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) < 2, "exits CODE PROGRAM ARGS...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// quickstart DIR copies the example that a newcomer begins with, as it is in a
// fresh clone.
func doQuickstart(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 1, "quickstart DIR")
	ts.Check(copyQuickstart(ts.MkAbs(args[0])))
}

func copyQuickstart(to string) error {
	from := filepath.Join("..", "..", "examples", "quickstart")
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == session.DataFolder || d.Name() == "ledger"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}

// replace FILE OLD NEW edits a file as a person would: OLD must be there once.
// \n, \r and \t stand for themselves, \ufeff for a byte order mark.
func doReplace(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 3, "replace FILE OLD NEW")
	text := ts.ReadFile(args[0])
	was, now := unescape(args[1]), unescape(args[2])
	if n := strings.Count(text, was); n != 1 {
		ts.Fatalf("%q stands %d times in %s", was, n, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, was, now, 1)), 0o666))
}

func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\ufeff`, "\ufeff").Replace(s)
}

// fill FILE… puts the story's variables into files.
func doFill(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) == 0, "fill FILE...")
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o666))
	}
}

// number is where a numbered line has its number.
var number = regexp.MustCompile(`%(0?[0-9]*)d`)

// lines FILE FROM TO FORMAT writes a file of numbered lines; FORMAT has the
// number where it says %d, %03d or the like, any number of times, and \n where
// a line ends.
func doLines(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 4, "lines FILE FROM TO FORMAT")
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	format := number.ReplaceAllString(unescape(args[3]), "%$1[1]d")
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, format, n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// drop PATTERN FILE takes the lines out of a file that match.
func doDrop(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 2, "drop PATTERN FILE")
	pattern, err := regexp.Compile("(?m)" + args[0] + ".*\n")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pattern.ReplaceAll([]byte(ts.ReadFile(args[1])), nil), 0o666))
}

// await FILE waits until another process has written a file.
func doAwait(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 1, "await FILE")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s isn't written", args[0])
}

// append FILE LINE adds a line to a file.
func doAppend(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 2, "append FILE LINE")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+"\n"+args[1]+"\n"), 0o666))
}

// empty DIR tells that a folder has nothing.
func doEmpty(ts *testscript.TestScript, neg bool, args []string) {
	usageIf(ts, neg || len(args) != 1, "empty DIR")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s has %s", args[0], entries[0].Name())
	}
}

func usageIf(ts *testscript.TestScript, wrong bool, text string) {
	if wrong {
		ts.Fatalf("usage: %s", text)
	}
}
