package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// faultEndpoints are the endpoints that can be made to fail.
var faultEndpoints = []string{"token", "loans", "loan_draft", "journals", "repayments", "config"}

// always is the count of a fault that doesn't wear off.
const always = -1

// A Fault makes requests to an endpoint fail. [ParseFault] makes one.
type Fault struct {
	kind     *faultKind
	delay    time.Duration
	endpoint string // "*" is all of them
	count    int
	skip     int
}

// ParseFault reads KIND:ENDPOINT[:COUNT[:SKIP]], as drop-after:loan_draft:3.
// KIND is one of [Faults]. ENDPOINT is token, loans, loan_draft, journals,
// repayments, config, or * for any. COUNT is how many requests fail: 1 if it
// isn't given, * for all. SKIP is how many go well before.
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
		f.count = always
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

// Faults returns the kinds of faults, one line each: the name, two spaces or
// more, and what happens.
func Faults() []string {
	lines := make([]string, len(faultKinds))
	for i, k := range faultKinds {
		lines[i] = fmt.Sprintf("%-14s  %s", k.name, k.meaning)
	}
	return lines
}

// AddFault makes requests to this server fail from now on. Of several faults of
// one endpoint, the one that was added first goes first.
func (s *Server) AddFault(f Fault) { s.faults.add(f) }

// armFault makes requests fail as a text for [ParseFault] says.
func (s *Server) armFault(text string) error {
	f, err := ParseFault(text)
	if err == nil {
		s.AddFault(f)
	}
	return err
}

// A faultList holds the faults that haven't worn off.
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

// An armed fault is what happens to one request.
type armed struct {
	*faultKind
	delay time.Duration
}

// take returns the fault of the next request of the endpoint. Every
// fault of the endpoint sees every request, so a SKIP counts from when the
// fault was added; one of them fires.
func (l *faultList) take(endpoint string) *armed {
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
		return &armed{faultKind: noFault}
	}
	fired.count-- // always never gets to zero
	return &armed{fired.kind, fired.delay}
}
