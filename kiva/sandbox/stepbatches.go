package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// archiveView is an archive of journals as PA2 shows it to people.
type archiveView struct {
	ID         string        `json:"archive_id"`
	Created    time.Time     `json:"created"`
	Count      int           `json:"count"`
	Confirmed  bool          `json:"confirmed"`
	ConfirmURL string        `json:"confirm_url"`
	Journals   []journalBody `json:"journals,omitempty"`
}

func showArchive(a *archive, r *http.Request) archiveView {
	return archiveView{
		ID: a.ID, Created: a.created, Count: a.journals, Confirmed: a.confirmed, ConfirmURL: confirmURL(baseURL(r), a.ID),
	}
}

func (s *site) stepArchives(r *http.Request) (any, error) {
	views := []archiveView{}
	err := s.Store.look(func(st *state) {
		for _, a := range st.archives {
			views = append(views, showArchive(a, r))
		}
	})
	return views, err
}

func (s *site) stepArchive(r *http.Request) (any, error) {
	var view archiveView
	_, err := s.Store.takeStep(func(st *state) (*event, error) {
		a := st.archive(r.PathValue("archive"))
		if a == nil {
			return nil, fmt.Errorf("archive %s: %w", r.PathValue("archive"), errNotThere)
		}
		e, err := st.read(a.at)
		if err != nil {
			return nil, err
		}
		view = showArchive(a, r)
		view.Journals = e.Journals.Journals
		return nil, nil
	})
	return view, err
}

func (s *site) stepConfirm(r *http.Request) (any, error) {
	id := r.PathValue("archive")
	_, err := s.Store.takeStep(func(st *state) (*event, error) { return st.confirm(id) })
	return success("archive %s confirmed", id), err
}

// uploadView is an upload of repayments as PA2 shows it to people.
type uploadView struct {
	ID        int64     `json:"upload_id"`
	Period    string    `json:"period"`
	Created   time.Time `json:"created"`
	Rows      int       `json:"rows"`
	Refused   int       `json:"refused"`
	Finalised bool      `json:"finalised"`
	Problems  []problem `json:"problems"`
}

func showUpload(st *state, u *upload) uploadView {
	return uploadView{
		ID: u.ID, Period: u.period, Created: u.created, Rows: u.rows, Refused: u.refused,
		Finalised: u.period <= st.closed, Problems: u.problems,
	}
}

func (s *site) stepUploads(*http.Request) (any, error) {
	var view struct {
		Period  string       `json:"period"` // that the next upload goes to
		Uploads []uploadView `json:"uploads"`
	}
	view.Uploads = []uploadView{}
	err := s.Store.look(func(st *state) {
		view.Period = st.period(s.Today())
		for _, u := range st.uploads {
			view.Uploads = append(view.Uploads, showUpload(st, u))
		}
	})
	return view, err
}

func (s *site) stepFinalise(*http.Request) (any, error) {
	e, err := s.Store.takeStep(func(st *state) (*event, error) { return st.finalise(s.Today()) })
	if err != nil {
		return nil, err
	}
	return map[string]string{"finalised": e.Finalised}, nil
}
