//go:build unix

package sandbox

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger/ledgertest"
)

// A chromium is a real browser without a window, and one page in it. It is
// spoken to in the DevTools protocol, over pipes.
type chromium struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	id      int
	session string
	events  []message // that nobody has waited for yet
	said    []string  // what the browser complained of
}

// A message is one of the DevTools protocol.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// startChromium starts a browser.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	path, home := ledgertest.Need(t, "chromium", "apt-get install chromium"), homeFor(t)
	cmd := exec.CommandContext(t.Context(), path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--hide-scrollbars", "--user-data-dir="+home, "--remote-debugging-pipe", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	cmd.WaitDelay = 5 * time.Second
	in, to := pipe(t)
	from, out := pipe(t)
	cmd.ExtraFiles = []*os.File{in, out}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	out.Close()
	c := &chromium{t: t, to: to, from: bufio.NewReader(from)}
	patience := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		c.send("Browser.close", nil)
		io.Copy(io.Discard, from)
		cmd.Wait()
		patience.Stop()
	})
	c.open()
	return c
}

// homeFor makes a folder for the browser. Its helpers may write there for a
// moment after it has ended, so the folder is removed with some patience.
func homeFor(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error(err)
	})
	return dir
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func (c *chromium) open() {
	c.t.Helper()
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.session = attached.SessionID
	c.call("Page.enable", nil, nil)
	c.call("Log.enable", nil, nil)
}

func (c *chromium) send(method string, params any) {
	c.id++
	data, err := json.Marshal(message{ID: c.id, Session: c.session, Method: method, Params: params})
	if err != nil {
		c.t.Fatal(err)
	}
	c.to.Write(append(data, 0)) // a browser that is gone is noticed when reading
}

// call asks the browser for something, and reads what it answers into result.
func (c *chromium) call(method string, params, result any) {
	c.t.Helper()
	c.send(method, params)
	for {
		m := c.read()
		if m.ID != c.id {
			c.events = append(c.events, m)
			continue
		}
		if m.Error != nil {
			c.t.Fatalf("%s: %s", method, m.Error)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				c.t.Fatalf("%s: %v in %s", method, err, m.Result)
			}
		}
		return
	}
}

func (c *chromium) read() (m message) {
	c.t.Helper()
	data, err := c.from.ReadBytes(0)
	if err != nil {
		c.t.Fatalf("chromium is gone: %v", err)
	}
	data = bytes.TrimSuffix(data, []byte{0})
	if err := json.Unmarshal(data, &m); err != nil {
		c.t.Fatal(err)
	}
	if m.Method == "Log.entryAdded" || m.Method == "Page.javascriptDialogOpening" {
		c.said = append(c.said, string(data))
	}
	return m
}

// load does what leads to another page, and waits until that page is there.
func (c *chromium) load(do func()) {
	c.t.Helper()
	c.events = nil
	do()
	loaded := func(m message) bool { return m.Method == "Page.loadEventFired" }
	for !slices.ContainsFunc(c.events, loaded) {
		c.events = append(c.events, c.read())
	}
}

func (c *chromium) visit(url string) {
	c.t.Helper()
	c.load(func() { c.call("Page.navigate", map[string]any{"url": url}, nil) })
}

// ask evaluates a JavaScript expression, and reads its value into v.
func (c *chromium) ask(expression string, v any) {
	c.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		c.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	if err := json.Unmarshal(answer.Result.Value, v); err != nil {
		c.t.Fatalf("%s: %v", expression, err)
	}
}

func (c *chromium) text() (s string) {
	c.t.Helper()
	c.ask("document.body.innerText", &s)
	return s
}

// width gives the page a width, as wide as a desk's screen or a phone's.
func (c *chromium) width(pixels int) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// scripts lets pages run scripts, or not, as some people's browsers do.
func (c *chromium) scripts(run bool) {
	c.t.Helper()
	c.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !run}, nil)
}

// click presses the mouse on the first button with the text.
func (c *chromium) click(button string) {
	c.t.Helper()
	var at struct{ X, Y float64 }
	c.ask(`(() => {
		const b = [...document.querySelectorAll("button")].find(b => b.innerText.startsWith(`+string(encodeJSON(button))+`))
		b.scrollIntoView({block: "center"})
		const r = b.getBoundingClientRect()
		return {x: r.x + r.width / 2, y: r.y + r.height / 2}
	})()`, &at)
	c.load(func() {
		for _, kind := range []string{"mousePressed", "mouseReleased"} {
			c.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
		}
	})
}

func (c *chromium) press(key, text string, code int) {
	c.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		c.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}, nil)
		text = ""
	}
}

