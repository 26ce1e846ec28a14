package session

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/spec"
)

// Whatever an interrupt stopped, it is told in words of our own.
func TestAnInterruptIsNotAFault(t *testing.T) {
	message, hint := explained(fmt.Errorf("list loans: GET loans: token: %w", context.Canceled))
	if message != "interrupted; nothing was sent" || hint != "" {
		t.Errorf("%q, %q", message, hint)
	}
}

func TestLearnMore(t *testing.T) {
	fault := func(n int) error { return &spec.Fault{Code: fmt.Sprintf("KF%03d", n)} }
	for want, errs := range map[string][]error{
		"":                                     {errors.New("something else")},
		"Learn more: kivaform explain KF001\n": {fault(1), fault(1)},
		"Learn more: kivaform explain KF001 KF002 KF003 KF004 KF005\n": {fault(1), fault(2), fault(3), fault(4), fault(5), fault(6)},
	} {
		if got := learnMore(errs); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// Breaks of lines between joined errors stay, and no others.
func TestMessagesKeepTheirLines(t *testing.T) {
	err := fmt.Errorf("a\nb: %w", errors.Join(errors.New("c\nd"), fmt.Errorf("e: %w", errors.New("f\rg"))))
	if got, want := harmlessMessage(cli.WithCode(cli.ExitInvalid, err)), "a\\nb: c\\nd\ne: f\\rg"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
