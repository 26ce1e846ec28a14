package render

import "kivaform/plan"

// colorOf returns the ANSI code of an action; its mark alone says the same
// without colour.
func colorOf(a plan.Action) string {
	switch a {
	case plan.Submit:
		return "32"
	case plan.ReportAgain, plan.Adopt:
		return "36"
	case plan.Edited:
		return "33"
	case plan.Unknown:
		return "31"
	}
	return dim
}

const (
	bold = "1"
	dim  = "2"
)

func (t *text) bold(s string) string { return t.paint(bold, s) }
func (t *text) dim(s string) string  { return t.paint(dim, s) }

func (t *text) paint(code, s string) string {
	before, after := t.around(code)
	return before + s + after
}

// around returns what begins and ends a colour; nothing where none is wanted.
func (t *text) around(code string) (before, after string) {
	if !t.Color || code == "" {
		return "", ""
	}
	return "\x1b[" + code + "m", "\x1b[0m"
}
