package worldtest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

var (
	seedsFlag = flag.Int("world.seeds", 0, "how many seeds; 0 for 2,000 where CI is set, 100,000 where KIVAFORM_LONG is, else a few")
	seedFlag  = flag.Int64("world.seed", -1, "this seed alone, and tell its story")
	withFlag  = flag.String("world.with", "", "habits that the world has beside those that hold, separated by commas; all for all")
	onlyFlag  = flag.Bool("world.only", false, "only what -world.with names")
)

func seedCount() int {
	switch {
	case *seedsFlag > 0:
		return *seedsFlag
	case os.Getenv("KIVAFORM_LONG") != "":
		return 100_000
	case os.Getenv("CI") != "" && !watchesRaces():
		return 2_000
	}
	return 200
}

// watchesRaces reports whether the test was built to, which makes it ten times as
// slow.
func watchesRaces() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// chosenOutlook has what holds, and what the flags name.
func chosenOutlook(t *testing.T) outlook {
	o := outlook{some: heldHabits()}
	if *onlyFlag {
		o.some = nil
	}
	for name := range strings.SplitSeq(*withFlag, ",") {
		i := slices.IndexFunc(habits, func(h habitInfo) bool { return string(h.habit) == name })
		switch {
		case name == "all":
			o.some = allHabits()
		case i >= 0:
			o.always = append(o.always, habits[i].habit)
		case name != "":
			t.Fatalf("no habit is called %q", name)
		}
	}
	return o
}

// runSeed lets one world live.
func runSeed(t *testing.T, seed uint64, o outlook) (w *world) {
	synctest.Test(t, func(*testing.T) {
		w = newWorld(seed, o)
		defer w.close()
		w.live()
	})
	return w
}

// The promises hold in every world whose habits the program stands up to.
func TestWorld(t *testing.T) {
	o := chosenOutlook(t)
	if *seedFlag >= 0 {
		w := runSeed(t, uint64(*seedFlag), o)
		t.Logf("%s\n%+v", strings.Join(w.story, "\n"), w.count)
		report(t, w)
		return
	}
	var mu sync.Mutex
	var sum figures
	failures := make(map[failureKind]int)
	everySeed(t, seedCount(), func(t *testing.T, seed uint64) bool {
		w := runSeed(t, seed, o)
		mu.Lock()
		defer mu.Unlock()
		sum.add(w.count)
		for _, f := range w.failures {
			failures[f.kind]++
		}
		report(t, w)
		return true
	})
	t.Logf("%d seeds, %d steps, %d commands, %d decisions, %d sends, %d things accepted, %d again by a person's word: %d doubled, %d forgotten, %d stranded, %d misplaced, %d lost",
		sum.seeds, sum.steps, sum.commands, sum.decisions, sum.sends, sum.accepted, sum.byWord,
		failures[doubled], failures[forgotten], failures[stranded], failures[misplaced], failures[lost])
}

// everySeed calls do for seeds until it returns false, on each processor at once.
func everySeed(t *testing.T, n int, do func(t *testing.T, seed uint64) bool) {
	var next atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for range runtime.GOMAXPROCS(0) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for {
					seed := next.Add(1) - 1
					if seed >= int64(n) || !do(t, uint64(seed)) {
						return
					}
				}
			})
		}
	})
}

func report(t *testing.T, w *world) {
	for _, f := range w.failures {
		t.Errorf("seed %d: %s: %s\n\treplay: go test ./apply/worldtest -run TestWorld -v -world.seed %d%s", w.seed, f.kind, f.text, w.seed, withHabits())
	}
}

func withHabits() (flags string) {
	if *withFlag != "" {
		flags = fmt.Sprintf(" -world.with %q", *withFlag)
	}
	if *onlyFlag {
		flags += " -world.only"
	}
	return flags
}

// One seed tells one story, every time.
func TestSameSeedSameStory(t *testing.T) {
	for seed := range uint64(30) {
		first, second := runSeed(t, seed, outlook{some: allHabits()}), runSeed(t, seed, outlook{some: allHabits()})
		if !slices.Equal(first.story, second.story) {
			t.Errorf("seed %d tells another story the second time", seed)
		}
	}
}

// What the program doesn't stand up to yet is known: each such habit has a seed
// that fails by it. One that shows none any more is to be marked as held.
func TestNotYetHeld(t *testing.T) {
	const most = 200
	for _, h := range habits {
		if h.held {
			continue
		}
		t.Run(string(h.habit), func(t *testing.T) {
			t.Parallel()
			o := outlook{some: heldHabits(), always: []habit{h.habit, h.needs}}
			if w := runSeed(t, h.seed, o); len(w.failures) > 0 {
				t.Logf("NOT HELD %s: seed %d: %s: %s", h.habit, h.seed, w.failures[0].kind, w.failures[0].text)
				return
			}
			for seed := range uint64(most) {
				if w := runSeed(t, seed, o); len(w.failures) > 0 {
					t.Logf("NOT HELD %s: now seed %d: %s: %s", h.habit, seed, w.failures[0].kind, w.failures[0].text)
					return
				}
			}
			t.Logf("%s: %d seeds hold: mark it as held", h.habit, most)
		})
	}
}
