package sandbox

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// browserAccept is what browsers send when a person opens a page.
const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// A person looks at pages and submits their forms, as with a browser that runs
// no script.
type person struct {
	t      *testing.T
	base   string
	client http.Client
	page   shownPage
}

func (p *partner) person() *person {
	jar, _ := cookiejar.New(nil)
	return &person{t: p.t, base: p.url, client: http.Client{Jar: jar}}
}

// A shownPage is what a browser makes of HTML.
type shownPage struct {
	path   string // with the query
	status int
	header http.Header
	source string
	text   string // what can be read, with single spaces
	title  string
	links  map[string]string // by their text
	forms  []pageForm
	tags   []xml.StartElement
}

// A pageForm is a form with what it sends if nobody changes it.
type pageForm struct {
	method, action string
	values         url.Values
	options        url.Values // of its lists
	button         string
}

func (b *person) visit(path string) shownPage {
	b.t.Helper()
	return b.send("GET", path, nil)
}

// submit sends the form with the button, some of its values changed.
func (b *person) submit(button string, change ...string) shownPage {
	b.t.Helper()
	i := slices.IndexFunc(b.page.forms, func(f pageForm) bool { return f.button == button })
	if i < 0 {
		b.t.Fatalf("no button %q on %s: %s", button, b.page.path, b.page.text)
	}
	f := b.page.forms[i]
	for i := 0; i < len(change); i += 2 {
		if !f.values.Has(change[i]) {
			b.t.Fatalf("no field %q beside %q", change[i], button)
		}
		f.values.Set(change[i], change[i+1])
	}
	if f.method != "post" {
		return b.send("GET", f.action+"?"+f.values.Encode(), nil)
	}
	return b.send("POST", f.action, f.values)
}

func (b *person) send(method, path string, form url.Values) shownPage {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", browserAccept)
	if method == "POST" {
		req.Header.Set("Origin", b.base)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.page = shownPage{
		path: resp.Request.URL.RequestURI(), status: resp.StatusCode, header: resp.Header,
		source: string(data), links: map[string]string{},
	}
	if err := b.page.parse(data); err != nil {
		b.t.Fatalf("%s %s: %v in %s", method, path, err, data)
	}
	return b.page
}

// parse reads the HTML, which must be well-formed.
func (p *shownPage) parse(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var text, inner strings.Builder
	var form *pageForm
	var link, list string
	var option xml.StartElement
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			p.text = strings.Join(strings.Fields(text.String()), " ")
			return nil
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.CharData:
			text.Write(e)
			inner.Write(e)
		case xml.StartElement:
			p.tags = append(p.tags, e.Copy())
			switch e.Name.Local {
			case "form":
				p.forms = append(p.forms, pageForm{method: attr(e, "method"), action: attr(e, "action"), values: url.Values{}, options: url.Values{}})
				form = &p.forms[len(p.forms)-1]
			case "input":
				form.values.Set(attr(e, "name"), attr(e, "value"))
			case "select":
				list = attr(e, "name")
			case "option":
				option = e.Copy()
				inner.Reset()
			case "a":
				link = attr(e, "href")
				inner.Reset()
			case "button", "title":
				inner.Reset()
			}
		case xml.EndElement:
			said := strings.Join(strings.Fields(inner.String()), " ")
			switch e.Name.Local {
			case "a":
				p.links[said] = link
			case "button":
				form.button = said
			case "title":
				p.title = said
			case "option":
				if has(option, "value") {
					said = attr(option, "value")
				}
				form.options.Add(list, said)
				if !form.values.Has(list) || has(option, "selected") {
					form.values.Set(list, said)
				}
			case "td", "th", "dt", "dd":
				text.WriteByte(' ')
			}
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func has(e xml.StartElement, name string) bool {
	return slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
}

// want fails the test unless the page has the status and shows all of the texts.
func (p shownPage) want(t *testing.T, status int, texts ...string) shownPage {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s: status %d, want %d: %s", p.path, p.status, status, p.text)
	}
	for _, s := range texts {
		if !strings.Contains(p.text, s) {
			t.Errorf("%s doesn't show %q: %s", p.path, s, p.text)
		}
	}
	return p
}

func (p shownPage) lacks(t *testing.T, texts ...string) shownPage {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(p.text, s) {
			t.Errorf("%s shows %q: %s", p.path, s, p.text)
		}
	}
	return p
}

func (b *person) want(texts ...string) {
	b.t.Helper()
	b.page.want(b.t, 200, texts...)
}
