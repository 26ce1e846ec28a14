package page

import (
	"fmt"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/partnerapi"
	"net/http"
	"time"
)

// ArchiveView is PA2's view of an archive of journals.
type ArchiveView struct {
	ID         string            `json:"archive_id"`
	Created    time.Time         `json:"created"`
	Count      int               `json:"count"`
	Confirmed  bool              `json:"confirmed"`
	ConfirmURL string            `json:"confirm_url"`
	Journals   []pa2.JournalBody `json:"journals,omitempty"`
}

func showArchive(a *pa2.Archive, r *http.Request) ArchiveView {
	return ArchiveView{
		ID: a.ID, Created: a.Created, Count: a.Journals, Confirmed: a.Confirmed, ConfirmURL: partnerapi.ConfirmURL(exchange.BaseURL(r), a.ID),
	}
}

func (s *Site) stepArchives(r *http.Request) (any, error) {
	views := []ArchiveView{}
	err := s.Store.Look(func(st *pa2.State) {
		for _, a := range st.Archives {
			views = append(views, showArchive(a, r))
		}
	})
	return views, err
}

func (s *Site) stepArchive(r *http.Request) (any, error) {
	var view ArchiveView
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		a := st.Archive(r.PathValue("archive"))
		if a == nil {
			return nil, fmt.Errorf("archive %s: %w", r.PathValue("archive"), pa2.ErrNotThere)
		}
		e, err := st.Read(a.At)
		if err != nil {
			return nil, err
		}
		view = showArchive(a, r)
		view.Journals = e.Journals.Journals
		return nil, nil
	})
	return view, err
}

func (s *Site) stepConfirm(r *http.Request) (any, error) {
	id := r.PathValue("archive")
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Confirm(id) })
	return exchange.Success("archive %s confirmed", id), err
}

// UploadView is PA2's view of an upload of repayments.
type UploadView struct {
	ID        int64         `json:"upload_id"`
	Period    string        `json:"period"`
	Created   time.Time     `json:"created"`
	Rows      int           `json:"rows"`
	Refused   int           `json:"refused"`
	Finalised bool          `json:"finalised"`
	Problems  []pa2.Problem `json:"problems"`
}

func showUpload(st *pa2.State, u *pa2.Upload) UploadView {
	return UploadView{
		ID: u.ID, Period: u.Period, Created: u.Created, Rows: u.Rows, Refused: u.Refused,
		Finalised: u.Period <= st.Closed, Problems: u.Problems,
	}
}

func (s *Site) stepUploads(*http.Request) (any, error) {
	var view struct {
		Period  string       `json:"period"` // of the next upload
		Uploads []UploadView `json:"uploads"`
	}
	view.Uploads = []UploadView{}
	err := s.Store.Look(func(st *pa2.State) {
		view.Period = st.Period(s.Today())
		for _, u := range st.Uploads {
			view.Uploads = append(view.Uploads, showUpload(st, u))
		}
	})
	return view, err
}

func (s *Site) stepFinalise(*http.Request) (any, error) {
	e, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Finalise(s.Today()) })
	if err != nil {
		return nil, err
	}
	return map[string]string{"finalised": e.Finalised}, nil
}
