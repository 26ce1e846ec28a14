package worldtest

import (
	"slices"
	"testing"
)

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
			for seed := range uint64(seedCount()) {
				if w := runSeed(t, seed, o); len(w.failures) > 0 {
					t.Logf("NOT HELD %s: now seed %d: %s: %s", h.habit, seed, w.failures[0].kind, w.failures[0].text)
					return
				}
			}
			t.Logf("%s: %d seeds hold: mark it as held", h.habit, seedCount())
		})
	}
}
