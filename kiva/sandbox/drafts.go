package sandbox

import "net/http"

// draftReceipt is the answer to a loan draft that was taken.
type draftReceipt struct {
	envelope
	UUID string `json:"loan_draft_uuid"`
}

// createDraft takes any loan draft whose JSON can be read. Whether it can be
// published is PA2's question. The same draft again is another draft: Kiva
// knows no idempotency key.
func (api *partnerAPI) createDraft(c *call) decision {
	d := &draftEvent{UUID: newUUID(), Digest: digest(c.body)}
	if err := decodeBody(c.body, '{', &d.Body); err != nil {
		return reply(badRequest("%v", err))
	}
	if d.Body.ImageEncoded != "" {
		data, err := decodePhoto(d.Body.ImageEncoded)
		if err != nil {
			return reply(badRequest("image_encoded: %v", err))
		}
		if d.Photo, err = api.Photos.keep(data); err != nil {
			return reply(refusal(http.StatusInternalServerError, "internal", err.Error()))
		}
		d.Body.ImageEncoded = ""
	}
	receipt := draftReceipt{success("Loan draft created"), d.UUID}
	return func(*state) (answer, *event) {
		return api.confirmStored(receipt), &event{Draft: d}
	}
}
