package field

import (
	"kivaform/kiva/money"
	"kivaform/spec"
)

const (
	draftDocs   = "Kiva: draftloans.md"
	screenOne   = "PA2, first step of a loan draft"
	screenTwo   = "PA2, second step of a loan draft"
	screenThree = "PA2, third step of a loan draft"
	older       = "older programs that send drafts"
	training    = "Kiva partner training"
	toPublish   = "before a person can publish in PA2"
	orDefault   = "; may stand under defaults in kiva.yaml"
	groupsOnly  = "for a group; one borrower's loan must not have it"
	localAmount = "In the loan's own currency."
)

// LoanDraft is a loan draft.
var LoanDraft = Field{Name: "loan_draft", Form: Mapping, Source: draftDocs,
	About:  "A loan draft, of one borrower or of a group. Kiva stores it; a person completes and publishes it in PA2. It is known by the partner's id of the loan: loan_draft/L-1042.",
	AtKiva: "POST loan_draft",
	Fields: append(draft[:len(draft):len(draft)], notTaken...)}

// draft are the fields of a loan draft.
var draft = []Field{
	kindField(spec.KindLoanDraft),
	{Name: "group_name", Form: Text, Needed: groupsOnly, Example: "Tumaini Women's Group", AtKiva: "group_name", Source: draftDocs,
		About: "The group's name, as Kiva.org shows it.",
		Label: "Group", Personal: true, Value: member(func(l *spec.LoanDraft) *string { return &l.GroupName })},
	{Name: "internal_loan_id", Form: LoanID, Needed: groupsOnly, Example: "G-0031", AtKiva: "internal_loan_id", Source: draftDocs,
		About: "The partner's own id of the group's loan. The draft is known by it: loan_draft/G-0031.",
		Label: "Loan", Value: member(func(l *spec.LoanDraft) *string { return &l.InternalLoanID })},
	{Name: "internal_client_id", Form: ClientID, Needed: "for a group of a three-column partner; one borrower's loan must not have it", Example: `"G-31"`,
		AtKiva: "internal_client_id", Source: draftDocs,
		About: "The partner's own id of the group as a client. Kiva's documents call it the id of each client of the group, and its type is a single text.",
		Label: "Client", Value: member(func(l *spec.LoanDraft) *string { return &l.InternalClientID })},
	{Name: "entreps", Form: List, Needed: always, AtKiva: "entreps", Source: draftDocs, Fields: Borrower,
		Example: "[{loan_id: L-1042, client_id: \"00884\", first_name: Mary, last_name: Wanjiku, gender: female, amount: 50000}]",
		About:   "The borrowers: one, or all members of a group.",
		Label:   "Borrowers", Value: member(func(l *spec.LoanDraft) *[]spec.Entrep { return &l.Entreps })},
	{Name: "not_pictured", Form: Truths, Needed: groupsOnly, Example: "[false, false, true]", AtKiva: "not_pictured", Source: draftDocs,
		About: "Who isn't in the photo: one value for each borrower, in the order of entreps; true for one who is missing from it.",
		Label: "Not in the photo", SentAs: "internal_not_pictured", Value: member(func(l *spec.LoanDraft) *[]bool { return &l.NotPictured })},
	{Name: "activity", Form: Text, List: "activities", Example: "Dairy", AtKiva: "activity_id",
		About:  "What the loan is for, by a name of Kiva's list of activities. Case and accents make no difference. Write this or activity_id.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Activity", Shared: true, Alias: "activity_name"},
	{Name: "activity_id", Form: ListID, List: "activities", Example: "61", AtKiva: "activity_id",
		About:  "What the loan is for, by its number in Kiva's list of activities. PA2 takes the sector from it. Write this or activity.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Activity", Shared: true, ByName: "activity", Value: member(func(l *spec.LoanDraft) *spec.Ref { return &l.Activity })},
	{Name: "location", Form: Text, List: "locations", Example: `"Nakuru: Kenya"`, AtKiva: "location",
		About:  "Where the borrower lives, as \"Town: Country\": the full_name of one of the partner's locations (PA2 > Account > Locations).",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Location", Shared: true, Value: member(func(l *spec.LoanDraft) *string { return &l.Location })},
	{Name: "currency", Form: Currency, List: "currencies", Example: "KES", AtKiva: "currency",
		About:  "The currency of all amounts of the loan: one of those that Kiva has for the partner.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Currency", Shared: true, Value: member(func(l *spec.LoanDraft) *string { return &l.Currency })},
	{Name: "theme", Form: Text, List: "themes", Example: "General", AtKiva: "theme_type_id",
		About:  "The loan theme, by a name of Kiva's list of themes. Write this or theme_type_id.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Theme", Shared: true, Alias: "theme_type"},
	{Name: "theme_type_id", Form: ListID, List: "themes", Example: "48", AtKiva: "theme_type_id",
		About:  "The loan theme, by its number in Kiva's list of themes. 0 counts as absent, as Kiva's samples write it. Write this or theme.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Theme", Shared: true, ByName: "theme", Value: member(func(l *spec.LoanDraft) *spec.Ref { return &l.Theme })},
	{Name: "description_language", Form: Text, List: "languages", Example: "English", AtKiva: "description_language_id",
		About:  "The language of the description, by its name or its code. Write this or description_language_id.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Language of the story", Shared: true},
	{Name: "description_language_id", Form: ListID, List: "languages", Example: "1", AtKiva: "description_language_id",
		About:  "The language of the description, by its number in Kiva's list of locales. Write this or description_language.",
		Needed: toPublish + orDefault, Source: draftDocs,
		Label: "Language of the story", Shared: true, ByName: "description_language", Value: member(func(l *spec.LoanDraft) *spec.Ref { return &l.Language })},
	{Name: "client_waiver_signed", Form: Truth, Example: "true", AtKiva: "client_waiver_signed",
		About:  "Whether the client has signed the waiver, which is signed anew for each loan.",
		Needed: toPublish + orDefault, Source: training,
		Label: "Client waiver signed", Shared: true, Value: member(func(l *spec.LoanDraft) **bool { return &l.ClientWaiverSigned })},
	{Name: "loanuse", Form: Text, Example: "to buy a second dairy cow", AtKiva: "loanuse",
		About:  "What the money is for, in a few words. It completes the sentence \"This borrower will use this loan: …\" and begins with \"to\".",
		Needed: toPublish + orDefault, Source: screenOne,
		Label: "Loan use", Personal: true, Shared: true, Value: member(func(l *spec.LoanDraft) *string { return &l.LoanUse })},
	{Name: "description", Form: Text, Example: "Mary keeps one cow behind her house and sells the milk before sunrise.", AtKiva: "description",
		About:  "The borrower's story, as lenders will read it, in the language that description_language names. Use first names only.",
		Needed: toPublish + orDefault, Source: draftDocs + "; " + training,
		Label: "Story", Personal: true, Shared: true, Value: member(func(l *spec.LoanDraft) *string { return &l.Description })},
	{Name: "disburse_time", Form: Day, Example: "2026-12-01", AtKiva: "disburse_time",
		About:  "The day on which the borrower gets the money. PA2 refuses a day 30 or more days ago, or more than 90 days ahead.",
		Needed: toPublish + orDefault, Source: screenTwo,
		Label: "Disbursal", Shared: true, Value: member(func(l *spec.LoanDraft) *spec.Date { return &l.DisburseTime })},
	{Name: "image", Form: File, Needed: "a photo, " + toPublish + ": this, image_encoded or image_url", Example: "../photos/L-1042.jpg", AtKiva: "image_encoded",
		Source: screenThree,
		About:  "The photo's file: JPEG, PNG or GIF. It is turned upright, made smaller where it must be, and sent without the data that a phone writes into it.",
		Label:  "Photo", Personal: true, SentAs: "internal_photo", Value: member(func(l *spec.LoanDraft) **spec.Image { return &l.Image })},
	{Name: "image_encoded", Form: Encoded, Example: "data:image/png;base64,iVBORw0KGgo=", AtKiva: "image_encoded", Source: draftDocs,
		About: "The photo itself, in base64, as a body of Kiva's own form has it. Better name its file under image.",
		Label: "Photo", Personal: true, SentAs: "internal_photo_encoded", Value: member(func(l *spec.LoanDraft) *string { return &l.ImageEncoded })},
	{Name: "image_url", Form: Address, Example: "https://www.example.org/L-1042.jpg", AtKiva: "image_url", Source: "Kiva: changelog of September 2022",
		About: "The web address of the photo. Kiva has deprecated it for drafts, and said that it goes on working.",
		Label: "Address of the photo", Personal: true, SentAs: "internal_photo_url", Value: member(func(l *spec.LoanDraft) *string { return &l.ImageURL })},
	{Name: "schedule", Form: List, Needed: toPublish, AtKiva: "schedule", Source: draftDocs, Fields: Instalment,
		Example: "[{date: 2027-01-05, principal: 25000, interest: 750}, {date: 2027-02-05, principal: 25000, interest: 375}]",
		About:   "When the borrower pays back, and how much. Principal adds up to the loan. Kiva takes other forms of schedule by agreement; this is the documented one.",
		Label:   "Repayment schedule", Value: member(func(l *spec.LoanDraft) *[]spec.Instalment { return &l.Schedule })},
}

// Borrower are the fields of one borrower.
var Borrower = []Field{
	{Name: "loan_id", Form: LoanID, Needed: "for one borrower", Example: "L-1042", AtKiva: "entreps[].loan_id", Source: draftDocs,
		About: "The partner's own id of the loan. The draft of one borrower is known by it: loan_draft/L-1042.",
		Label: "Loan", Value: member(func(e *spec.Entrep) *string { return &e.LoanID })},
	{Name: "client_id", Form: ClientID, Needed: "for one borrower of a three-column partner", Example: `"00884"`, AtKiva: "entreps[].client_id", Source: "Kiva: report_payments.md",
		About: "The partner's own id of the borrower.",
		Label: "Client", Value: member(func(e *spec.Entrep) *string { return &e.ClientID })},
	{Name: "first_name", Form: Text, Needed: toPublish, Example: "Mary", AtKiva: "entreps[].first_name", Source: screenOne,
		About: "The borrower's given name.",
		Label: "First name", Personal: true, Value: member(func(e *spec.Entrep) *string { return &e.FirstName })},
	{Name: "last_name", Form: Text, Example: "Wanjiku", AtKiva: "entreps[].last_name", Source: screenOne + "; " + training,
		About: "The borrower's family name. PA2 keeps it; it doesn't belong in the description.",
		Label: "Last name", Personal: true, Value: member(func(e *spec.Entrep) *string { return &e.LastName })},
	{Name: "gender", Form: Gender, Example: "female", AtKiva: "entreps[].gender", Source: "values seen in Kiva's samples and in a partner's program; Kiva lists none",
		About: "The borrower's gender. Case makes no difference.",
		Label: "Gender", Personal: true, Value: member(func(e *spec.Entrep) *string { return &e.Gender })},
	{Name: "amount", Form: AboveZero, Needed: always, Example: "50000", AtKiva: "entreps[].amount", Source: screenTwo,
		About: "The principal that this borrower gets. " + localAmount + " PA2 refuses a loan of 5 US dollars or less.",
		Label: "Amount", Value: member(func(e *spec.Entrep) *money.Amount { return &e.Amount })},
}

// Instalment are the fields of one instalment.
var Instalment = []Field{
	{Name: "date", Form: Day, Needed: always, Example: "2027-01-05", AtKiva: "schedule[].date", Source: draftDocs,
		About: "The day on which the instalment is due.",
		Label: "Date", Value: member(func(i *spec.Instalment) *spec.Date { return &i.Date })},
	{Name: "principal", Form: Amount, Default: "0", Example: "25000", AtKiva: "schedule[].principal", Source: draftDocs,
		About: "The part of the loan that is paid back on that day. " + localAmount,
		Label: "Principal", Value: member(func(i *spec.Instalment) *money.Amount { return &i.Principal })},
	{Name: "interest", Form: Amount, Default: "0", Example: "412.50", AtKiva: "schedule[].interest", Source: draftDocs,
		About: "The interest that is paid on that day. " + localAmount,
		Label: "Interest", Value: member(func(i *spec.Instalment) *money.Amount { return &i.Interest })},
}

// notTaken are fields of a draft that one of Kiva's documents, or a program that
// sends drafts, has known.
var notTaken = []Field{
	{Name: "schedule_parameters", Refused: true, Source: "one partner's program, of 2024",
		About: "Not taken: no document of Kiva's knows it. One partner sends it beside schedule (firstRepaymentDate, nInstallments, nRepeat, nRepeatUnit, interestRateType, annualRate). Write schedule."},
	{Name: "rep_person_id", Refused: true, Source: older,
		About: "Not taken: Kiva's present documents don't know it any more."},
	{Name: "partner_token", Refused: true, Source: older,
		About: "Not taken: a secret of the time before access tokens. Secrets don't belong in a file."},
	{Name: "user_id", Refused: true, Source: older,
		About: "Not taken: a field of the time before access tokens."},
	{Name: "uuid", Refused: true, Source: older,
		About: "Not taken: Kiva gives a draft its UUID, and the ledger keeps it."},
}
