//go:build unix

package html

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kivaform/kiva/sandbox/chromiumtest"
	"kivaform/plan"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

func TestPageInChromium(t *testing.T) {
	c := chromiumtest.Start(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *chromiumtest.Browser)
	}{
		{"looks", testLooks}, {"hostile", testHostilePage}, {"search", testSearch}, {"sort", testSort},
		{"no script", testNoScript}, {"print", testPrint}, {"big", testBig},
	} {
		t.Run(part.name, func(t *testing.T) {
			c.In(t)
			part.test(t, c)
			if len(c.Said) > 0 {
				t.Errorf("the browser says %v", c.Said)
			}
		})
	}
}

// visit opens the page of a plan, as a file on this machine.
func visitPage(t *testing.T, c *chromiumtest.Browser, v *view.View, o Options) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.html")
	if err := os.WriteFile(file, []byte(pageOf(t, v, o)), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Visit("file://" + file)
}

// testLooks looks at the page in each language, wide and narrow, light and dark.
// "go test -artifacts" keeps the pictures.
func testLooks(t *testing.T, c *chromiumtest.Browser) {
	photo := pngOf(t, 640, 480)
	for _, lang := range Languages() {
		for _, pixels := range []int{1280, 400} {
			for _, scheme := range []string{"light", "dark"} {
				if scheme == "dark" && lang != "en" {
					continue // colours are the same in all languages
				}
				c.Width(pixels)
				c.Look(scheme, "screen")
				visitPage(t, c, view.New(viewtest.Everything(), pageMeta(), true), Options{
					Lang: lang, Full: true, Photo: func(*spec.Image) ([]byte, error) { return photo, nil },
				})
				name := fmt.Sprintf("%s-%d-%s", lang, pixels, scheme)
				c.Shoot(filepath.Join(t.ArtifactDir(), name+".png"))
				for what, found := range map[string][]string{"too wide": c.Wide(), "too pale": c.Pale(), "without a name": c.Nameless(), "headings": outline(c)} {
					if len(found) > 0 {
						t.Errorf("%s, %s: %s", name, what, found)
					}
				}
			}
		}
	}
	c.Look("light", "")
	c.Width(1280)
}

// outline lists what is wrong with the order of headings.
func outline(c *chromiumtest.Browser) (wrong []string) {
	var levels []int
	c.Ask(`[...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.localName[1])`, &levels)
	if len(levels) == 0 || levels[0] != 1 || slices.Contains(levels[1:], 1) {
		wrong = append(wrong, "not one h1 at the top")
	}
	for i := 1; i < len(levels); i++ {
		if levels[i] > levels[i-1]+1 {
			wrong = append(wrong, fmt.Sprintf("h%d after h%d", levels[i], levels[i-1]))
		}
	}
	return wrong
}

// testHostilePage has hostile texts everywhere, among what is shown at once and
// what follows, and uses all of the page.
func testHostilePage(t *testing.T, c *chromiumtest.Browser) {
	all := strings.Join(hostilePages, " ")
	p := viewtest.PlanWith(all)
	bad, rows := p.Drafts, p.Reports[0]
	p.Drafts = slices.Concat(bad, viewtest.ManyDrafts(cardsAtOnce).Drafts, bad)
	r := &p.Reports[0]
	filler := viewtest.ManyRows(rowsAtOnce).Reports[0]
	r.Rows = slices.Concat(rows.Rows, filler.Rows, rows.Rows)
	r.Report.Rows = slices.Concat(rows.Report.Rows, filler.Report.Rows, rows.Report.Rows)
	visitPage(t, c, view.New(p, metaWith(all), true), Options{Photo: func(*spec.Image) ([]byte, error) { return []byte(all), nil }})
	var harm []string
	c.Ask(`(() => {
		const elements = () => [...document.querySelectorAll("*")]
		const own = new Set(elements().map(e => e.localName))
		const click = what => document.querySelectorAll(what).forEach(b => b.click())
		click("details > summary"), click(".more button"), click("th button"), click("th button")
		const query = document.querySelector("#kind")
		query.value = "repayment", query.dispatchEvent(new Event("change"))
		click("#clear"), click("nav a")
		return [
			window.pwned && "a script ran",
			document.scripts.length !== 1 && "another script",
			document.styleSheets.length !== 1 && "another style",
			document.baseURI !== location.href && "another base",
			...elements().filter(e => !own.has(e.localName)).map(e => "a new element " + e.localName),
			...elements().filter(e => ["img", "iframe", "math", "mglyph", "base"].includes(e.localName)).map(e => e.localName),
			...elements().flatMap(e => [...e.attributes]).filter(a => /^on/.test(a.name) || a.name === "href" && a.value[0] !== "#").map(a => a.name),
		].filter(x => x)
	})()`, &harm)
	if len(harm) > 0 {
		t.Errorf("harm: %q", harm)
	}
	var title string
	if c.Ask("document.querySelector('h1').textContent", &title); !strings.Contains(title, `<script>window.pwned=1</script>`) {
		t.Errorf("the texts aren't there: %q", title)
	}
	if wide := c.Wide(); len(wide) > 0 {
		t.Errorf("too wide: %q", wide)
	}
}

