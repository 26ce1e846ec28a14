package partnerapi

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"net/http"
)

// draftReceipt is the answer to an accepted loan draft.
type draftReceipt struct {
	exchange.Envelope
	UUID string `json:"loan_draft_uuid"`
}

// CreateDraft accepts any loan draft whose JSON is valid; PA2 checks whether it
// can be published. A repeated draft is another draft: Kiva has no idempotency
// key.
func (api *API) CreateDraft(c *exchange.Call) exchange.Decision {
	d := &pa2.DraftEvent{UUID: pa2.NewUUID(), Digest: pa2.Digest(c.Data)}
	if err := decodeBody(c.Data, '{', &d.Body); err != nil {
		return exchange.Reply(exchange.BadRequest("%v", err))
	}
	if d.Body.ImageEncoded != "" {
		data, err := pa2.DecodePhoto(d.Body.ImageEncoded)
		if err != nil {
			return exchange.Reply(exchange.BadRequest("image_encoded: %v", err))
		}
		if d.Photo, err = api.Photos.Keep(data); err != nil {
			return exchange.Reply(exchange.Refusal(http.StatusInternalServerError, "internal", err.Error()))
		}
		d.Body.ImageEncoded = ""
	}
	receipt := draftReceipt{exchange.Success("Loan draft created"), d.UUID}
	return func(*pa2.State) (exchange.Answer, *pa2.Event) {
		return api.confirmStored(receipt), &pa2.Event{Draft: d}
	}
}
