package page

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
)

// A form processes a submitted form. It returns the message for the next page
// and that page's address; "" is the page of the form.
type form func(*http.Request) (message, to string, err error)

// maxForm bounds a form's body, in bytes.
const maxForm = 1 << 20

// ServeHTTP processes a form and redirects the browser, so that reloading
// doesn't submit again.
func (f form) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form can't be read", http.StatusBadRequest)
		return
	}
	message, to, err := f(r)
	if err != nil {
		message = "Nothing was changed: " + err.Error()
	}
	if to == "" {
		to = returnPath(r)
	}
	setNotice(w, notice{Text: message, Bad: err != nil})
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// returnPath returns the path of the form's page: below /pa2/, so that it can't
// lead to another site.
func returnPath(r *http.Request) string {
	if to := r.PostForm.Get("back"); strings.HasPrefix(to, "/pa2/") {
		return to
	}
	return "/pa2/"
}

func (s *Site) submitPublish(r *http.Request) (message, to string, err error) {
	uuid := r.PathValue("uuid")
	e, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Publish(uuid, s.Today()) })
	if flawed := new(pa2.FlawedError); errors.As(err, &flawed) {
		return "", "/pa2/drafts/" + uuid, err
	}
	if err != nil {
		return "", "", err
	}
	return fmt.Sprintf("Published. Kiva lists loan %s now, as %s.", e.Listed.Loan.InternalLoanID, e.Listed.Loan.KivaID), "", nil
}

func (s *Site) submitMove(r *http.Request) (message, to string, err error) {
	id, status := r.PostForm.Get("loan_id"), kiva.Status(r.PostForm.Get("status"))
	_, err = s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.MoveOne(id, status, false) })
	return fmt.Sprintf("Loan %s is %s now.", id, status), "", err
}

func (s *Site) submitAdvance(r *http.Request) (message, to string, err error) {
	status := kiva.Status(r.PostForm.Get("status"))
	e, err := s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Advance(status) })
	if err != nil {
		return "", "", err
	}
	return fmt.Sprintf("%s moved on to %s.", formatPlural(len(e.Moved.Loans), "loan"), status), "", nil
}

func (s *Site) submitConfirm(r *http.Request) (message, to string, err error) {
	_, err = s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) { return st.Confirm(r.PathValue("archive")) })
	return "Confirmed. The journals are published.", "", err
}

// submitFinalise closes the period that the page showed, and no later one.
func (s *Site) submitFinalise(r *http.Request) (message, to string, err error) {
	period := r.PostForm.Get("period")
	_, err = s.Store.TakeStep(func(st *pa2.State) (*pa2.Event, error) {
		if open := st.Period(s.Today()); open != period {
			return nil, fmt.Errorf("%s isn't the open period, %s is: %w", period, open, pa2.ErrConflict)
		}
		return st.Finalise(s.Today())
	})
	return fmt.Sprintf("The repayment report of %s is final.", period), "", err
}

// notice is the message about the last form.
type notice struct {
	Text string `json:"text"`
	Bad  bool   `json:"bad"`
}

const saidCookie = "kivaform_sandbox_said"

// maxSaid bounds a message, because browsers drop a cookie of 4 KiB.
const maxSaid = 400

// setNotice stores a message in a cookie for the next page.
func setNotice(w http.ResponseWriter, m notice) {
	if runes := []rune(m.Text); len(runes) > maxSaid {
		m.Text = string(runes[:maxSaid]) + "…"
	}
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- plain http on loopback: Secure would lose it
		Name: saidCookie, Value: base64.RawURLEncoding.EncodeToString(exchange.EncodeJSON(m)), Path: "/pa2/",
		MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// takeNotice returns the message and deletes its cookie.
func takeNotice(w http.ResponseWriter, r *http.Request) *notice {
	c, err := r.Cookie(saidCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: saidCookie, Path: "/pa2/", MaxAge: -1}) // #nosec G124 -- takes the cookie away
	data, err := base64.RawURLEncoding.DecodeString(c.Value)
	m := new(notice)
	if err != nil || json.Unmarshal(data, m) != nil {
		return nil
	}
	return m
}
