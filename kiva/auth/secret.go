package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a client secret. However it is printed, logged or encoded, it
// says "redacted"; only [Secret.Reveal] says more.
type Secret string

const redacted = "redacted"

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns "redacted".
func (s Secret) String() string { return redacted }

// GoString returns "redacted".
func (s Secret) GoString() string { return redacted }

// Format writes "redacted" for every verb: without it, %d would print the
// secret as a wrong argument.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns "redacted".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "redacted", which JSON and YAML take too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
