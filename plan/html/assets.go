package html

import (
	"crypto/sha256"
	_ "embed" // the page's own files
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"kivaform/plan/view"
)

var (
	//go:embed page/page.html
	pageSource string
	//go:embed page/style.css
	styleSheet string
	//go:embed page/script.js
	script string
)

// withTemplates gives a language the templates of the page, which are parsed
// when they are needed.
func withTemplates(l *language) *language {
	l.templates = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("page").Funcs(template.FuncMap{
			"t": l.text, "say": l.say, "count": l.count, "number": l.Number, "amount": l.Amount, "sum": l.sum,
			"date": l.date, "day": l.day, "month": l.month, "moment": l.Moment,
			"why": l.why, "problem": l.problem, "remedy": l.remedy, "field": l.field, "value": l.value, "changed": l.changed, "amounts": l.amounts, "place": l.place,
			"clean": view.Harmless, "lines": harmlessLines,
			"policy": l.contentPolicy, "style": l.style, "script": ownScript,
		}).Parse(pageSource))
	})
	return l
}

// contentPolicy is the page's content security policy: its own style and script, told
// by their hashes, and pictures that are part of the page. Nothing else is
// loaded, run or sent.
func (l *language) contentPolicy() string {
	return "default-src 'none'; style-src '" + hashOf(l.styleSheet()) + "'; script-src '" + hashOf(script) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// styleSheet is the style with the words that narrow screens show beside cells
// whose column has no head there.
func (l *language) styleSheet() string {
	var words strings.Builder
	for _, w := range [][2]string{{"client", "col.client"}, {"was", "col.was"}, {"line-word", "col.line"}} {
		fmt.Fprintf(&words, ":root { --%s: %q; }\n", w[0], texts[w[1]][l.column])
	}
	return words.String() + styleSheet
}

// The hashes cover the text between the tags, to the byte.
func (l *language) style() template.HTML {
	return template.HTML("<style>" + l.styleSheet() + "</style>") // #nosec G203 -- the page's own style sheet
}

func ownScript() template.HTML { return template.HTML("<script>" + script + "</script>") } // #nosec G203 -- the page's own script
