package kiva

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// decodeList returns the objects of a list: those of the named array, or those of
// the body itself where it is a bare array; and the members beside it. A body
// without the array is an error unless it counts no records: that there is
// nothing and that nothing is said are not the same.
func decodeList(body []byte, name string) (iter.Seq[object], object, error) {
	v, err := parseJSON(body)
	if err != nil {
		return nil, nil, err
	}
	if v.isArray() {
		return objects(v), nil, nil
	}
	beside := object(nil).appendMembers(v)
	items := beside.get(name)
	none := beside.isNull(name) || beside.get("total_records").count(-1) == 0
	if !items.isArray() && !items.isObject() && !(len(items) == 0 && none) {
		return nil, nil, fmt.Errorf("the answer has no list of %s", name)
	}
	return objects(items), beside, nil
}

// objects yields the objects among the elements of v. Each is overwritten by
// the next.
func objects(v value) iter.Seq[object] {
	return func(yield func(object) bool) {
		var o object
		for e := range v.elements() {
			if o = o[:0].appendMembers(e); e.isObject() && !yield(o) {
				return
			}
		}
	}
}

func decodeLoanPage(body []byte) (LoanPage, error) {
	loans, beside, err := decodeList(body, "data")
	if err != nil {
		return LoanPage{}, err
	}
	const short = 250 // bytes of a loan; most have twice as many
	page := LoanPage{Total: beside.get("total_records").count(-1), Loans: make([]Loan, 0, min(len(body)/short, maxPage))}
	for o := range loans {
		page.Loans = append(page.Loans, decodeLoan(o))
	}
	return page, nil
}

func decodeLoan(o object) Loan {
	return Loan{
		KivaID:           o.get("kiva_id").id(),
		UUID:             o.get("uuid").id(),
		InternalLoanID:   o.get("internal_loan_id").text(),
		InternalClientID: o.get("internal_client_id").text(),
		PartnerID:        o.get("partner_id").id(),
		Partner:          o.get("partner").text(),
		Name:             o.get("name").text(),
		Location:         o.get("location").text(),
		Status:           Status(o.get("status").text()),
		StatusDetail:     o.get("status_detail").text(),
		BorrowerCount:    o.get("borrower_count").count(0),
		Price:            o.get("loan_price").amount(),
		LocalPrice:       o.get("loan_local_price").amount(),
		Currency:         o.get("loan_currency").text(),
		FundedAmount:     o.get("funded_amount").amount(),
		Delinquent:       o.get("delinquent").flag(),
		IssueReportedBy:  o.get("issue_reported_by").text(),

		CreateTime:                o.get("create_time").when(),
		PlannedExpirationTime:     o.get("planned_expiration_time").when(),
		PlannedInactiveExpireTime: o.get("planned_inactive_expire_time").when(),
		EndedTime:                 o.get("ended_time").when(),
		RefundedTime:              o.get("refunded_time").when(),
		ExpiredTime:               o.get("expired_time").when(),
		DefaultedTime:             o.get("defaulted_time").when(),
		IssueFeedbackTime:         o.get("issue_feedback_time").when(),
	}
}

func decodeConfig[T any](body []byte, name string, item func(object) T) (Config[T], error) {
	items, beside, err := decodeList(body, name)
	if err != nil {
		return Config[T]{}, err
	}
	config := Config[T]{AsOf: beside.get("as_of_date_time").when()}
	for o := range items {
		config.Items = append(config.Items, item(o))
	}
	return config, nil
}

// Kiva's library calls the name of an activity activityName, the wire activity.
func decodeActivity(o object) Activity {
	return Activity{ID: o.get("activity_id").id(), Name: o.get("activity", "activity_name").text()}
}

func decodeTheme(o object) Theme {
	return Theme{ID: o.get("theme_type_id").id(), Name: o.get("theme_type").text()}
}

func decodeLocale(o object) Locale {
	return Locale{
		Currency:     o.get("currency").text(),
		LanguageCode: o.get("language_code").text(),
		LanguageName: o.get("language_name").text(),
		LanguageID:   o.get("language_id").id(),
	}
}

func decodeLocation(o object) Location {
	return Location{
		Country:  o.get("country").text(),
		Location: o.get("location").text(),
		FullName: o.get("full_name").text(),
	}
}

