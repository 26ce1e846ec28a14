package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/partnerapi"
)

// stepHandler serves the steps of people in PA2 to programs, as JSON:
//
//	GET  /pa2/drafts                           the drafts, without their texts
//	GET  /pa2/drafts/{uuid}                    one draft, with its flaws
//	POST /pa2/drafts/{uuid}/publish            409 with the flaws, if there are any
//	POST /pa2/loans                            lists a loan that was published without the API
//	POST /pa2/loans/{id}/status                {"status": …}; ?force=1 allows any change
//	POST /pa2/loans/advance?status=payingBack  every loan whose regular life leads there
//	GET  /pa2/journals, /pa2/journals/{archive}
//	POST /pa2/journals/{archive}/confirm
//	GET  /pa2/repayments                       the open period and the uploads
//	POST /pa2/repayments/finalise
//	GET  /pa2/record, /pa2/requests            accepted items; counts of requests
//	POST /pa2/faults                           {"fault": "drop-after:loan_draft:1"}
//	POST /pa2/reset                            back to the seed, without faults
//
// GET /pa2/photos/{digest} returns a photo as received, to both. No token is
// needed: the sandbox refuses other sites' pages.
func (s *Site) stepHandler() http.Handler {
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
			a := stepAnswer(v, err).Encode(exchange.Style{})
			a.Write(w, len(a.Raw))
		})
	}
	return mux
}

// stepAnswer converts a step's result to an answer.
func stepAnswer(v any, err error) exchange.Answer {
	flawed := new(pa2.FlawedError)
	switch {
	case err == nil:
		return exchange.Answer{Status: http.StatusOK, Value: v}
	case errors.As(err, &flawed):
		return exchange.Answer{Status: http.StatusConflict, Value: map[string]any{
			"code": "api.error.flawed", "message": err.Error(), "errors": flawed.Flaws,
		}}
	case errors.Is(err, pa2.ErrNotThere):
		return exchange.Refusal(http.StatusNotFound, "not_found", err.Error())
	case errors.Is(err, pa2.ErrConflict):
		return exchange.Refusal(http.StatusConflict, "conflict", err.Error())
	case errors.Is(err, errBody):
		return exchange.BadRequest("%v", err)
	}
	return exchange.Refusal(http.StatusInternalServerError, "internal", err.Error())
}

var errBody = errors.New("the body can't be read")

func readStep(r *http.Request, v any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	return nil
}

// DraftView is PA2's view of a draft.
type DraftView struct {
	UUID    string         `json:"uuid"`
	LoanID  string         `json:"loan_id"`
	Name    string         `json:"name"`
	Created time.Time      `json:"created"`
	KivaID  string         `json:"kiva_id,omitempty"` // once published
	Body    *pa2.DraftBody `json:"body,omitempty"`
	Photo   *pa2.Photo     `json:"photo,omitempty"`
	Errors  []pa2.Flaw     `json:"errors,omitzero"`
}

func showDraft(d *pa2.Draft) DraftView {
	return DraftView{UUID: d.UUID, LoanID: d.LoanID, Name: d.Name, Created: d.Created, KivaID: d.ListedAs}
}

func (s *Site) stepDrafts(*http.Request) (any, error) {
	views := []DraftView{}
	err := s.Store.Look(func(st *pa2.State) {
		for _, d := range st.Drafts {
			views = append(views, showDraft(d))
		}
	})
	return views, err
}

func (s *Site) stepDraft(r *http.Request) (any, error) {
	var view DraftView
	_, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		d, e, flaws, err := st.DraftOf(r.PathValue("uuid"), s.Today())
		if err != nil {
			return nil, err
		}
		view = showDraft(d)
		view.Body, view.Photo, view.Errors = &e.Body, e.Photo, flaws
		return nil, nil
	})
	return view, err
}

func (s *Site) stepPhoto(w http.ResponseWriter, r *http.Request) {
	data, err := s.Photos.Get(r.PathValue("digest"))
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("photo %s: %w", r.PathValue("digest"), pa2.ErrNotThere)
	}
	a := stepAnswer(nil, err).Encode(exchange.Style{})
	if err == nil {
		a = exchange.Answer{Status: http.StatusOK, Raw: data}.With("Content-Type", http.DetectContentType(data)).With("X-Content-Type-Options", "nosniff")
	}
	a.Write(w, len(a.Raw))
}

func (s *Site) stepPublish(r *http.Request) (any, error) {
	e, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Publish(r.PathValue("uuid"), s.Today()) })
	if err != nil {
		return nil, err
	}
	return partnerapi.ShowLoan(&e.Listed.Loan), nil
}

func (s *Site) stepAddLoan(r *http.Request) (any, error) {
	var request pa2.LoanRequest
	if err := readStep(r, &request); err != nil {
		return nil, err
	}
	e, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Add(request, s.Today()) })
	if err != nil {
		return nil, err
	}
	return partnerapi.ShowLoan(&e.Listed.Loan), nil
}

func (s *Site) stepMove(r *http.Request) (any, error) {
	var request struct {
		Status kiva.Status `json:"status"`
	}
	if err := readStep(r, &request); err != nil {
		return nil, err
	}
	return s.moveLoans(func(st *pa2.State) (*pa2.Event, error) {
		return st.MoveOne(r.PathValue("id"), request.Status, r.URL.Query().Get("force") == "1")
	})
}

func (s *Site) stepAdvance(r *http.Request) (any, error) {
	return s.moveLoans(func(st *pa2.State) (*pa2.Event, error) { return st.Advance(kiva.Status(r.URL.Query().Get("status"))) })
}

func (s *Site) moveLoans(f func(*pa2.State) (*pa2.Event, error)) (any, error) {
	e, err := s.Store.TakeStep(f)
	if err != nil {
		return nil, err
	}
	return e.Moved, nil
}

func (s *Site) stepFault(r *http.Request) (any, error) {
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

func (s *Site) stepReset(*http.Request) (any, error) {
	s.ClearFaults()
	_, err := s.Store.TakeStep(func(*pa2.State) (*pa2.Event, error) { return &pa2.Event{Reset: true, Request: pa2.NewID()}, nil })
	return exchange.Success("back to the seed"), err
}
