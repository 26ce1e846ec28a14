//go:build unix

package chromiumtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Text returns what can be read on the page.
func (c *Browser) Text() (s string) {
	c.t.Helper()
	c.Ask("document.body.innerText", &s)
	return s
}

// Width gives the page a width, as wide as a desk's screen or a phone's.
func (c *Browser) Width(pixels int) {
	c.t.Helper()
	c.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Scripts lets pages run scripts, or not, as some people's browsers do.
func (c *Browser) Scripts(run bool) {
	c.t.Helper()
	c.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !run}, nil)
}

// Click presses the mouse on the first button with the text.
func (c *Browser) Click(button string) {
	c.t.Helper()
	var at struct{ X, Y float64 }
	c.Ask(`(() => {
		const b = [...document.querySelectorAll("button")].find(b => b.innerText.startsWith(`+quote(button)+`))
		b.scrollIntoView({block: "center"})
		const r = b.getBoundingClientRect()
		return {x: r.x + r.width / 2, y: r.y + r.height / 2}
	})()`, &at)
	c.Load(func() {
		for _, kind := range []string{"mousePressed", "mouseReleased"} {
			c.Call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
		}
	})
}

// quote writes a text for JavaScript.
func quote(s string) string {
	data, _ := json.Marshal(s) // a text always can be
	return string(data)
}

// Press presses and lets go a key: its name, the text that it writes, and its
// number on Windows.
func (c *Browser) Press(key, text string, code int) {
	c.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		c.Call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}, nil)
		text = ""
	}
}

// Write writes a text where the keyboard's focus is.
func (c *Browser) Write(text string) {
	c.t.Helper()
	c.Call("Input.insertText", map[string]any{"text": text}, nil)
}

// Look shows the page as people with other settings see it: scheme is light or
// dark, medium is screen or print.
func (c *Browser) Look(scheme, medium string) {
	c.t.Helper()
	c.Call("Emulation.setEmulatedMedia", map[string]any{
		"media": medium, "features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
}

// Print prints the page on A4, and returns the PDF and how many pages it has.
func (c *Browser) Print() (pdf []byte, pages int) {
	c.t.Helper()
	var printed struct{ Data []byte }
	c.Call("Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true}, &printed)
	return printed.Data, bytes.Count(printed.Data, []byte("/Type /Page\n"))
}

// Shoot writes a picture of the whole page.
func (c *Browser) Shoot(file string) {
	c.t.Helper()
	var size struct {
		CSSContentSize struct{ Width, Height float64 }
	}
	c.Call("Page.getLayoutMetrics", nil, &size)
	var shot struct{ Data string }
	c.Call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true, "clip": map[string]any{
		"x": 0, "y": 0, "width": size.CSSContentSize.Width, "height": min(size.CSSContentSize.Height, 4000), "scale": 1,
	}}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// Nameless returns what a screen reader would call nothing.
func (c *Browser) Nameless() (found []string) {
	c.t.Helper()
	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name value
		}
	}
	c.Call("Accessibility.getFullAXTree", nil, &tree)
	seen := 0
	for _, n := range tree.Nodes {
		role := fmt.Sprint(n.Role.Value)
		if n.Ignored || !slices.Contains([]string{"button", "combobox", "searchbox", "link", "image", "navigation", "table", "heading"}, role) {
			continue
		}
		if seen++; n.Name.Value == nil || n.Name.Value == "" {
			found = append(found, role)
		}
	}
	if seen < 8 {
		found = append(found, fmt.Sprintf("only %d things on the page", seen))
	}
	return found
}

// Pale lists the texts that stand out too little from what is behind them: less
// than 4.5 to 1, what WCAG 2 asks for.
func (c *Browser) Pale() (found []string) {
	c.t.Helper()
	c.Ask(contrasts, &found)
	return found
}

// Wide lists what reaches beyond the page's width.
func (c *Browser) Wide() (found []string) {
	c.t.Helper()
	c.Ask(wide, &found)
	return found
}

const contrasts = `(() => {
	const parts = c => c.match(/[\d.]+/g).map(Number)
	const light = c => parts(c).slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0)
	const behind = e => { for (; e; e = e.parentElement) {
		const c = getComputedStyle(e).backgroundColor
		if (parts(c)[3] !== 0) return c
	} return "rgb(255, 255, 255)" }
	return [...document.querySelectorAll("body *")].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e => {
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))]
		return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5
	}).map(e => e.outerHTML)
})()`

const wide = `(() => {
	const page = document.documentElement
	const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > page.clientWidth + 1).map(e => e.outerHTML.slice(0, 200))
	return page.scrollWidth > page.clientWidth ? ["the page", ...out] : out
})()`
