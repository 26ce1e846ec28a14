package page

import (
	"fmt"
	"kivaform/kiva/sandbox/internal/pa2"
	"net/http"
)

// viewArchives lists the archives that wait for a person, or all with ?show=all.
func (s *Site) viewArchives(r *http.Request) (view, error) {
	l := newListing(r, "show")
	all := l.query.Get("show") == "all"
	var archives []ArchiveView
	err := s.Store.Look(func(st *pa2.State) {
		for _, a := range selectLatest(l, st.Archives, func(a *pa2.Archive) bool { return all || !a.Confirmed }) {
			archives = append(archives, showArchive(a, r))
		}
	})
	return view{"archives.html", "Journals", map[string]any{"Archives": archives, "List": l, "All": all}}, err
}

func (s *Site) viewArchive(r *http.Request) (view, error) {
	v, err := s.stepArchive(r)
	if err != nil {
		return view{}, err
	}
	a := v.(ArchiveView)
	l := newListing(r)
	var shown []pa2.JournalBody
	for _, j := range a.Journals {
		if l.countItem() {
			shown = append(shown, j)
		}
	}
	a.Journals = shown
	return view{"archive.html", "Journals to confirm", map[string]any{"Archive": a, "List": l}}, nil
}

// uploadLine is an upload in the list of uploads.
type uploadLine struct {
	UploadView
	More int // problems not shown
}

// fewProblems bounds an upload's problems in the list.
const fewProblems = 10

func (s *Site) viewUploads(r *http.Request) (view, error) {
	l := newListing(r)
	var uploads []uploadLine
	var period string
	var open int
	err := s.Store.Look(func(st *pa2.State) {
		period = st.Period(s.Today())
		for _, u := range selectLatest(l, st.Uploads, func(*pa2.Upload) bool { return true }) {
			line := uploadLine{UploadView: showUpload(st, u)}
			line.More = max(0, len(u.Problems)-fewProblems)
			line.Problems = u.Problems[:len(u.Problems)-line.More]
			uploads = append(uploads, line)
		}
		open = st.UploadsOf(period)
	})
	return view{"uploads.html", "Repayment reports", map[string]any{
		"Uploads": uploads, "List": l, "Period": period, "Open": open,
	}}, err
}

// uploadPage is the data of an upload's page: its problems, and a page of its
// rows.
type uploadPage struct {
	UploadView
	List  *listing
	Shown []pa2.Row
}

func (s *Site) viewUpload(r *http.Request) (view, error) {
	id := r.PathValue("upload")
	page := uploadPage{List: newListing(r)}
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		u := st.Upload(id)
		if u == nil {
			return nil, fmt.Errorf("upload %s: %w", id, pa2.ErrNotThere)
		}
		e, err := st.Read(u.At)
		if err != nil {
			return nil, err
		}
		page.UploadView = showUpload(st, u)
		for _, row := range e.Repayments.Rows {
			if page.List.countItem() {
				page.Shown = append(page.Shown, row)
			}
		}
		return nil, nil
	})
	return view{"upload.html", "Upload " + id, page}, err
}
