package ledgertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"kivaform/apply/ledger"
)

const placeVariable = "KIVAFORM_TEST_PLACE"

// Processes tests that 8 programs which create the same keys at once each see
// one winner. It runs the test that calls it again in 8 processes, where it
// opens what place returned here.
func Processes(t *testing.T, place func(t *testing.T) string, open func(t testing.TB, place string) ledger.Store) {
	const programs, keys = 8, 10
	if at := os.Getenv(placeVariable); at != "" {
		compete(t, open(t, at), keys)
		return
	}
	at := place(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var outputs [programs]bytes.Buffer
	var wg sync.WaitGroup
	for i := range programs {
		cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), placeVariable+"="+at)
		cmd.Stdout, cmd.Stderr = &outputs[i], &outputs[i]
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Errorf("program %d: %v\n%s", i, err, &outputs[i])
			}
		})
	}
	wg.Wait()
	s := open(t, at)
	for k := range keys {
		key, winner := raceKey(k), ""
		for i := range programs {
			if _, by, won := strings.Cut(outputs[i].String(), "won "+key+" as "); won {
				by, _, _ = strings.Cut(by, "\n")
				if winner != "" {
					t.Errorf("%s was won by %s and %s", key, winner, by)
				}
				winner = by
			}
		}
		if got, err := s.Get(t.Context(), key); err != nil || winner == "" || string(got) != winner {
			t.Errorf("%s was won by %q and holds %q (%v)", key, winner, got, err)
		}
	}
}

func raceKey(k int) string { return fmt.Sprintf("race/%d.json", k) }

// compete creates all keys, and says which it won.
func compete(t *testing.T, s ledger.Store, keys int) {
	me := fmt.Sprintf("process %d", os.Getpid())
	for i := range keys {
		key := raceKey((i + os.Getpid()) % keys)
		switch err := s.Create(t.Context(), key, []byte(me)); {
		case err == nil:
			fmt.Fprintf(t.Output(), "won %s as %s\n", key, me)
		case !errors.Is(err, ledger.ErrExists):
			t.Errorf("Create %s: %v", key, err)
		}
	}
}
