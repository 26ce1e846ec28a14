package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// A command that is printed does what it says when it is copied.
func TestCommandLine(t *testing.T) {
	for _, tt := range []struct{ dir, environment, want string }{
		{".", "", "kivaform resolve loan_draft/L%2F1 --exists"},
		{"", "pilot", "kivaform --env pilot resolve loan_draft/L%2F1 --exists"},
		{"my loans", "", "kivaform -C 'my loans' resolve loan_draft/L%2F1 --exists"},
		{"it's", "", `kivaform -C 'it'\''s' resolve loan_draft/L%2F1 --exists`},
		{"$(x)", "a;b", "kivaform -C '$(x)' --env 'a;b' resolve loan_draft/L%2F1 --exists"},
		{"", "", "kivaform resolve loan_draft/L%2F1 --exists"},
	} {
		a := &app{dir: tt.dir, environment: tt.environment}
		if got := a.decideBy("loan_draft/L%2F1"); got != tt.want {
			t.Errorf("%q, not %q", got, tt.want)
		}
	}
	if got := quoted(""); got != "''" {
		t.Errorf("nothing is %s", got)
	}
}

// An interrupt ends a question at once, and counts where an answer came, too.
func TestAQuestionEndsWithAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, typed := io.Pipe()
	defer typed.Close()
	cancel()
	if line, err := readLine(ctx, bufio.NewReader(in)); line != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", line, err)
	}
	for range 50 { // either may be looked at first
		if line, err := readLine(ctx, bufio.NewReader(strings.NewReader("yes\n"))); line != "" || !errors.Is(err, context.Canceled) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if line, err := readLine(t.Context(), bufio.NewReader(strings.NewReader(" yes \n"))); line != "yes" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
}

func TestNearestFlag(t *testing.T) {
	c := new(app).applyCommand()
	for name, want := range map[string]string{
		"autoapprove": "auto-approve", "auto-aprove": "auto-approve", "paralelism": "parallelism", "dead-line": "deadline",
		"json-in-to": "json-into", "x": "", "nothing": "", "formattt": "",
	} {
		if got := nearestFlag(c, name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}

// Whatever an interrupt stopped, it is told in words of our own.
func TestAnInterruptIsNotAFault(t *testing.T) {
	message, hint := explained(fmt.Errorf("list loans: GET loans: token: %w", context.Canceled))
	if message != "interrupted; nothing was sent" || hint != "" {
		t.Errorf("%q, %q", message, hint)
	}
}
