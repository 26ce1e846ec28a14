package spec

// journal reads a journal, in Kiva's own names and with the partner's key.
func (r *reader) journal(o *object) *Journal {
	j := &Journal{
		Pos:      r.pos(o.node),
		Key:      o.id("key"),
		LoanID:   o.id("internal_loan_id"),
		ClientID: o.id("internal_client_id"),
		Subject:  o.text("subject"),
		Body:     o.text("body"),
		ImageURL: o.url("image_url"),
	}
	if !o.has("key") {
		o.missing("key", "give the update a name of its own, for example key: 2026-11-visit")
	}
	if !o.has("internal_loan_id") {
		o.fault(codeLoanID, o.node, "internal_loan_id", "is missing", "write your own id of the loan").as(missing)
	}
	checkJournalTexts(o)
	o.close()
	return j
}