// shoot writes a picture of the whole page.
func (c *chromium) shoot(file string) {
	c.t.Helper()
	var size struct {
		CSSContentSize struct{ Width, Height float64 }
	}
	c.call("Page.getLayoutMetrics", nil, &size)
	var shot struct{ Data string }
	c.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true, "clip": map[string]any{
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

// nameless returns what a screen reader would call nothing.
func (c *chromium) nameless() (found []string) {
	c.t.Helper()
	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name value
		}
	}
	c.call("Accessibility.getFullAXTree", nil, &tree)
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

// contrasts lists the texts that stand out too little from what is behind them:
// less than 4.5 to 1, what WCAG 2 asks for.
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

// wide lists what reaches beyond the page's width.
const wide = `(() => {
	const page = document.documentElement
	const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > page.clientWidth + 1).map(e => e.outerHTML.slice(0, 200))
	return page.scrollWidth > page.clientWidth ? ["the page", ...out] : out
})()`

func TestChromium(t *testing.T) {
	c, outer := startChromium(t), t
	for _, part := range []struct {
		name string
		test func(*testing.T, *chromium)
	}{{"pages", testPages}, {"publish", testPublish}, {"hostile", testHostile}} {
		t.Run(part.name, func(t *testing.T) {
			c.t, c.said = t, nil
			defer func() { c.t = outer }()
			part.test(t, c)
		})
	}
}

// testPages looks at each page on a desk's screen and on a phone's. "go test
// -artifacts" keeps the pictures.
func testPages(t *testing.T, c *chromium) {
	p := start(t, Options{})
	good, flawed, archive := p.fill()
	long := strings.Repeat("Ünbreakable_", 17)
	body := with(withBorrower(withBorrower(goodDraft, "loan_id", long), "first_name", long), "loanuse", "to buy "+long)
	wordy := p.api("POST", "loan_draft", with(body, "image_encoded", dataURI(1600, 900))).want(200).object()["loan_draft_uuid"].(string)
	p.step("POST", "loans", `{"internal_loan_id":"M-`+long+`","name":"`+long+`"}`).want(200)
	c.scripts(false)
	dir := t.ArtifactDir()
	for _, pixels := range []int{1280, 400} {
		c.width(pixels)
		for _, path := range append(pagePaths(good, archive), "/pa2/drafts/"+flawed, "/pa2/drafts/"+wordy) {
			c.visit(p.url + path)
			name := strings.Trim(strings.NewReplacer("/", "-", good, "good", flawed, "flawed", wordy, "wordy", archive, "archive").Replace(path), "-")
			c.shoot(filepath.Join(dir, fmt.Sprintf("%s-%d.png", cmp.Or(name, "root"), pixels)))
			for what, expression := range map[string]string{"too wide": wide, "too pale": contrasts} {
				var found []string
				if c.ask(expression, &found); len(found) > 0 {
					t.Errorf("%s at %d pixels, %s: %s", path, pixels, what, found)
				}
			}
			if found := c.nameless(); len(found) > 0 {
				t.Errorf("%s at %d pixels: no name for %v", path, pixels, found)
			}
		}
	}
	// The page that isn't there is an error to the browser, once for each width.
	c.said = slices.DeleteFunc(c.said, func(s string) bool { return strings.Contains(s, "/pa2/nowhere") })
	if len(c.said) > 0 {
		t.Errorf("the browser says %v", c.said)
	}
}

func testPublish(t *testing.T, c *chromium) {
	p := start(t, Options{})
	good, _, _ := p.fill()
	c.scripts(false)
	c.width(1280)
	c.visit(p.url + "/pa2/drafts/" + good)
	var photo int
	if c.ask("document.querySelector('img').naturalWidth", &photo); photo != 2 {
		t.Errorf("the photo is %d pixels wide", photo)
	}
	c.click("Publish")
	if s := p.loan("LOAN/12/2026")["status"]; s != "inactive" || !strings.Contains(c.text(), "Published. Kiva lists loan LOAN/12/2026 now") {
		t.Errorf("the loan is %v, and the page says %s", s, c.text())
	}

	// With the keyboard alone, as wide as a phone.
	c.width(400)
	c.visit(p.url + "/pa2/drafts")
	var focus string
	for range 40 {
		c.press("Tab", "", 9)
		if c.ask("document.activeElement.textContent", &focus); focus == "Publish G-1" {
			break
		}
	}
	if focus != "Publish G-1" {
		t.Fatalf("the keyboard gets to %q", focus)
	}
	c.load(func() { c.press("Enter", "\r", 13) })
	if s := p.loan("G-1")["status"]; s != "inactive" || !strings.Contains(c.text(), "Kiva lists loan G-1 now") {
		t.Errorf("the loan is %v, and the page says %s", s, c.text())
	}
}

// testHostile looks at hostile texts with scripts allowed.
func testHostile(t *testing.T, c *chromium) {
	p := start(t, Options{})
	all := strings.Join(hostile[:9], " ")
	body := with(with(withBorrower(goodDraft, "loan_id", all), "description", all), "image_url", "javascript:alert(1)")
	draft := p.api("POST", "loan_draft", body).want(200).object()["loan_draft_uuid"].(string)
	photo := base64.StdEncoding.EncodeToString([]byte("<!doctype html><title>fine</title><script>document.title='harmed'</script>"))
	page := p.api("POST", "loan_draft", with(goodDraft, "image_encoded", photo)).want(200).object()["loan_draft_uuid"].(string)
	var view draftView
	p.step("GET", "drafts/"+page, "").want(200).decode(&view)

	c.scripts(true)
	for path, title := range map[string]string{
		"/pa2/drafts": "Loan drafts – PA2 sandbox", "/pa2/drafts/" + draft: "Draft " + all + " – PA2 sandbox",
		"/pa2/requests": "Record of requests – PA2 sandbox",
	} {
		c.visit(p.url + path)
		var got string
		if c.ask("document.title", &got); got != title {
			t.Errorf("%s has the title %q", path, got)
		}
	}
	if len(c.said) > 0 {
		t.Errorf("something wanted to run: %v", c.said)
	}
	c.visit(p.url + "/pa2/photos/" + view.Photo.Digest)
	var got string
	if c.ask("document.title", &got); got != "fine" {
		t.Errorf("a photo ran a script: %q", got)
	}
}
