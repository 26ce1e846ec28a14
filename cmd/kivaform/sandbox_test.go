package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kivaform/apply/applytest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva/sandbox"
)

// Where a sandbox can't use its folder, people are told which file it is and
// what is the matter with it.
func TestBrokenSandboxIsNamed(t *testing.T) {
	t.Parallel()
	now, data := time.Now(), filepath.Join(t.TempDir(), "data")
	server, err := sandbox.Open(sandbox.Options{Dir: data, Today: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	m := &month{dir: t.TempDir(), period: now.Format("2006-01"), kiva: server, web: applytest.Serve(server, server)}
	defer m.close()
	for name, text := range m.files(now) {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	getenv := settingsOf(map[string]string{"KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS": "127.0.0.1", "KIVAFORM_CACHE_DIR": t.TempDir()})
	code := run(t.Context(), []string{"-C", m.dir, "plan"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, getenv)
	for _, part := range []string{"answered 500", filepath.Join(data, "events.jsonl"), "not a directory"} {
		if code != cli.ExitError || !strings.Contains(errs.String(), part) {
			t.Errorf("exit %d, and %q isn't said:\n%s", code, part, &errs)
		}
	}
}
