package markdown

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"

	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

// hostileMarkdown are texts that mean something to Markdown, to HTML or to a
// site that shows it.
var hostileMarkdown = []string{
	"`code` ``` ~~~ `",
	"```\n# heading\n```",
	"|---|---| \\| | a |",
	"@octocat @org/team mail@example.org",
	"#1 GH-12 owner/repo#3 !4 $5 %6 ~7 &8 0f1e2d3c4b5a69788796a5b4c3d2e1f001122334",
	"<script>alert(1)</script><img src=x onerror=alert(1)><a href='https://example.org'>",
	"</code></td></table></details></summary><h1>",
	"[text](https://example.org) ![image](https://example.org/x.png) [a]: https://example.org [^1]",
	"https://example.org www.example.org WWW.EXAMPLE.ORG ftp://example.org mailto:a@example.org xmpp:a@b.example.org",
	"<https://example.org> <a@example.org>",
	viewtest.Hostile,
	"# heading", "## heading ##", "- item", "* item", "+ item", "1. item", "1) item", "12345. item", "> quote", "---", "***", "===", "    indented",
	"- [ ] task", "[x]", "> [!WARNING]",
	"a\n\n# heading\n\n- item\n<!-- x -->\n<div>\n",
	"<!-- --> --> <!-- kivaform plan x y --> --!> <!--",
	"*a* **b** _c_ __d__ ~e~ ~~f~~ a*b*c",
	":tada: :smile::+1: $x^2$ $$y$$",
	"&lt;b&gt; &#64;octocat &commat; &amp;amp; \\@ \\< \\&",
	"a\\", "a  ", "\\", "(", ")", "1)", "(1)", "1.", "www.", "w.w", "http:", "://", "a:/b", "_", "a_b_", "_a", "'\"", "…", "•",
	"{+ added +} [- removed -] ++a++ ==b== ^c^",
	"<details><summary>", "</details>", "<br>", "<?php ?>", "<![CDATA[x]]>", "<!DOCTYPE html>",
	strings.Repeat("`", 300), strings.Repeat("@", 300), strings.Repeat("a@b.c ", 60), strings.Repeat("[", 300), strings.Repeat("|", 300),
}

const harmlessText = "Zaz"

// TestNothingBreaksOutOfMarkdown puts texts wherever somebody outside can put
// one: the page has the same elements as with a harmless text, and says what
// was typed.
func TestNothingBreaksOutOfMarkdown(t *testing.T) {
	for _, o := range []Options{{}, {MaxBytes: 1 << 20}} {
		want, wantText := elements(t, markdownOf(t, outsideView(harmlessText), o))
		for _, s := range hostileMarkdown {
			s = strings.ReplaceAll(s, "\n", "\r") // else a story has one line more
			page := markdownOf(t, outsideView(s), o)
			got, text := elements(t, page)
			if !slices.Equal(got, want) {
				t.Fatalf("%.60q changes the page: %s", s, cmp.Diff(want, got))
			}
			if want := saidOf(s, wantText); text != want {
				t.Errorf("%.60q: %s", s, cmp.Diff(text, want))
			}
		}
	}
}

// saidOf is what a page of a text says, by a page of the harmless one.
func saidOf(s, harmless string) string {
	loan := func(id string) string {
		return string((&spec.LoanDraft{Entreps: []spec.Entrep{{LoanID: id}}}).Address())
	}
	words := func(s string) string { return strings.Join(strings.Fields(view.Harmless(s)), "") }
	return strings.NewReplacer(loan(harmlessText), loan(s), harmlessText, words(s)).Replace(harmless)
}

