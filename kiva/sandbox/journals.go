package sandbox

import (
	"fmt"
	"strings"
)

// journalReceipt is the answer to journals that were taken.
type journalReceipt struct {
	envelope
	ArchiveID  string `json:"archive_id"`
	ConfirmURL string `json:"confirm_url"`
}

// createJournals takes journals as one archive, all or none: no answer of
// Kiva's has a place for the fate of a single journal.
func (api *partnerAPI) createJournals(c *call) decision {
	journals, err := api.decodeJournals(c.body)
	if err != nil {
		return reply(badRequest("%v", err))
	}
	e := &journalsEvent{ArchiveID: newUUID(), Journals: journals}
	receipt := journalReceipt{
		success("%d journal(s) archived", len(journals)), e.ArchiveID, confirmURL(baseURL(c.Request), e.ArchiveID),
	}
	return func(st *state) (answer, *event) {
		if wrong := st.checkJournals(journals); len(wrong) > 0 {
			return badRequest("%s", strings.Join(wrong, "; ")), nil
		}
		a := api.confirmStored(receipt)
		a.array = true
		return a, &event{Journals: e}
	}
}

func confirmURL(base, archiveID string) string { return base + "/pa2/journals/" + archiveID }

// decodeJournals reads the body in the variant that this sandbox serves.
func (api *partnerAPI) decodeJournals(body []byte) (journals []journalBody, err error) {
	if api.JournalsB {
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