// visible counts the cards and rows that can be seen.
func visible(c *chromiumtest.Browser) (n int) {
	c.Ask(`[...document.querySelectorAll("article, tbody.list tr")].filter(e => e.offsetParent).length`, &n)
	return n
}

// focus goes on with the keyboard until the focus is where an expression says.
func focus(t *testing.T, c *chromiumtest.Browser, there string) {
	t.Helper()
	for range 60 {
		c.Press("Tab", "", 9)
		var is bool
		if c.Ask("(e => "+there+")(document.activeElement)", &is); is {
			return
		}
	}
	t.Fatalf("the keyboard doesn't get to %s", there)
}

// settled waits until the search has said what it found: timers fire in the
// order of their times.
func settled(c *chromiumtest.Browser) (said string) {
	c.Wait(`new Promise(done => setTimeout(() => done(document.querySelector("#found").textContent), 160))`, &said)
	return said
}

// testSearch finds with the keyboard alone, also what isn't laid out yet.
func testSearch(t *testing.T, c *chromiumtest.Browser) {
	p := viewtest.ManyDrafts(cardsAtOnce + 50)
	p.Drafts[cardsAtOnce+7].Resource.(*spec.LoanDraft).Entreps[0].FirstName = "Ñandutí & Søn <b>"
	p.Journals = []plan.Item{{Action: plan.Waiting, Resource: viewtest.Visit("L-0801"), Reason: viewtest.Unpublished}}
	p.Reports = viewtest.ManyRows(rowsAtOnce + 50).Reports
	visitPage(t, c, view.New(p, view.Meta{}, true), Options{})
	if n := visible(c); n != cardsAtOnce+1+rowsAtOnce {
		t.Errorf("%d are shown at first", n)
	}
	for _, tt := range []struct {
		query, said string
		shown       int
	}{
		{"nanduti", "1 found", 1}, {"SØN <b> &", "1 found", 1}, {"l-000349", "1 found", 1}, {"wanjiku dairy", "178 found", 178},
		{"wanjiku nobody", "Nothing found", 0}, {"L-0801", "1 found", 1}, {"no-such-class article", "Nothing found", 0},
	} {
		focus(t, c, `e.id === "query"`)
		c.Ask(`(document.activeElement.select(), 0)`, new(int))
		c.Write(tt.query)
		if said := settled(c); said != tt.said {
			t.Errorf("%s: %q", tt.query, said)
		}
		if n := visible(c); n != tt.shown {
			t.Errorf("%s: %d are shown", tt.query, n)
		}
	}
	focus(t, c, `e.id === "clear"`)
	c.Press("Enter", "\r", 13)
	if n := visible(c); n != cardsAtOnce+50+1+300 || settled(c) != "" {
		t.Errorf("%d are shown after all", n)
	}
	var whole int
	if c.Ask(`document.querySelectorAll("main > section > .list > article:not(:has(article)) tfoot").length`, &whole); whole != cardsAtOnce+50 {
		t.Errorf("%d cards are whole", whole)
	}
	focus(t, c, `e.id === "action"`)
	c.Press("ArrowDown", "", 40)
	c.Press("ArrowDown", "", 40)
	if said := settled(c); said != "8 found" {
		t.Errorf("filtered: %q", said)
	}
}

