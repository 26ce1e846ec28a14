package partnerapi

import (
	"fmt"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"strings"
)

// journalReceipt is the answer to accepted journals.
type journalReceipt struct {
	exchange.Envelope
	ArchiveID  string `json:"archive_id"`
	ConfirmURL string `json:"confirm_url"`
}

// createJournals accepts journals as one archive, all or none: Kiva's answers
// have no result for a single journal.
func (api *API) createJournals(c *exchange.Call) exchange.Decision {
	journals, err := api.decodeJournals(c.Data)
	if err != nil {
		return exchange.Reply(exchange.BadRequest("%v", err))
	}
	e := &pa2.JournalsEvent{ArchiveID: pa2.NewUUID(), Journals: journals}
	receipt := journalReceipt{
		exchange.Success("%d journal(s) archived", len(journals)), e.ArchiveID, ConfirmURL(exchange.BaseURL(c.Request), e.ArchiveID),
	}
	return func(st *pa2.State) (exchange.Answer, *pa2.Event) {
		if wrong := st.CheckJournals(journals); len(wrong) > 0 {
			return exchange.BadRequest("%s", strings.Join(wrong, "; ")), nil
		}
		a := api.confirmStored(receipt)
		a.Array = true
		return a, &pa2.Event{Journals: e}
	}
}

// ConfirmURL returns the address of an archive's page.
func ConfirmURL(base, archiveID string) string { return base + "/pa2/journals/" + archiveID }

// decodeJournals reads the body in the variant that this sandbox serves.
func (api *API) decodeJournals(body []byte) (journals []pa2.JournalBody, err error) {
	if api.JournalsB {
		err = decodeBody(body, '[', &journals)
	} else {
		var object struct {
			Journals []pa2.JournalBody `json:"journals"`
		}
		err = decodeBody(body, '{', &object)
		journals = object.Journals
	}
	if err == nil && len(journals) == 0 {
		err = fmt.Errorf("there are no journals")
	}
	return journals, err
}
