// Package page is PA2's site: pages of plain HTML, with links and forms and no
// script. At the same paths it serves the steps to programs as JSON, so that an
// archive's confirm_url leads a person to a page.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"kivaform/kiva/money"
	"kivaform/kiva/sandbox/internal/pa2"
)

//go:embed html
var pageFiles embed.FS

// A view is a page to show.
type view struct {
	template string
	title    string
	data     any
}

// A frame is the data of a template.
type frame struct {
	Title   string
	Section string // of the navigation: drafts, journals, …
	Partner string
	Here    string // the page's own path and query
	Said    *notice
	Data    any
}

// A Site is PA2: pages for browsers, steps for programs.
type Site struct {
	Store     *pa2.Store
	Photos    *pa2.PhotoStore
	Today     func() time.Time
	PartnerID string

	ArmFault    func(fault string) error // makes requests fail from now on
	ClearFaults func()
}

// Handler serves PA2: pages for browsers, steps for programs.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", ByReader(s.pageHandler(), s.stepHandler()))
	mux.HandleFunc("GET /pa2/photos/{digest}", s.stepPhoto)
	mux.HandleFunc("GET /pa2/static/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, path.Join("html/static", r.PathValue("name"))) // #nosec G703 -- files that are built in
	})
	return restrictBrowser(mux)
}

// ByReader routes browsers to one handler and programs to another. A browser
// accepts HTML, and not JSON.
func ByReader(browsers, programs http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
		if strings.Contains(accept, "text/html") && !strings.Contains(accept, "application/json") {
			browsers.ServeHTTP(w, r)
			return
		}
		programs.ServeHTTP(w, r)
	})
}

// restrictBrowser forbids browsers to run, load or frame anything from
// elsewhere, in an uploaded photo of HTML too, and to cache borrowers' data.
func restrictBrowser(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "same-origin") // no-referrer would make the Origin of forms null
		header.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

func (s *Site) pageHandler() http.Handler {
	mux := http.NewServeMux()
	for pattern, look := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                     s.viewOverview,
		"GET /pa2/{$}":                 s.viewOverview,
		"GET /pa2/drafts":              s.viewDrafts,
		"GET /pa2/drafts/{uuid}":       s.viewDraft,
		"GET /pa2/journals":            s.viewArchives,
		"GET /pa2/journals/{archive}":  s.viewArchive,
		"GET /pa2/repayments":          s.viewUploads,
		"GET /pa2/repayments/{upload}": s.viewUpload,
		"GET /pa2/loans":               s.viewLoans,
		"GET /pa2/requests":            s.viewRequests,
		"GET /pa2/record":              s.viewRequests,
		"/":                            viewNothing,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := look(r)
			s.writeView(w, r, v, err)
		})
	}
	for pattern, f := range map[string]form{
		"POST /pa2/drafts/{uuid}/publish":      s.submitPublish,
		"POST /pa2/loans/status":               s.submitMove,
		"POST /pa2/loans/advance":              s.submitAdvance,
		"POST /pa2/journals/{archive}/confirm": s.submitConfirm,
		"POST /pa2/repayments/finalise":        s.submitFinalise,
	} {
		mux.Handle(pattern, f)
	}
	return mux
}

func viewNothing(r *http.Request) (view, error) {
	return view{}, fmt.Errorf("%s: %w", r.URL.Path, pa2.ErrNotThere)
}

// writeView writes a view, or its error.
func (s *Site) writeView(w http.ResponseWriter, r *http.Request, v view, err error) {
	status := http.StatusOK
	if err != nil {
		status = stepAnswer(nil, err).Status
		v = view{"failure.html", http.StatusText(status), err.Error()}
	}
	section, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/pa2/"), "/")
	var b bytes.Buffer
	err = pageTemplates()[v.template].Execute(&b, frame{
		Title: v.title, Section: section, Partner: s.PartnerID, Here: r.URL.RequestURI(),
		Said: takeNotice(w, r), Data: v.data,
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// pageTemplates returns each page in its layout, by file name.
var pageTemplates = sync.OnceValue(func() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"count": formatCount, "plural": formatPlural, "stamp": formatTimestamp, "when": formatTime,
	}).ParseFS(pageFiles, "html/layout.html"))
	names, _ := fs.Glob(pageFiles, "html/*.html")
	pages := map[string]*template.Template{}
	for _, name := range names {
		pages[path.Base(name)] = template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, name))
	}
	return pages
})

// formatCount formats a number: 100,000.
func formatCount(n int) string { return money.FromInt(int64(n)).Format() }

// formatPlural formats a count with its noun: 1 draft, 2 drafts.
func formatPlural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return formatCount(n) + " " + thing + "s"
}

// formatTimestamp formats a time for programs; the template function when does
// so for people.
func formatTimestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
func formatTime(t time.Time) string      { return t.UTC().Format("2006-01-02 15:04 UTC") }
