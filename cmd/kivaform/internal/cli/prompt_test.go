package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// An interrupt ends a question at once, and counts where an answer came, too.
func TestAQuestionEndsWithAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, typed := io.Pipe()
	defer typed.Close()
	cancel()
	if line, err := ReadLine(ctx, bufio.NewReader(in)); line != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", line, err)
	}
	for range 50 { // either may be looked at first
		if line, err := ReadLine(ctx, bufio.NewReader(strings.NewReader("yes\n"))); line != "" || !errors.Is(err, context.Canceled) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if line, err := ReadLine(t.Context(), bufio.NewReader(strings.NewReader(" yes \n"))); line != "yes" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
}
