package cli

import (
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"kivaform/kiva/hint"
	"kivaform/spec"
)

// An output is a standard stream for people's text: no control character in it
// reaches a terminal, and where a runner reads it, nothing is taken for a
// command. It remembers the first write that failed, so that a command whose
// answer got lost doesn't end as if it had been read.
type output struct {
	stream io.Writer
	text   io.Writer
	runner bool // reads the stream for commands
	Failed error
}

// Output makes a standard stream safe for text that others wrote.
func (c *Console) Output(stream io.Writer) *output {
	o := &output{stream: stream, runner: c.onRunner()}
	o.text = &harmlessText{w: o.withoutCommands(textEscapes)}
	return o
}

// withoutCommands returns the stream, with what would begin a command escaped
// if a runner reads it.
func (o *output) withoutCommands(e escapes) io.Writer {
	if !o.runner {
		return o.stream
	}
	return &noCommands{w: o.stream, escapes: e}
}

func (o *output) Write(p []byte) (int, error) { return o.write(o.text, p) }

func (o *output) write(to io.Writer, p []byte) (int, error) {
	n, err := to.Write(p)
	if err != nil && o.Failed == nil {
		o.Failed = err
	}
	return n, err
}

// A harmlessText writes text without control characters.
type harmlessText struct {
	mu   sync.Mutex
	w    io.Writer
	rest []byte // the beginning of a character that isn't complete
}

func (h *harmlessText) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := append(h.rest, p...)
	end := len(text) - len(incompleteRune(text))
	h.rest = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(h.w, spec.HarmlessLines(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// incompleteRune returns the beginning of a character at the end of a text.
func incompleteRune(text []byte) []byte {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRune(text[i:]) {
				return nil
			}
			return text[i:]
		}
	}
	return nil
}

// An outputForm is an output in a form other than text.
type outputForm struct {
	*output
	to io.Writer
}

func (f outputForm) Write(p []byte) (int, error) { return f.write(f.to, p) }

// asIs returns a stream for what must not be changed: commands that are meant.
func asIs(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return outputForm{o, o.stream}
	}
	return w
}

// withEscapes returns a stream for a form in which commands of a runner are
// escaped, and nothing else.
func withEscapes(w io.Writer, e escapes) io.Writer {
	if o, ok := w.(*output); ok {
		return outputForm{o, o.withoutCommands(e)}
	}
	return w
}

// AsStyled returns a stream for text that moves the cursor or has colours, and
// for CSV.
func AsStyled(w io.Writer) io.Writer { return withEscapes(w, textEscapes) }

// AsJSON returns a stream for JSON, which means the same with escapes.
func AsJSON(w io.Writer) io.Writer { return withEscapes(w, jsonEscapes) }

// AsMarkup returns a stream for HTML and Markdown, which look the same with
// escapes.
func AsMarkup(w io.Writer) io.Writer { return withEscapes(w, markupEscapes) }

// UnwrapStream returns what an output writes to: only that tells whether it is a
// terminal, and only that can be given to another program as it is.
func UnwrapStream(w any) any {
	if o, ok := w.(*output); ok {
		return o.stream
	}
	return w
}

// WriteDocuments prints YAML. It can't be escaped without changing its meaning,
// so where a runner would find a command in it, it is refused.
func (c *Console) WriteDocuments(text []byte) error {
	if c.onRunner() && hasCommand(text) {
		return WithCode(ExitRefused, hint.With(errors.New("the documents hold text that this runner would take for a command: nothing was printed"), "convert has --out, and fmt changes files in place"))
	}
	_, err := asIs(c.Out).Write(text)
	return err
}
