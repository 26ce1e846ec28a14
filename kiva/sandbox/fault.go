package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// faultEndpoints lists the endpoints that can fail on request.
var faultEndpoints = []string{"token", "loans", "loan_draft", "journals", "repayments", "config"}

// foreverCount is the count of a fault that never ends.
const foreverCount = -1

// A Fault makes requests to an endpoint fail. [ParseFault] makes one.
type Fault struct {
	kind     *faultKind
	delay    time.Duration
	endpoint string // "*" for all
	count    int
	skip     int
}

// ParseFault parses KIND:ENDPOINT[:COUNT[:SKIP]], such as
// drop-after:loan_draft:3. KIND is one of [Faults]. ENDPOINT is token, loans,
// loan_draft, journals, repayments, config, or * for any. COUNT is the number of
// requests that fail: 1 by default, * for all. SKIP is the number of requests
// before them that succeed.
func ParseFault(s string) (Fault, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return Fault{}, fmt.Errorf("fault %q: not KIND:ENDPOINT[:COUNT[:SKIP]]", s)
	}
	f := Fault{endpoint: parts[1], count: 1}
	var err error
	if f.kind, f.delay, err = parseKind(parts[0]); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", s, err)
	}
	if f.endpoint != "*" && !slices.Contains(faultEndpoints, f.endpoint) {
		return Fault{}, fmt.Errorf("fault %q: no endpoint %q; there are %s and *", s, f.endpoint, strings.Join(faultEndpoints, ", "))
	}
	if len(parts) > 2 && parts[2] == "*" {
		f.count = foreverCount
	} else if len(parts) > 2 {
		if f.count, err = strconv.Atoi(parts[2]); err != nil || f.count < 1 {
			return Fault{}, fmt.Errorf("fault %q: COUNT is %q, not a number from 1 or *", s, parts[2])
		}
	}
	if len(parts) > 3 {
		if f.skip, err = strconv.Atoi(parts[3]); err != nil || f.skip < 0 {
			return Fault{}, fmt.Errorf("fault %q: SKIP is %q, not a number from 0", s, parts[3])
		}
	}
	return f, nil
}

func parseKind(s string) (*faultKind, time.Duration, error) {
	name, argument, _ := strings.Cut(s, "=")
	i := slices.IndexFunc(faultKinds, func(k *faultKind) bool { return k.name == name })
	if i < 0 {
		names := make([]string, len(faultKinds))
		for i, k := range faultKinds {
			names[i] = k.name
		}
		return nil, 0, fmt.Errorf("no kind %q; there are %s", name, strings.Join(names, ", "))
	}
	k := faultKinds[i]
	switch {
	case k.delay > 0 && argument != "":
		d, err := time.ParseDuration(argument)
		if err != nil || d < 0 {
			return nil, 0, fmt.Errorf("%q is not a duration such as 500ms", argument)
		}
		return k, d, nil
	case argument != "":
		return nil, 0, fmt.Errorf("%s takes no =%s", name, argument)
	}
	return k, k.delay, nil
}

// Faults lists the kinds of faults, one line each: the name, at least two
// spaces, and the effect.
func Faults() []string {
	lines := make([]string, len(faultKinds))
	for i, k := range faultKinds {
		lines[i] = fmt.Sprintf("%-14s  %s", k.name, k.meaning)
	}
	return lines
}

// AddFault makes requests to this server fail from now on. Faults of one
// endpoint take effect in the order in which they were added.
func (s *Server) AddFault(f Fault) { s.faults.add(f) }

// armFault adds the fault of a text for [ParseFault].
func (s *Server) armFault(text string) error {
	f, err := ParseFault(text)
	if err == nil {
		s.AddFault(f)
	}
	return err
}

// A faultList holds the faults still in effect.
type faultList struct {
	mu     sync.Mutex
	faults []*Fault
}

func (l *faultList) add(f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, &f)
}

func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = nil
}

// An armedFault fault is the fault of one request.
type armedFault struct {
	*faultKind
	delay time.Duration
}

// takeNext returns the fault of the endpoint's next request. Every fault of the
// endpoint counts the request, so a SKIP begins when its fault is added; at most
// one takes effect.
func (l *faultList) takeNext(endpoint string) *armedFault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fired *Fault
	for _, f := range l.faults {
		switch {
		case f.endpoint != endpoint && (f.endpoint != "*" || !slices.Contains(faultEndpoints, endpoint)):
		case f.skip > 0:
			f.skip--
		case fired == nil && f.count != 0:
			fired = f
		}
	}
	if fired == nil {
		return &armedFault{faultKind: noFault}
	}
	fired.count-- // always never reaches zero
	return &armedFault{fired.kind, fired.delay}
}
