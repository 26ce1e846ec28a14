package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a client secret. Printed, logged or encoded it is "redacted"; only
// [Secret.Reveal] returns it.
type Secret string

const redacted = "redacted"

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns "redacted".
func (s Secret) String() string { return redacted }

// GoString returns "redacted".
func (s Secret) GoString() string { return redacted }

// Format writes "redacted" for every verb: the default would print the secret
// for %d.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns "redacted".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "redacted", which JSON and YAML use too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
