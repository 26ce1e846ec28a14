package cli

import (
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
		c := &Console{Dir: tt.dir, Environment: tt.environment}
		if got := c.Command("resolve", "loan_draft/L%2F1", "--exists"); got != tt.want {
			t.Errorf("%q, not %q", got, tt.want)
		}
	}
	if got := quoteWord(""); got != "''" {
		t.Errorf("nothing is %s", got)
	}
}
