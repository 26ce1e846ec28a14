package cli

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// onRunner reports whether a runner that reads commands from the streams may be
// present: GitHub Actions or Azure Pipelines.
func (c *Console) onRunner() bool {
	return c.OnGitHub() || strings.EqualFold(c.Getenv("TF_BUILD"), "true")
}

// escapes replace the characters that would begin a command, in a form of output
// that reads them back.
type escapes struct{ colon, bracket string }

var (
	textEscapes   = escapes{`\:`, `\[`}
	jsonEscapes   = escapes{`\u003a`, `\u005b`}
	markupEscapes = escapes{"&#58;", "&#91;"}
)

// noCommands escapes the beginnings of commands, so that no foreign text is one:
// GitHub's runner obeys every line that begins with ::, such as a file's name,
// and ##[ anywhere; Azure's also ##vso[ anywhere.
type noCommands struct {
	escapes
	mu     sync.Mutex
	w      io.Writer
	inLine bool    // the line has text other than white space
	last   [5]byte // right before
}

func (n *noCommands) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]byte, 0, len(p)+16)
	for _, c := range p {
		switch {
		case c == ':' && !n.inLine:
			out = append(out, n.colon...)
		case c == '[' && n.afterHashes():
			out = append(out, n.bracket...)
		default:
			out = append(out, c)
		}
		// The runner skips spaces of every script; only ASCII is certain not to
		// be one.
		n.inLine = c != '\n' && c != '\r' && (n.inLine || ' ' < c && c < utf8.RuneSelf)
		copy(n.last[:], n.last[1:])
		n.last[len(n.last)-1] = c
	}
	if _, err := n.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// afterHashes reports whether a bracket would begin a command.
func (n *noCommands) afterHashes() bool {
	return bytes.HasSuffix(n.last[:], []byte("##")) || bytes.EqualFold(n.last[:], []byte("##vso"))
}

// hasCommand reports whether a runner would find a command in a text.
func hasCommand(text []byte) bool {
	var out bytes.Buffer
	_, _ = (&noCommands{w: &out, escapes: textEscapes}).Write(text)
	return out.Len() != len(text)
}
