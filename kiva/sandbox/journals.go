package sandbox

import (
	"fmt"
	"strings"

	"kivaform/kiva"
)

// A journalBody is one journal as it was received. Source: post_journals.md.
type journalBody struct {
	Body     string `json:"body"`
	ImageURL string `json:"image_url,omitempty"`
	ClientID string `json:"internal_client_id,omitempty"`
	LoanID   string `json:"internal_loan_id"`
	Subject  string `json:"subject"`
}

// journalReceipt is the answer to journals that were taken.
type journalReceipt struct {
	envelope
	ArchiveID  string `json:"archive_id"`
	ConfirmURL string `json:"confirm_url"`
}

// createJournals takes journals as one archive, all or none: no answer of
// Kiva's has a place for the fate of a single journal.
func (s *Server) createJournals(c *call) decision {
	journals, err := s.decodeJournals(c.body)
	if err != nil {
		return reply(badRequest("%v", err))
	}
	e := &journalsEvent{ArchiveID: newUUID(), Journals: journals}
	receipt := journalReceipt{
		success("%d journal(s) archived", len(journals)), e.ArchiveID, confirmURL(baseURL(c.Request), e.ArchiveID),
	}
	return func(st *state) (answer, *event) {
		if wrong := st.ineligible(journals); len(wrong) > 0 {
			return badRequest("%s", strings.Join(wrong, "; ")), nil
		}
		a := s.created(receipt)
		a.array = true
		return a, &event{Journals: e}
	}
}

func confirmURL(base, archiveID string) string { return base + "/pa2/journals/" + archiveID }

// decodeJournals reads the body in the variant that this sandbox serves.
func (s *Server) decodeJournals(body []byte) (journals []journalBody, err error) {
	if s.options.JournalsB {
		err = decodeBody(body, '[', &journals)
	} else {
		var object struct {
			Journals []journalBody `json:"journals"`
		}
		err = decodeBody(body, '{', &object)
		journals = object.Journals
	}
	if err == nil && len(journals) == 0 {
		err = fmt.Errorf("there are no journals")
	}
	return journals, err
}

// ineligible says what is wrong with each journal that can't be taken. Kiva
// takes journals for loans under PA2's Journals tab only; that these are the
// ones that are paying back is a reading of its documents.
func (st *state) ineligible(journals []journalBody) (wrong []string) {
	for i, j := range journals {
		l := st.byLoanID[j.LoanID]
		var why string
		switch {
		case j.LoanID == "":
			why = "internal_loan_id is needed"
		case l == nil:
			why = fmt.Sprintf("loan %s isn't listed", j.LoanID)
		case l.Status != kiva.PayingBack:
			why = fmt.Sprintf("loan %s is %s, not payingBack", j.LoanID, l.Status)
		case j.ClientID != "" && j.ClientID != l.InternalClientID:
			why = fmt.Sprintf("loan %s isn't of client %s", j.LoanID, j.ClientID)
		case strings.TrimSpace(j.Subject) == "" || strings.TrimSpace(j.Body) == "":
			why = fmt.Sprintf("loan %s: subject and body are needed", j.LoanID)
		default:
			continue
		}
		wrong = append(wrong, fmt.Sprintf("journals[%d]: %s", i, why))
	}
	return wrong
}
