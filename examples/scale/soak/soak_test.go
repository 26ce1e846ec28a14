package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestSoak(t *testing.T) {
	if os.Getenv("KIVAFORM_LONG") == "" {
		t.Skip("KIVAFORM_LONG=1 runs it")
	}
	var out bytes.Buffer
	err := run(t.Context(), t.TempDir(), options{drafts: 2_000, kills: 8, seed: 1, out: &out})
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "| killed |"); n < 5 {
		t.Errorf("only %d runs were killed", n)
	}
	if regexp.MustCompile(` 0 of them made to fail`).MatchString(out.String()) {
		t.Error("no request was made to fail")
	}
}

// rising is a memory of so many requests whose use goes from one value to
// another.
func rising(requests, from, to int) memory {
	var m memory
	for i := 1; i <= requests; i++ {
		m = append(m, use{i, from + (to-from)*i/requests})
	}
	return m
}

func TestFlat(t *testing.T) {
	for _, test := range []struct {
		name string
		m    memory
		flat bool
	}{
		{"flat", rising(1000, 100, 100), true},
		{"a little more", rising(1000, 100, 120), true},
		{"grows with what is sent", rising(1000, 100, 300), false},
		{"falls", rising(1000, 300, 100), true},
		{"too few requests to tell", rising(99, 100, 300), true},
		{"none", nil, true},
	} {
		if err := test.m.flat(100); (err == nil) != test.flat {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestMemoryByTenths(t *testing.T) {
	m := memory{{0, 999}} // before the first request
	m = append(m, rising(100, 0, 100)...)
	if got, want := m.String(), "10 20 30 40 50 60 70 80 90 100"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if m.peak() != 999 {
		t.Errorf("the peak is %d", m.peak())
	}
}

func TestLookKeepsTheMostOfEachRequest(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("memory is looked at on Linux only")
	}
	var m memory
	m.look(os.Getpid(), 1)
	m.look(os.Getpid(), 1)
	m.look(os.Getpid(), 2)
	if len(m) != 2 || m[0].mib == 0 || m[1].requests != 2 {
		t.Errorf("%v", m)
	}
}

// The first run is left alone for half of the drafts; all others fall into the
// second half.
func TestMoments(t *testing.T) {
	s := &soak{options: options{drafts: 1000, kills: 5}, random: rand.New(rand.NewPCG(1, 1))}
	all := s.moments()
	if len(all) != 5 || all[0] != 500 || all[4] >= 1000 {
		t.Errorf("%v", all)
	}
}