// decodeReceipts reads the answer to a write: one object or several, each of
// which must show that something was accepted. Anything less leaves open what
// happened.
func decodeReceipts[T any](a answer, receipt func(a answer, o object) (r T, proof string)) ([]T, error) {
	if a.cut != nil {
		return nil, fmt.Errorf("the answer was cut short: %w", a.cut)
	}
	v, err := parseJSON(a.body)
	if err != nil {
		return nil, err
	}
	var receipts []T
	for e := range v.elements() {
		o := object(nil).appendMembers(e)
		r, proof := receipt(a, o)
		if proof == "" && !saysSuccess(o) {
			return nil, errors.New("the answer doesn't say what became of the request")
		}
		receipts = append(receipts, r)
	}
	if len(receipts) == 0 {
		return nil, errors.New("the answer is an empty array")
	}
	return receipts, nil
}

// saysSuccess looks for Kiva's "api.success".
func saysSuccess(o object) bool {
	return strings.HasSuffix(strings.ToLower(o.get("code").text()), ".success")
}

// says returns a text of the answer, without a token that the server sent back.
func (a answer) says(v value) string { return a.redact(v.text()) }

func decodeDraftReceipt(a answer, o object) (DraftReceipt, string) {
	r := DraftReceipt{
		Status:  a.status,
		Code:    a.says(o.get("code")),
		Message: a.says(o.get("message")),
		UUID:    o.get("loan_draft_uuid", "uuid").id(),
	}
	return r, r.UUID
}

func decodeJournalReceipt(a answer, o object) (JournalReceipt, string) {
	r := JournalReceipt{
		Status:     a.status,
		Code:       a.says(o.get("code")),
		Message:    a.says(o.get("message")),
		ArchiveID:  o.get("archive_id").id(),
		ConfirmURL: o.get("confirm_url").text(),
	}
	return r, r.ArchiveID + r.ConfirmURL
}

func decodeRepaymentReceipt(a answer, o object) (RepaymentReceipt, string) {
	r := RepaymentReceipt{
		Status:   a.status,
		Code:     a.says(o.get("code")),
		Message:  a.says(o.get("message")),
		UploadID: o.get("upload_id").id(),
	}
	for _, name := range []string{"problems", "errors"} {
		r.Problems = append(r.Problems, a.decodeProblems(o.get(name))...)
	}
	return r, r.UploadID
}

// decodeProblems reads what Kiva says about rows of an upload. What isn't a list of
// objects is kept as the text that it is: it may say that a row wasn't taken.
func (a answer) decodeProblems(list value) (problems []Problem) {
	for e := range list.elements() {
		p := object(nil).appendMembers(e)
		read := Problem{
			LoanID:   strings.TrimSpace(p.get("loan_id", "internal_loan_id").text()),
			Code:     a.says(p.get("code")),
			Details:  cmp.Or(a.says(p.get("details")), a.says(p.get("message"))),
			Severity: Severity(strings.ToLower(strings.TrimSpace(p.get("severity").text()))),
		}
		switch raw := strings.TrimSpace(string(e)); {
		case raw == "" || raw == "null" || raw == "false" || raw == "{}" || raw == `""`:
			continue
		case read.LoanID == "" && read.Code == "" && read.Details == "":
			read.Details = singleLine(a.redact(cmp.Or(e.text(), raw)), 200)
		}
		problems = append(problems, read)
	}
	return problems
}

// readComplaint returns the code and the message of an error's body, "" where it
// has none. Kiva documents no error bodies; these are the names of its
// successes, of OAuth and of RFC 9457.
func readComplaint(body []byte) (code, message string) {
	v, err := parseJSON(body)
	if err != nil {
		return "", ""
	}
	for o := range objects(v) {
		if inner := o.get("error"); inner.isObject() {
			o = slices.Concat(object(nil).appendMembers(inner), o)
		}
		code = firstText(o, "code", "error", "title")
		message = firstText(o, "message", "error_description", "detail")
		details := readComplaints(o.get("errors"))
		return code, strings.Join(slices.DeleteFunc(append([]string{message}, details...), isEmpty), "; ")
	}
	return "", ""
}

// readComplaints reads a list of errors: texts, objects that name a field and say
// what is wrong with it, or one object of fields and texts.
func readComplaints(v value) []string {
	var found []string
	for e := range v.elements() {
		o := object(nil).appendMembers(e)
		what := firstText(o, "message", "default_message", "details", "detail", "error", "code")
		switch field := firstText(o, "field", "path", "name"); {
		case what == "" && v.isObject():
			for _, m := range o {
				for text := range m.value.elements() {
					found = append(found, string(m.name)+": "+text.text())
				}
			}
		case what != "" && field != "":
			found = append(found, field+": "+what)
		default:
			found = append(found, what, e.text())
		}
	}
	return found
}

func firstText(o object, names ...string) string {
	for _, name := range names {
		if s := o.get(name).text(); s != "" {
			return s
		}
	}
	return ""
}

func isEmpty(s string) bool { return s == "" }
