package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A memory is what a process had while it sent: the most MiB since the look
// before, by the number of requests.
type memory []use

type use struct{ requests, mib int }

// look notes how much memory a process has, where the system tells that.
func (m *memory) look(pid, requests int) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, err := strconv.Atoi(number)
	if err != nil { // it has ended
		return
	}
	u := use{requests, kib >> 10}
	if last := len(*m) - 1; last >= 0 && (*m)[last].requests == requests {
		u.mib = max(u.mib, (*m)[last].mib)
		(*m)[last] = u
		return
	}
	*m = append(*m, u)
}

func (m memory) peak() int { return most(m) }

func most(uses []use) int {
	peak := 0
	for _, u := range uses {
		peak = max(peak, u.mib)
	}
	return peak
}

// part returns what was used from one share of the requests to another.
func (m memory) part(from, to float64) []use {
	if len(m) == 0 {
		return nil
	}
	last := float64(m[len(m)-1].requests)
	return slices.DeleteFunc(slices.Clone(m), func(u use) bool {
		at := float64(u.requests)
		return u.requests == 0 || at < from*last || at > to*last
	})
}

// String gives the most memory in each tenth of the requests.
func (m memory) String() string {
	var tenths []string
	for i := range 10 {
		tenths = append(tenths, fmt.Sprint(most(m.part(float64(i)/10, float64(i+1)/10))))
	}
	return strings.Join(tenths, " ")
}

// flat reports whether the second half of the requests needed no more memory
// than the first, but for what the collector of garbage leaves lying for a
// while. Of a run with few requests it says nothing.
func (m memory) flat(few int) error {
	first, second := most(m.part(0, 0.5)), most(m.part(0.5, 1))
	if len(m) > 0 && m[len(m)-1].requests >= few && second > first+first/5+8 {
		return fmt.Errorf("memory grows with what is sent: %d MiB in the first half of the requests, %d MiB in the second", first, second)
	}
	return nil
}
