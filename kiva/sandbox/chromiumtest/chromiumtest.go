//go:build unix

// Package chromiumtest looks at pages as people do: in a real browser without a
// window.
package chromiumtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// A Browser is a Chromium without a window, and one page in it. It is spoken to
// in the DevTools protocol, over pipes.
type Browser struct {
	Said []string // what the browser complained of: errors, violations of a page's policy, dialogs

	t       testing.TB
	to      io.Writer
	from    *bufio.Reader
	id      int
	session string
	events  []message // that nobody has waited for yet
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

// findChromium returns the path of Chromium. Without it the test is left out,
// and fails in CI.
func findChromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err == nil {
		return path
	}
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	missing("chromium is not installed; install it: apt-get install chromium")
	return ""
}

// Start starts a browser, which ends with the test. Where Chromium isn't
// installed the test is left out.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, home := findChromium(t), homeFor(t)
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
	c := &Browser{t: t, to: to, from: bufio.NewReader(from)}
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
func homeFor(t testing.TB) string {
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

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// In lets a part of the test report what goes wrong from now on, and forgets
// what the browser has complained of.
func (c *Browser) In(t testing.TB) {
	outer := c.t
	c.t, c.Said = t, nil
	t.Cleanup(func() { c.t = outer })
}

func (c *Browser) open() {
	c.t.Helper()
	var target struct{ TargetID string }
	c.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.session = attached.SessionID
	c.Call("Page.enable", nil, nil)
	c.Call("Log.enable", nil, nil)
	c.Call("Runtime.enable", nil, nil)
}

func (c *Browser) send(method string, params any) {
	c.id++
	data, err := json.Marshal(message{ID: c.id, Session: c.session, Method: method, Params: params})
	if err != nil {
		c.t.Fatal(err)
	}
	c.to.Write(append(data, 0)) // a browser that is gone is noticed when reading
}

// Call asks the browser for something, and reads what it answers into result.
func (c *Browser) Call(method string, params, result any) {
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

func (c *Browser) read() (m message) {
	c.t.Helper()
	data, err := c.from.ReadBytes(0)
	if err != nil {
		c.t.Fatalf("chromium is gone: %v", err)
	}
	data = bytes.TrimSuffix(data, []byte{0})
	if err := json.Unmarshal(data, &m); err != nil {
		c.t.Fatal(err)
	}
	switch m.Method {
	case "Log.entryAdded", "Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
		c.Said = append(c.Said, string(data))
	}
	return m
}

// Load does what leads to another page, and waits until that page is there.
func (c *Browser) Load(do func()) {
	c.t.Helper()
	c.events = nil
	do()
	loaded := func(m message) bool { return m.Method == "Page.loadEventFired" }
	for !slices.ContainsFunc(c.events, loaded) {
		c.events = append(c.events, c.read())
	}
}

// Visit opens an address, and waits until the page is there.
func (c *Browser) Visit(url string) {
	c.t.Helper()
	c.Load(func() { c.Call("Page.navigate", map[string]any{"url": url}, nil) })
}

// Ask evaluates a JavaScript expression, and reads its value into v.
func (c *Browser) Ask(expression string, v any) {
	c.t.Helper()
	c.evaluate(expression, false, v)
}

// Wait evaluates an expression whose value is a promise, and reads what it
// promises into v.
func (c *Browser) Wait(expression string, v any) {
	c.t.Helper()
	c.evaluate(expression, true, v)
}

func (c *Browser) evaluate(expression string, wait bool, v any) {
	c.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	c.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": wait}, &answer)
	if answer.ExceptionDetails != nil {
		c.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	if err := json.Unmarshal(answer.Result.Value, v); err != nil {
		c.t.Fatalf("%s: %v", expression, err)
	}
}
