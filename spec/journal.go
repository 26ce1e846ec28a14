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
	o.checkJournalTexts()
	o.close()
	return j
}

// checkJournalTexts judges what there is to read. Kiva states no rule
// (post_journals.md), but lenders can't be sent nothing.
func (o *object) checkJournalTexts() {
	subject, body := o.has("subject"), o.has("body")
	switch {
	case !subject && !body:
		o.fault(codeJournalEmpty, o.node, "body", "there is neither subject nor body", "write what lenders should read")
	case !subject:
		o.fault(codeJournalPartial, o.node, "subject", "is missing", "").as(missing)
	case !body:
		o.fault(codeJournalPartial, o.node, "body", "is missing", "").as(missing)
	}
}

// checkClientID holds a client id against the partner's CSV format, which
// rules journals and repayments alike (PA2 > Account > Profile). It returns
// the id to send.
func (o *object) checkClientID(key, id string, format CSVFormat) string {
	switch {
	case format == ThreeColumn && !o.has(key):
		o.fault(codeClientID, o.node, key, "is missing, and a three-column partner must give it", "write your own id of the client")
	case format == TwoColumn && id != "":
		o.fault(codeClientIDDropped, find(o.pairs, key), key, "a two-column partner doesn't send it", "remove it, or set csv_format: three-column if PA2 says so").as("key")
		return ""
	}
	return id
}
