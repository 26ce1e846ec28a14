package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"kivaform/kiva"
)

// steps serves what people do in PA2 to programs, as JSON:
//
//	GET  /pa2/drafts                           the drafts, without their texts
//	GET  /pa2/drafts/{uuid}                    one draft, with what keeps it from being published
//	POST /pa2/drafts/{uuid}/publish            409 with the flaws where it can't be
//	POST /pa2/loans                            lists a loan that was published without the API
//	POST /pa2/loans/{id}/status                {"status": …}; ?force=1 takes any way
//	POST /pa2/loans/advance?status=payingBack  every loan that gets there without a mishap
//	GET  /pa2/journals, /pa2/journals/{archive}
//	POST /pa2/journals/{archive}/confirm
//	GET  /pa2/repayments                       the open period and the uploads
//	POST /pa2/repayments/finalise
//	GET  /pa2/record, /pa2/requests            what was accepted; how many requests came
//	POST /pa2/faults                           {"fault": "drop-after:loan_draft:1"}
//	POST /pa2/reset                            back to the seed, without faults
//
// GET /pa2/photos/{digest} is a photo as it was received, for both. No token is
// needed: the sandbox refuses the pages of other sites.
func (s *site) steps() http.Handler {
	mux := http.NewServeMux()
	for pattern, step := range map[string]func(*http.Request) (any, error){
		"GET /pa2/drafts":                      s.stepDrafts,
		"GET /pa2/drafts/{uuid}":               s.stepDraft,
		"POST /pa2/drafts/{uuid}/publish":      s.stepPublish,
		"POST /pa2/loans":                      s.stepAddLoan,
		"POST /pa2/loans/{id}/status":          s.stepMove,
		"POST /pa2/loans/advance":              s.stepAdvance,
		"GET /pa2/journals":                    s.stepArchives,
		"GET /pa2/journals/{archive}":          s.stepArchive,
		"POST /pa2/journals/{archive}/confirm": s.stepConfirm,
		"GET /pa2/repayments":                  s.stepUploads,
		"POST /pa2/repayments/finalise":        s.stepFinalise,
		"GET /pa2/record":                      func(*http.Request) (any, error) { return s.Store.Record() },
		"GET /pa2/requests":                    func(*http.Request) (any, error) { return s.Store.Requests() },
		"POST /pa2/faults":                     s.stepFault,
		"POST /pa2/reset":                      s.stepReset,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := step(r)
			a := stepAnswer(v, err).encode(keptStyle{})
			a.write(w, len(a.raw))
		})
	}
	return mux
}

// stepAnswer turns the outcome of a step into an answer.
func stepAnswer(v any, err error) answer {
	flawed := new(flawedError)
	switch {
	case err == nil:
		return answer{status: http.StatusOK, value: v}
	case errors.As(err, &flawed):
		return answer{status: http.StatusConflict, value: map[string]any{
			"code": "api.error.flawed", "message": err.Error(), "errors": flawed.flaws,
		}}
	case errors.Is(err, errNotThere):
		return refusal(http.StatusNotFound, "not_found", err.Error())
	case errors.Is(err, errConflict):
		return refusal(http.StatusConflict, "conflict", err.Error())
	case errors.Is(err, errBody):
		return badRequest("%v", err)
	}
	return refusal(http.StatusInternalServerError, "internal", err.Error())
}

var errBody = errors.New("the body can't be read")

func readStep(r *http.Request, v any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	return nil
}

// draftView is a draft as PA2 shows it to people.
type draftView struct {
	UUID    string     `json:"uuid"`
	LoanID  string     `json:"loan_id"`
	Name    string     `json:"name"`
	Created time.Time  `json:"created"`
	KivaID  string     `json:"kiva_id,omitempty"` // once published
	Body    *draftBody `json:"body,omitempty"`
	Photo   *photo     `json:"photo,omitempty"`
	Errors  []Flaw     `json:"errors,omitzero"`
}

func showDraft(d *draft) draftView {
	return draftView{UUID: d.UUID, LoanID: d.loanID, Name: d.name, Created: d.created, KivaID: d.listedAs}
}

func (s *site) stepDrafts(*http.Request) (any, error) {
	views := []draftView{}
	err := s.Store.look(func(st *state) {
		for _, d := range st.drafts {
			views = append(views, showDraft(d))
		}
	})
	return views, err
}

func (s *site) stepDraft(r *http.Request) (any, error) {
	var view draftView
	_, err := s.Store.takeStep(func(st *state) (*event, error) {
		d, e, flaws, err := st.draftOf(r.PathValue("uuid"), s.Today())
		if err != nil {
			return nil, err
		}
		view = showDraft(d)
		view.Body, view.Photo, view.Errors = &e.Body, e.Photo, flaws
		return nil, nil
	})
	return view, err
}

func (s *site) stepPhoto(w http.ResponseWriter, r *http.Request) {
	data, err := s.Photos.get(r.PathValue("digest"))
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("photo %s: %w", r.PathValue("digest"), errNotThere)
	}
	a := stepAnswer(nil, err).encode(keptStyle{})
	if err == nil {
		a = answer{status: http.StatusOK, raw: data}.with("Content-Type", http.DetectContentType(data)).with("X-Content-Type-Options", "nosniff")
	}
	a.write(w, len(a.raw))
}

func (s *site) stepPublish(r *http.Request) (any, error) {
	e, err := s.Store.takeStep(func(st *state) (*event, error) { return st.publish(r.PathValue("uuid"), s.Today()) })
	if err != nil {
		return nil, err
	}
	return wireOf(&e.Listed.Loan), nil
}

func (s *site) stepAddLoan(r *http.Request) (any, error) {
	var request loanRequest
	if err := readStep(r, &request); err != nil {
		return nil, err
	}
	e, err := s.Store.takeStep(func(st *state) (*event, error) { return st.add(request, s.Today()) })
	if err != nil {
		return nil, err
	}
	return wireOf(&e.Listed.Loan), nil
}

func (s *site) stepMove(r *http.Request) (any, error) {
	var request struct {
		Status kiva.Status `json:"status"`
	}
	if err := readStep(r, &request); err != nil {
		return nil, err
	}
	return s.moved(func(st *state) (*event, error) {
		return st.moveOne(r.PathValue("id"), request.Status, r.URL.Query().Get("force") == "1")
	})
}

func (s *site) stepAdvance(r *http.Request) (any, error) {
	return s.moved(func(st *state) (*event, error) { return st.advance(kiva.Status(r.URL.Query().Get("status"))) })
}

func (s *site) moved(f func(*state) (*event, error)) (any, error) {
	e, err := s.Store.takeStep(f)
	if err != nil {
		return nil, err
	}
	return e.Moved, nil
}

func (s *site) stepFault(r *http.Request) (any, error) {
	var request struct {
		Fault string `json:"fault"`
	}
	if err := readStep(r, &request); err != nil {
		return nil, err
	}
	if err := s.ArmFault(request.Fault); err != nil {
		return nil, fmt.Errorf("%w: %w", errBody, err)
	}
	return request, nil
}

func (s *site) stepReset(*http.Request) (any, error) {
	s.ClearFaults()
	_, err := s.Store.takeStep(func(*state) (*event, error) { return &event{Reset: true, Request: newID()}, nil })
	return success("back to the seed"), err
}
