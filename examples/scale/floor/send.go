package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"kivaform/examples/scale/workspace"
)

var (
	number = flag.Int("n", 2000, "drafts or rows to send")
	atOnce = flag.Int("parallelism", 10, "requests at once")
	batch  = flag.Int("batch", 250, "rows in an upload")
	page   = flag.Int("page", 300, "loans in a page")
)

// sendDrafts asks for a token and sends drafts of the usual size.
func sendDrafts(api string) (int, error) {
	s := newSender(api)
	if err := s.token(); err != nil {
		return 0, err
	}
	filling := strings.Repeat("x", 1000)
	return *number, s.each(*number, func(i int) error {
		return s.post("/loan_draft", fmt.Sprintf(`{"entreps":[{"loan_id":"S-%07d"}],"description":%q}`, i, filling))
	})
}

// sendRows asks for a token and for the pages of as many loans, and uploads the
// rows.
func sendRows(api string) (int, error) {
	s := newSender(api)
	if err := s.token(); err != nil {
		return 0, err
	}
	err := s.each(pieces(*number, *page), func(i int) error {
		return s.do(http.MethodGet, fmt.Sprintf("%s/loans?status=payingBack&limit=%d&offset=%d", s.partner, *page, i**page), "")
	})
	if err != nil {
		return 0, err
	}
	return *number, s.each(pieces(*number, *batch), func(i int) error {
		var rows []string
		for k := i * *batch; k < min(*number, (i+1)**batch); k++ {
			rows = append(rows, fmt.Sprintf(`{"loan_id":%q,"client_id":"%07d","amount":"%d.50"}`, workspace.RowLoanID(k), k, 100+k))
		}
		return s.post("/repayments", `{"repayments":[`+strings.Join(rows, ",")+"]}")
	})
}

func pieces(n, of int) int { return (n + of - 1) / of }

// A sender sends and reads every answer, and looks at none.
type sender struct {
	client       http.Client
	api, partner string
}

func newSender(api string) *sender {
	return &sender{
		client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *atOnce, MaxConnsPerHost: *atOnce}},
		api:    api, partner: api + "/v3/partner/" + workspace.PartnerID,
	}
}

func (s *sender) token() error {
	return s.do(http.MethodPost, s.api+"/oauth/token", "grant_type=client_credentials")
}

func (s *sender) post(path, body string) error { return s.do(http.MethodPost, s.partner+path, body) }

func (s *sender) do(method, address, body string) error {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, address, answer.Status)
	}
	return nil
}

// each sends n requests, as many at once as may be.
func (s *sender) each(n int, send func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(*atOnce)
	for i := range n {
		g.Go(func() error { return send(i) })
	}
	return g.Wait()
}
