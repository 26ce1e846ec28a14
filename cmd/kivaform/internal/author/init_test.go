package author

import (
	"bytes"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

// The questions of init take what is offered where the answer is empty, and ask
// nothing that a flag said.
func TestQuestions(t *testing.T) {
	var out bytes.Buffer
	a := &session.App{Console: cli.Console{Streams: cli.Streams{In: strings.NewReader("\n145\n"), Err: &out}}}
	f := initOptions{CSVFormat: "two-column", Amounts: "cumulative-principal"}
	askOptions(t.Context(), a, &f, func(flag string) bool { return flag == "csv-format" })
	if f.Environment != "sandbox" || f.PartnerID != "145" || f.CSVFormat != "two-column" || f.Amounts != "cumulative-principal" {
		t.Errorf("%+v", f)
	}
	if n := strings.Count(out.String(), "]: "); n != 3 {
		t.Errorf("%d questions:\n%s", n, &out)
	}
	if err := f.check(); err != nil {
		t.Error(err)
	}
}
