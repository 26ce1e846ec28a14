package text

import "kivaform/plan/view"

// colorOf returns the ANSI code of an action; its mark alone says the same
// without colour.
func colorOf(a view.Action) string {
	switch a {
	case view.Submit:
		return "32"
	case view.ReportAgain, view.Adopt:
		return "36"
	case view.Edited, view.Alike:
		return "33"
	case view.Unknown, view.Rejected:
		return "31"
	}
	return dimCode
}

const (
	boldCode = "1"
	dimCode  = "2"
)

func (p *printer) bold(s string) string { return p.paint(boldCode, s) }
func (p *printer) dim(s string) string  { return p.paint(dimCode, s) }

func (p *printer) paint(code, s string) string {
	before, after := p.around(code)
	return before + s + after
}

// around returns the sequences that begin and end a colour, empty without colours.
func (p *printer) around(code string) (before, after string) {
	if !p.Color || code == "" {
		return "", ""
	}
	return "\x1b[" + code + "m", "\x1b[0m"
}
