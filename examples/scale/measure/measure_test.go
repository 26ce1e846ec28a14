package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedianTakesEachValueByItself(t *testing.T) {
	got := median([]sample{
		{wall: 3, cpu: 10, peak: 100},
		{wall: 1, cpu: 30, peak: 300},
		{wall: 2, cpu: 20, peak: 200},
	})
	if want := (sample{2, 20, 200}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The trials take turns, and what is done before one isn't part of it.
func TestRoundsTakeTurns(t *testing.T) {
	var order []string
	try := func(name string, wall time.Duration) trial {
		return trial{
			name:   name,
			before: func(context.Context) error { order = append(order, "before "+name); return nil },
			run: func(context.Context) (sample, error) {
				order = append(order, name)
				return sample{wall: wall}, nil
			},
		}
	}
	b := &bench{runs: 2, log: io.Discard}
	medians, err := b.rounds(t.Context(), []trial{try("a", 1), try("b", 2)})
	if err != nil || medians[0].wall != 1 || medians[1].wall != 2 {
		t.Errorf("%v, %v", medians, err)
	}
	if want := []string{"before a", "a", "before b", "b", "before a", "a", "before b", "b"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v", order)
	}
}

// A row that falls short once may be the machine's fault; one that falls short
// at each try isn't.
func TestTriesUntilNoRowFallsShort(t *testing.T) {
	for _, tt := range []struct {
		met, tries int // at which try the row is met
		want       error
		runs       int
	}{{1, 3, nil, 1}, {3, 3, nil, 3}, {4, 3, errShort, 3}, {2, 1, errShort, 1}} {
		runs := 0
		b := &bench{slack: 1, tries: tt.tries, out: io.Discard}
		err := b.all(t.Context(), []scene{func(context.Context) error {
			runs++
			r := row{unit: seconds, base: 1, got: 2, bound: 1}
			if runs == tt.met {
				r.got = 1
			}
			b.rows = append(b.rows, r)
			return nil
		}})
		if !errors.Is(err, tt.want) || runs != tt.runs || len(b.rows) != 1 {
			t.Errorf("%+v: %v after %d runs, %d rows", tt, err, runs, len(b.rows))
		}
	}
}

func TestNothingIsOpenedForRowsThatNobodyWants(t *testing.T) {
	b := &bench{runs: 1, log: io.Discard, only: regexp.MustCompile("warm")}
	medians, err := b.compare(t.Context(), &place{bench: b}, computed("floor", 1), trial{name: "plan, cold"})
	if err != nil || medians != nil || b.rows != nil {
		t.Errorf("%v, %v, %v", medians, b.rows, err)
	}
}

func TestARunThatSaysSomethingElseIsAnError(t *testing.T) {
	if _, err := run(exec.Command("go", "version"), regexp.MustCompile("^go version")); err != nil {
		t.Error(err)
	}
	if s, err := run(exec.Command("go", "version"), regexp.MustCompile("to send")); err == nil {
		t.Errorf("it took %s", s)
	}
	if s, err := run(exec.Command("go", "no-such-command"), anything); err == nil {
		t.Errorf("it took %s", s)
	}
}

func TestARunIsMeasured(t *testing.T) {
	s, err := run(exec.Command("go", "version"), anything)
	if err != nil || s.wall <= 0 || s.cpu <= 0 || s.peak < 1<<20 && s.peak != 0 || s.peak > 1<<30 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestRowsFallShort(t *testing.T) {
	for _, test := range []struct {
		row    row
		slack  float64
		fallen bool
	}{
		{row{base: 2, got: 2.6, bound: 1.35}, 1, false},
		{row{base: 2, got: 2.8, bound: 1.35}, 1, true},
		{row{base: 2, got: 2.8, bound: 1.35}, 2, false},
		{row{base: 2, got: 5.5, bound: 1.35}, 2, true},
		{row{base: 2, got: 50}, 1, false}, // nothing is asked
		{row{base: 0.1, got: 0.225, bound: 1, unit: seconds}, 2, false},
		{row{base: 0.1, got: 0.225, bound: 1, unit: seconds}, 1, true},
		{row{base: 0.1, got: 0.235, bound: 1, unit: seconds}, 2, true},
		{row{base: 0.1, got: 0.225, bound: 1, unit: mebibytes}, 2, true},
	} {
		b := &bench{slack: test.slack, startTime: 15 * time.Millisecond, rows: []row{{base: 1, got: 1, bound: 1}, test.row}}
		if b.short() != test.fallen {
			t.Errorf("%+v with %v: fallen short: %v", test.row, test.slack, b.short())
		}
	}
}

func TestALimitStandsInForTheFloor(t *testing.T) {
	floor, got := sample{wall: time.Second}, sample{wall: 2 * time.Second}
	if r := rowOf(trial{bound: 1.35}, got, "the floor", floor); r.against != "the floor" || r.base != 1 || r.met(1, 0) {
		t.Errorf("%+v", r)
	}
	if r := rowOf(trial{bound: 1.35, limit: 2 * time.Second}, got, "the floor", floor); r.against != "the limit" || r.base != 2 || !r.met(1, 0) {
		t.Errorf("%+v", r)
	}
}

func TestTable(t *testing.T) {
	b := &bench{slack: 2, rows: []row{
		{what: "plan", against: "floor", unit: seconds, base: 0.6, got: 0.9, bound: 1.35, sample: sample{cpu: 1500 * time.Millisecond, peak: 31 << 20}, floor: sample{cpu: time.Second}},
		{what: "connections", against: "one each", unit: "connections", base: 11, got: 11, bound: 1},
		{what: "warm", against: "floor", unit: seconds, base: 0.6, got: 1.2, bound: 0.15},
		{what: "whole run", against: "floor", unit: seconds, base: 2, got: 3, sample: sample{cpu: time.Second}},
	}}
	want := `| what | against | | measured | ratio | at most | met | processor, s | MiB |
|---|---|--:|--:|--:|--:|---|--:|--:|
| plan | floor | 0.600 s | 0.900 s | 1.50 × | 1.35 × | nearly | 1.50 of 1: 1.50 × | 31 |
| connections | one each | 11 connections | 11 connections | 1.00 × | 1.00 × | yes |  |  |
| warm | floor | 0.600 s | 1.20 s | 2.00 × | 0.15 × | **no** |  |  |
| whole run | floor | 2 s | 3 s | 1.50 × | – | – | 1 |  |
`
	if got := b.table(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestGrowth(t *testing.T) {
	measured := func(n int, got float64, mib int64) row {
		return row{what: coldPlan(n), base: 1, got: got, sample: sample{peak: mib << 20}}
	}
	b := &bench{n: 100_000, slack: 1, rows: []row{measured(10_000, 1, 60), measured(100_000, 9, 480)}}
	if err := b.growth(t.Context()); err != nil || len(b.rows) != 5 || b.short() {
		t.Fatalf("%v, %+v", err, b.rows)
	}
	if !strings.Contains(b.rows[3].what, "exponent 0.95") || !strings.Contains(b.rows[4].what, "exponent 0.90") {
		t.Errorf("%+v", b.rows[3:])
	}
	b.rows = []row{measured(10_000, 1, 60), measured(100_000, 12, 480)} // 12 is more than 10 to the 1.05
	if b.growth(t.Context()); !b.short() {
		t.Error("growth that is too fast passes")
	}
	b.rows = []row{measured(10_000, 1, 60), measured(100_000, 9, 510)}
	if b.growth(t.Context()); !b.short() {
		t.Error("too much memory passes")
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{7: "7", 999: "999", 1_000: "1,000", 1_000_007: "1,000,007"} {
		if got := count(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
