package worldtest

import (
	"slices"
	"testing"
)

// heldHabits are those that the program stands up to.
func heldHabits() []habit {
	var held []habit
	for _, h := range habits {
		if h.held {
			held = append(held, h.habit)
		}
	}
	return held
}

// One seed tells one story, every time.
func TestSameSeedSameStory(t *testing.T) {
	var all []habit
	for _, h := range habits {
		all = append(all, h.habit)
	}
	for seed := range uint64(30) {
		first, second := runSeed(t, seed, all, nil), runSeed(t, seed, all, nil)
		if !slices.Equal(first.story, second.story) {
			t.Errorf("seed %d tells another story the second time", seed)
		}
	}
}

// What the program doesn't stand up to yet is known: each such habit shows the
// first seed that fails by it. One that shows none is to be marked as held.
func TestNotYetHeld(t *testing.T) {
	var base []habit
	for _, h := range habits {
		if h.held {
			base = append([]habit{h.habit}, base...)
		}
	}
	for _, h := range habits {
		if h.held {
			continue
		}
		t.Run(string(h.habit), func(t *testing.T) {
			t.Parallel()
			const most = 300
			for seed := range uint64(most) {
				w := runSeed(t, seed, append([]habit{h.habit, h.needs}, base...), nil)
				if len(w.failures) > 0 {
					t.Logf("%s: seed %d: %s: %s", h.habit, seed, w.failures[0].kind, w.failures[0].text)
					return
				}
			}
			t.Logf("%s: %d seeds hold: mark it as held", h.habit, most)
		})
	}
}
