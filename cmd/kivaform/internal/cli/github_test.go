package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestAnnotationsAreEscaped(t *testing.T) {
	n := Annotation{"error", "x", 3, 9, "a:b,c%", "50% off\r\n::error::x, y: z"}
	want := "::error file=a%3A%3Ab%2Cc%25%0A.yaml,line=3,col=9,title=a%3Ab%2Cc%25::50%25 off%0D%0A::error::x, y: z"
	if got := n.runnerCommand("a::b,c%\n.yaml"); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	n.File, n.Line, n.Column = "", 0, 0
	for file, want := range map[string]string{"": "::error title=", "a.yaml": "::error file=a.yaml,title="} {
		if got := n.runnerCommand(file); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s", file, got)
		}
	}
}

func TestPlacesAreRelativeToTheRepository(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"repo/kiva/loans", "other"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "repo/kiva/loans/a.yaml"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "repo"), filepath.Join(root, "link")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	for _, tt := range []struct{ workspace, dir, file, want string }{
		{"repo", "repo/kiva", "loans/a.yaml", "kiva/loans/a.yaml"},
		{"link", "repo/kiva", "loans/a.yaml", "kiva/loans/a.yaml"},
		{"repo", "link/kiva", "loans/a.yaml", "kiva/loans/a.yaml"},
		{"repo", "repo", "kiva.yaml", "kiva.yaml"},
		{"other", "repo", "kiva.yaml", ""},
		{"repo", "repo", "", ""},
	} {
		env := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": filepath.Join(root, tt.workspace)}
		a := &Console{Dir: filepath.Join(root, tt.dir), Getenv: func(name string) string { return env[name] }}
		if got := a.inRepository(tt.file); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// commandOfRunner is what a runner takes for a command.
var commandOfRunner = regexp.MustCompile(`(?m)^[\s\p{Z}]*::[^\n]*::|##(?i:vso)?\[`)

func TestNothingTypedIsACommand(t *testing.T) {
	text := "::error::a\n  ::set-output name=a::b\r::x::\n\u00A0\u2003::y::\na ::b:: fine\n##[error]c ###[d] # #[e\n::\n\t:: :: ##vso[task.setvariable variable=a]b ##VSO[x #vso[y"
	for size := range 7 {
		var out bytes.Buffer
		w := &noCommands{w: &out, escapes: textEscapes}
		for rest := text; rest != ""; {
			n := min(size+1, len(rest))
			if wrote, err := io.WriteString(w, rest[:n]); wrote != n || err != nil {
				t.Fatalf("%d, %v", wrote, err)
			}
			rest = rest[n:]
		}
		if got := out.String(); commandOfRunner.MatchString(got) || strings.ReplaceAll(got, `\`, "") != text || !strings.Contains(got, "a ::b:: fine") {
			t.Errorf("%q", got)
		}
	}
	if !commandOfRunner.MatchString(text) {
		t.Error("nothing in the text is a command")
	}
}