// outsideView is a plan with a text wherever somebody outside can put one.
func outsideView(s string) *view.View {
	at := spec.Pos{File: s, Line: 3, Column: 1}
	fault := &spec.Fault{Code: "KF021", Pos: at, Path: s, Message: s, Remedy: s}
	p := viewtest.PlanWith(s)
	p.Drafts[0].Resource.(*spec.LoanDraft).Entreps[0].LastName = s
	p.Drafts[0].Resource.(*spec.LoanDraft).Description = s
	p.Drafts = append(p.Drafts, plan.Item{Action: plan.Waiting, Resource: viewtest.DraftAt(s, 1), Reason: plan.Stated(s)}, plan.Item{Action: plan.Waiting, Resource: viewtest.DraftAt(s, 1), Reason: plan.Stated(s)})
	p.Journals = []plan.Item{{Action: plan.Submit, Reason: plan.Stated(s), Resource: &spec.Journal{Pos: at, Key: "k", LoanID: "L-1", ClientID: s, Subject: s, Body: s, ImageURL: s}}}
	p.Faults = []*spec.Fault{fault}
	r := viewtest.ReportOf(s, viewtest.RowOf(plan.Row{Action: plan.Submit, Currency: s, Reason: plan.Stated(s)}, "5"), viewtest.RowOf(plan.Row{Action: plan.Waiting, Reason: plan.Stated(s)}, "5"), viewtest.RowOf(plan.Row{Action: plan.Waiting, Reason: plan.Stated(s)}, "5"))
	r.Report.File, r.Report.Rows[0].LoanID, r.Report.Rows[0].ClientID = s, s, s
	r.Coverage = &plan.Coverage{
		Expected: 9, Reported: 1, Missing: []string{s, s}, Totals: plan.Totals{s: viewtest.AmountOf("5")},
		Findings: []plan.Finding{{Row: 0, Kind: plan.WrongClient, Reason: plan.Stated(s)}},
	}
	r.Gone = []string{s, s}
	r.Duplicate = &plan.Duplicate{Period: s, Rows: 3, At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	p.Reports = append(p.Reports, r)
	lacking := &spec.Fault{Code: "KF051", Severity: spec.Warning, Pos: at, Path: s, Message: s, Address: p.Drafts[0].Address()}
	return view.New(p, view.Meta{Commit: s, Digest: s, Warnings: []*spec.Fault{lacking}}, true)
}

// elements returns the elements of a page as a Markdown parser shows it, but
// for <code>, and its text without spaces.
func elements(t *testing.T, page string) (list []string, text string) {
	t.Helper()
	var html bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList), goldmark.WithRendererOptions(gmhtml.WithUnsafe(), gmhtml.WithXHTML()))
	if err := md.Convert([]byte(page), &html); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader("<html>" + strings.ReplaceAll(html.String(), "<br>", "<br/>") + "</html>"))
	var said strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list, strings.Join(strings.Fields(said.String()), "")
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, html.String())
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local != "code" {
				list = append(list, token.Name.Local)
			}
			if token.Name.Local == "a" || token.Name.Local == "img" {
				t.Errorf("there is a link or an image: %v", token)
			}
		case xml.CharData:
			said.Write(token)
		}
	}
}

// Some of what sites do with a text can't be seen in the page that a parser
// makes: GitHub's own finds mail addresses in text that references have become,
// and mentions, references and emoji are looked for later, but not in code.
func TestInline(t *testing.T) {
	for s, want := range map[string]string{
		"to buy a cow, in Nakuru: 50,000.50 (2026-12-01).": "to buy a cow, in Nakuru: 50,000.50 (2026-12-01)&#46;",
		"मीरा l'élevage de Zoë":                            "मीरा l'élevage de Zoë",
		"ask @octocat, please":                             "ask <code><!-- -->&#64;octocat</code>, please",
		"a@example.org":                                    "<code>a<!-- -->&#64;example.org</code>",
		"see #12 and GH-7":                                 "see <code>&#35;12</code> and <code>GH-7</code>",
		":tada: 0f1e2d3 defaced":                           "<code>&#58;tada: 0f1e2d3 defaced</code>",
		"www.example.org http://a":                         "<code>www&#46;example.org http&#58;//a</code>",
		"of L-0871; in a/b.yaml:12":                        "of <code>L-0871</code>; in <code>a/b.yaml:12</code>",
		"1. one":                                           "1&#46; one",
		"a  b\tc":                                          "a <code>b&#92;tc</code>",
		"":                                                 "",
	} {
		if got := inlineText(s); got != want {
			t.Errorf("%q: %s\nnot %s", s, got, want)
		}
	}
}

// FuzzInline shows a text alone and at the beginning of each kind of block:
// whatever it is, it is one paragraph of words and code.
func FuzzInline(f *testing.F) {
	for _, s := range hostileMarkdown {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.Join(strings.Fields(view.Harmless(s)), "")
		if want == "" {
			t.Skip()
		}
		for _, shown := range []string{inlineText(s), codeSpan(s)} {
			for _, block := range []struct {
				before, after string
				elements      string
			}{
				{"", "\n", "html p"}, {"- ", "\n", "html ul li"}, {"> ", "\n", "html blockquote p"}, {"a\n", "\n", "html p"},
				{"| h |\n|---|\n| ", " |\n", "html table thead tr th tbody tr td"},
				{"<details><summary>", "</summary>\n\n</details>\n", "html details summary"},
			} {
				got, text := elements(t, block.before+shown+block.after)
				if strings.Join(got, " ") != block.elements || !strings.HasSuffix(text, want) {
					t.Errorf("%q as %s: %v, %q", s, shown, got, text)
				}
			}
		}
	})
}
