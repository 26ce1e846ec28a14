package sandbox

import (
	"fmt"
	"net/http"
)

// viewArchives lists the archives that wait for a person, or with ?show=all
// every one.
func (s *site) viewArchives(r *http.Request) (view, error) {
	l := newListing(r, "show")
	all := l.query.Get("show") == "all"
	var archives []archiveView
	err := s.Store.look(func(st *state) {
		for _, a := range latest(l, st.archives, func(a *archive) bool { return all || !a.confirmed }) {
			archives = append(archives, showArchive(a, r))
		}
	})
	return view{"archives.html", "Journals", map[string]any{"Archives": archives, "List": l, "All": all}}, err
}

func (s *site) viewArchive(r *http.Request) (view, error) {
	v, err := s.stepArchive(r)
	if err != nil {
		return view{}, err
	}
	a := v.(archiveView)
	l := newListing(r)
	var shown []journalBody
	for _, j := range a.Journals {
		if l.take() {
			shown = append(shown, j)
		}
	}
	a.Journals = shown
	return view{"archive.html", "Journals to confirm", map[string]any{"Archive": a, "List": l}}, nil
}

// uploadLine is an upload in the list of uploads.
type uploadLine struct {
	uploadView
	More int // problems that aren't shown
}

// fewProblems is how many problems of an upload the list shows.
const fewProblems = 10

func (s *site) viewUploads(r *http.Request) (view, error) {
	l := newListing(r)
	var uploads []uploadLine
	var period string
	var open int
	err := s.Store.look(func(st *state) {
		period = st.period(s.Today())
		for _, u := range latest(l, st.uploads, func(*upload) bool { return true }) {
			line := uploadLine{uploadView: showUpload(st, u)}
			line.More = max(0, len(u.problems)-fewProblems)
			line.Problems = u.problems[:len(u.problems)-line.More]
			uploads = append(uploads, line)
		}
		open = st.uploadsOf(period)
	})
	return view{"uploads.html", "Repayment reports", map[string]any{
		"Uploads": uploads, "List": l, "Period": period, "Open": open,
	}}, err
}

// uploadPage is what the page of one upload shows: its problems, and a page of
// its rows.
type uploadPage struct {
	uploadView
	List  *listing
	Shown []row
}

func (s *site) viewUpload(r *http.Request) (view, error) {
	id := r.PathValue("upload")
	page := uploadPage{List: newListing(r)}
	_, err := s.Store.takeStep(func(st *state) (*event, error) {
		u := st.upload(id)
		if u == nil {
			return nil, fmt.Errorf("upload %s: %w", id, errNotThere)
		}
		e, err := st.read(u.at)
		if err != nil {
			return nil, err
		}
		page.uploadView = showUpload(st, u)
		for _, row := range e.Repayments.Rows {
			if page.List.take() {
				page.Shown = append(page.Shown, row)
			}
		}
		return nil, nil
	})
	return view{"upload.html", "Upload " + id, page}, err
}
