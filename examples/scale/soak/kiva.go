package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kivaform/kiva/sandbox"
)

// rarity is how many drafts come for each one that is made to fail.
const rarity = 200

// A kiva serves a sandbox that fails at random.
type kiva struct {
	*httptest.Server
	sandbox  *sandbox.Server
	faults   []sandbox.Fault
	mu       sync.Mutex
	random   *rand.Rand
	open     atomic.Int32 // connections
	requests atomic.Int64 // drafts that came
	failed   atomic.Int64 // of these, made to fail
}

func serve(seed uint64) (*kiva, error) {
	server, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		return nil, err
	}
	k := &kiva{sandbox: server, random: rand.New(rand.NewPCG(seed, 1))}
	for _, line := range sandbox.Faults() {
		kind, _, _ := strings.Cut(line, " ")
		switch kind {
		case "401", "403": // would end most runs early, with nothing in doubt
			continue
		case "slow":
			kind = "slow=200ms"
		}
		f, err := sandbox.ParseFault(kind + ":loan_draft")
		if err != nil {
			return nil, err
		}
		k.faults = append(k.faults, f)
	}
	k.Server = httptest.NewUnstartedServer(k)
	k.Config.ConnState = k.connection
	k.Start()
	return k, nil
}

func (k *kiva) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/loan_draft") {
		k.requests.Add(1)
		if f := k.pick(); f != nil {
			k.failed.Add(1)
			k.sandbox.AddFault(*f)
		}
	}
	k.sandbox.ServeHTTP(w, r)
}

// pick returns what happens to a draft that comes now, mostly nothing.
func (k *kiva) pick() *sandbox.Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.random.IntN(rarity) > 0 {
		return nil
	}
	return &k.faults[k.random.IntN(len(k.faults))]
}

func (k *kiva) connection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		k.open.Add(1)
	case http.StateClosed:
		k.open.Add(-1)
	}
}

// settle waits until nothing is under way: what a killed program sent may still
// wait to be taken. Connections are taken in order, so one of our own tells that
// all before it were.
func (k *kiva) settle() error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(k.URL + "/pa2/repayments")
	if err != nil {
		return err
	}
	answer.Body.Close()
	for end := time.Now().Add(time.Minute); k.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%d connections don't end", k.open.Load())
		}
	}
	return nil
}

// accepted returns how often each loan's draft was accepted.
func (k *kiva) accepted() (map[string]int, error) {
	entries, err := k.sandbox.Record()
	times := make(map[string]int)
	for _, e := range entries {
		times[e.LoanID]++
	}
	return times, err
}
