package hint_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hashicorp/go-multierror"

	"kivaform/kiva/hint"
)

type ownHint struct{ file string }

func (e *ownHint) Error() string { return e.file + " is broken" }
func (e *ownHint) Hint() string  { return "mend " + e.file }

func TestOf(t *testing.T) {
	broken := hint.With(errors.New("broken"), "mend %s", "it")
	for _, tt := range []struct {
		name string
		err  error
		text string
		of   string
	}{
		{"none", errors.New("broken"), "broken", ""},
		{"no error", nil, "", ""},
		{"one", broken, "broken", "mend it"},
		{"an empty one", hint.With(broken, "%s", ""), "broken", "mend it"},
		{"wrapped", fmt.Errorf("read a: %w", broken), "read a: broken", "mend it"},
		{"wrapped with another", hint.With(fmt.Errorf("read a: %w", broken), "plan again"), "read a: broken", "mend it; hint: plan again"},
		{"of a type of its own", fmt.Errorf("read: %w", &ownHint{"a"}), "read: a is broken", "mend a"},
		{"joined", errors.Join(broken, &ownHint{"a"}), "broken\na is broken", "mend it; hint: mend a"},
		{"joined, the same", errors.Join(broken, broken), "broken\nbroken", "mend it"},
		{"two wrapped", fmt.Errorf("%w and %w", broken, &ownHint{"a"}), "broken and a is broken", "mend it; hint: mend a"},
		{"multierror", fmt.Errorf("all: %w", &multierror.Error{Errors: []error{broken, &ownHint{"a"}}, ErrorFormat: func([]error) string { return "two" }}), "all: two", "mend it; hint: mend a"},
		{"a name that looks like one", fmt.Errorf("read %s: %w", "a; hint: b.yaml", broken), "read a; hint: b.yaml: broken", "mend it"},
	} {
		if got := hint.Of(tt.err); got != tt.of {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.of)
		}
		if tt.err == nil {
			continue
		}
		if got := tt.err.Error(); got != tt.text {
			t.Errorf("%s: text %q, want %q", tt.name, got, tt.text)
		}
		want := tt.text
		if tt.of != "" {
			want += "; hint: " + tt.of
		}
		if got := hint.Text(tt.err); got != want {
			t.Errorf("%s: %q, want %q", tt.name, got, want)
		}
	}
}

func TestWithKeepsTheError(t *testing.T) {
	cause := &ownHint{"a"}
	var found *ownHint
	if err := hint.With(cause, "plan again"); !errors.Is(err, cause) || !errors.As(err, &found) {
		t.Errorf("%v has lost its cause", err)
	}
}