// testSort sorts with the keyboard, and counts what isn't laid out yet, too.
func testSort(t *testing.T, c *chromiumtest.Browser) {
	for _, lang := range Languages() {
		p := viewtest.ManyRows(rowsAtOnce + 50)
		r := p.Reports[0].Report
		for i, a := range []string{"1000000", "999999.99", "1000000.01", "0.5", "0.125", "12"} {
			r.Rows[rowsAtOnce+i].Amount = viewtest.AmountOf(a)
			p.Reports[0].Rows[rowsAtOnce+i].Action = plan.Submit
		}
		visitPage(t, c, view.New(p, view.Meta{}, true), Options{Lang: lang})
		focus(t, c, `e.closest("th")?.cellIndex === 4`)
		first := func() (s []string) {
			c.Ask(`[...document.querySelectorAll("tbody.list tr")].slice(0, 3).map(r => r.cells[1].innerText)`, &s)
			return s
		}
		state := func() (s string) {
			c.Ask(`document.activeElement.closest("th").getAttribute("aria-sort")`, &s)
			return s
		}
		c.Press("Enter", "\r", 13)
		if got := first(); !slices.Equal(got, []string{"L-000000", "L-000304", "L-000303"}) || state() != "ascending" {
			t.Errorf("%s, up: %q", lang, got)
		}
		c.Press("Enter", "\r", 13)
		if got := first(); !slices.Equal(got, []string{"L-000302", "L-000300", "L-000301"}) || state() != "descending" {
			t.Errorf("%s, down: %q", lang, got)
		}
		focus(t, c, `e.closest(".report .more")`+" !== null")
		c.Press("Enter", "\r", 13)
		if n := visible(c); n != rowsAtOnce+50 {
			t.Errorf("%s: %d rows", lang, n)
		}
		var left bool
		if c.Ask(`document.querySelector(".report .more").offsetParent !== null`, &left); left {
			t.Errorf("%s: more is promised", lang)
		}
	}
}

// testNoScript sees everything where no script runs, and no control that would
// do nothing.
func testNoScript(t *testing.T, c *chromiumtest.Browser) {
	c.Scripts(false)
	defer c.Scripts(true)
	p := viewtest.ManyDrafts(cardsAtOnce + 3)
	p.Reports = viewtest.ManyRows(rowsAtOnce + 3).Reports
	visitPage(t, c, view.New(p, view.Meta{}, true), Options{})
	if n := visible(c); n != cardsAtOnce+rowsAtOnce+6 {
		t.Errorf("%d are shown", n)
	}
	var controls []string
	if c.Ask(`[...document.querySelectorAll("button, input, select")].filter(e => e.offsetParent).map(e => e.id)`, &controls); len(controls) > 0 {
		t.Errorf("controls %q", controls)
	}
	if wide := c.Wide(); len(wide) > 0 {
		t.Errorf("too wide: %q", wide)
	}
}

// testPrint prints everything, also what a search has put away.
func testPrint(t *testing.T, c *chromiumtest.Browser) {
	p := viewtest.ManyDrafts(cardsAtOnce + 20)
	visitPage(t, c, view.New(p, view.Meta{}, true), Options{})
	c.Ask(`(e => (e.value = "journal", e.dispatchEvent(new Event("change")), 0))(document.querySelector("#kind"))`, new(int))
	if n := visible(c); n != 0 {
		t.Errorf("%d are shown", n)
	}
	pdf, pages := c.Print()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "plan.pdf"), pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Drafts); pages < n/4 || pages > n {
		t.Errorf("%d cards on %d pages", n, pages)
	}
	if n := visible(c); n != 0 {
		t.Errorf("%d are shown after printing", n)
	}
}

// testBig opens a plan of a size that no partner has yet.
func testBig(t *testing.T, c *chromiumtest.Browser) {
	if os.Getenv("KIVAFORM_LONG") == "" {
		t.Skip("takes long; KIVAFORM_LONG=1 runs it")
	}
	visitPage(t, c, view.New(bigPlan(), view.Meta{}, true), Options{})
	var elements int
	if c.Ask("document.querySelectorAll('*').length", &elements); elements > 30_000 {
		t.Errorf("%d elements are laid out at once", elements)
	}
	for query, want := range map[string]string{"L-004999": "2 found", "wanjiku": "5,000 found", "019999": "1 found"} {
		c.Ask(`(q => (q.value = `+"`"+query+"`"+`, q.dispatchEvent(new Event("input")), 0))(document.querySelector("#query"))`, new(int))
		if said := settled(c); said != want {
			t.Errorf("%s: %q", query, said)
		}
	}
}
