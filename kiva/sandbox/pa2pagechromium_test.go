//go:build unix

package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kivaform/kiva/sandbox/chromiumtest"
	"kivaform/kiva/sandbox/internal/page"
)

func TestChromium(t *testing.T) {
	c := chromiumtest.Start(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *chromiumtest.Browser)
	}{{"pages", testPages}, {"publish", testPublish}, {"hostile", testHostile}} {
		t.Run(part.name, func(t *testing.T) {
			c.In(t)
			part.test(t, c)
		})
	}
}

// testPages looks at each page on a desk's screen and on a phone's. "go test
// -artifacts" keeps the pictures.
func testPages(t *testing.T, c *chromiumtest.Browser) {
	p := start(t, Options{})
	good, flawed, archive := p.fill()
	long := strings.Repeat("Ünbreakable_", 17)
	body := with(withBorrower(withBorrower(goodDraft, "loan_id", long), "first_name", long), "loanuse", "to buy "+long)
	wordy := p.api("POST", "loan_draft", with(body, "image_encoded", dataURI(1600, 900))).want(200).object()["loan_draft_uuid"].(string)
	p.step("POST", "loans", `{"internal_loan_id":"M-`+long+`","name":"`+long+`"}`).want(200)
	c.Scripts(false)
	dir := t.ArtifactDir()
	for _, pixels := range []int{1280, 400} {
		c.Width(pixels)
		for _, path := range append(pagePaths(good, archive), "/pa2/drafts/"+flawed, "/pa2/drafts/"+wordy) {
			c.Visit(p.url + path)
			name := strings.Trim(strings.NewReplacer("/", "-", good, "good", flawed, "flawed", wordy, "wordy", archive, "archive").Replace(path), "-")
			c.Shoot(filepath.Join(dir, fmt.Sprintf("%s-%d.png", cmp.Or(name, "root"), pixels)))
			for what, found := range map[string][]string{"too wide": c.Wide(), "too pale": c.Pale(), "without a name": c.Nameless()} {
				if len(found) > 0 {
					t.Errorf("%s at %d pixels, %s: %s", path, pixels, what, found)
				}
			}
		}
	}
	// The page that isn't there is an error to the browser, once for each width.
	c.Said = slices.DeleteFunc(c.Said, func(s string) bool { return strings.Contains(s, "/pa2/nowhere") })
	if len(c.Said) > 0 {
		t.Errorf("the browser says %v", c.Said)
	}
}

func testPublish(t *testing.T, c *chromiumtest.Browser) {
	p := start(t, Options{})
	good, _, _ := p.fill()
	c.Scripts(false)
	c.Width(1280)
	c.Visit(p.url + "/pa2/drafts/" + good)
	var photo int
	if c.Ask("document.querySelector('img').naturalWidth", &photo); photo != 2 {
		t.Errorf("the photo is %d pixels wide", photo)
	}
	c.Click("Publish")
	if s := p.loan("LOAN/12/2026")["status"]; s != "inactive" || !strings.Contains(c.Text(), "Published. Kiva lists loan LOAN/12/2026 now") {
		t.Errorf("the loan is %v, and the page says %s", s, c.Text())
	}

	// With the keyboard alone, as wide as a phone.
	c.Width(400)
	c.Visit(p.url + "/pa2/drafts")
	var focus string
	for range 40 {
		c.Press("Tab", "", 9)
		if c.Ask("document.activeElement.textContent", &focus); focus == "Publish G-1" {
			break
		}
	}
	if focus != "Publish G-1" {
		t.Fatalf("the keyboard gets to %q", focus)
	}
	c.Load(func() { c.Press("Enter", "\r", 13) })
	if s := p.loan("G-1")["status"]; s != "inactive" || !strings.Contains(c.Text(), "Kiva lists loan G-1 now") {
		t.Errorf("the loan is %v, and the page says %s", s, c.Text())
	}
}

// testHostile looks at hostile texts with scripts allowed.
func testHostile(t *testing.T, c *chromiumtest.Browser) {
	p := start(t, Options{})
	all := strings.Join(hostile[:9], " ")
	body := with(with(withBorrower(goodDraft, "loan_id", all), "description", all), "image_url", "javascript:alert(1)")
	draft := p.api("POST", "loan_draft", body).want(200).object()["loan_draft_uuid"].(string)
	photo := base64.StdEncoding.EncodeToString([]byte("<!doctype html><title>fine</title><script>document.title='harmed'</script>"))
	other := p.api("POST", "loan_draft", with(goodDraft, "image_encoded", photo)).want(200).object()["loan_draft_uuid"].(string)
	var view page.DraftView
	p.step("GET", "drafts/"+other, "").want(200).decode(&view)

	c.Scripts(true)
	for path, title := range map[string]string{
		"/pa2/drafts": "Loan drafts – PA2 sandbox", "/pa2/drafts/" + draft: "Draft " + all + " – PA2 sandbox",
		"/pa2/requests": "Record of requests – PA2 sandbox",
	} {
		c.Visit(p.url + path)
		var got string
		if c.Ask("document.title", &got); got != title {
			t.Errorf("%s has the title %q", path, got)
		}
	}
	if len(c.Said) > 0 {
		t.Errorf("something wanted to run: %v", c.Said)
	}
	c.Visit(p.url + "/pa2/photos/" + view.Photo.Digest)
	var got string
	if c.Ask("document.title", &got); got != "fine" {
		t.Errorf("a photo ran a script: %q", got)
	}
}
