package cli

import (
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"kivaform/kiva/hint"
	"kivaform/spec"
)

// An output is a standard stream for text: it lets no control character reach a
// terminal, and no text reach a runner as a command. It keeps the first failed
// write, so that a command whose answer was lost doesn't exit with success.
type output struct {
	stream io.Writer
	text   io.Writer
	runner bool // reads the stream for commands
	Failed error
}

// Output makes a standard stream safe for foreign text.
func (c *Console) Output(stream io.Writer) *output {
	o := &output{stream: stream, runner: c.onRunner()}
	o.text = &harmlessText{w: o.withoutCommands(textEscapes)}
	return o
}

// withoutCommands returns the stream, with the beginnings of commands escaped if
// a runner reads it.
func (o *output) withoutCommands(e escapes) io.Writer {
	if !o.runner {
		return o.stream
	}
	return &noCommands{w: o.stream, escapes: e}
}

func (o *output) Write(p []byte) (int, error) { return o.writeTo(o.text, p) }

func (o *output) writeTo(to io.Writer, p []byte) (int, error) {
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
	rest []byte // the beginning of an incomplete character
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

// incompleteRune returns the incomplete character at the end of a text, if any.
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

// An outputForm is an output in another form than text.
type outputForm struct {
	*output
	to io.Writer
}

func (f outputForm) Write(p []byte) (int, error) { return f.writeTo(f.to, p) }

// asIs returns a stream without escaping, for intended commands.
func asIs(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return outputForm{o, o.stream}
	}
	return w
}

// withEscapes returns a stream that only escapes commands of a runner.
func withEscapes(w io.Writer, e escapes) io.Writer {
	if o, ok := w.(*output); ok {
		return outputForm{o, o.withoutCommands(e)}
	}
	return w
}

// AsStyled returns a stream for text with colours or cursor movements, and for
// CSV.
func AsStyled(w io.Writer) io.Writer { return withEscapes(w, textEscapes) }

// AsJSON returns a stream for JSON; escapes don't change its meaning.
func AsJSON(w io.Writer) io.Writer { return withEscapes(w, jsonEscapes) }

// AsMarkup returns a stream for HTML and Markdown; escapes don't change their
// look.
func AsMarkup(w io.Writer) io.Writer { return withEscapes(w, markupEscapes) }

// UnwrapStream returns an output's stream, which tells whether it is a terminal
// and can be given to another program.
func UnwrapStream(w any) any {
	if o, ok := w.(*output); ok {
		return o.stream
	}
	return w
}

// WriteDocuments prints YAML. Escapes would change its meaning, so it refuses
// text that a runner would take for a command.
func (c *Console) WriteDocuments(text []byte) error {
	if c.onRunner() && hasCommand(text) {
		return WithCode(ExitRefused, hint.With(errors.New("the documents hold text that this runner would take for a command: nothing was printed"), "convert has --out, and fmt changes files in place"))
	}
	_, err := asIs(c.Out).Write(text)
	return err
}
