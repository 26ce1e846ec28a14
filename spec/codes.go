package spec

import "fmt"

// A code numbers one thing that this package checks. Its text, KF001, is
// stable over releases; a number is never used again for something else.
type code int

// String returns the code as users see it.
func (c code) String() string { return fmt.Sprintf("KF%03d", int(c)) }

// What is checked when files are read.
const (
	codeUnreadable code = iota + 1
	codeEncoding
	codeSyntax
	codeDuplicateKey
	codeUnknownKey
	codeKind
	codeShape
	codeAlias
	codePath
	codeText
	codeID
	codeAmount
	codeDate
	codeBool
	codeChoice
	codeMissing
	codeTwice
	codeNumber
	codeSkipped
)

// What is checked in kiva.yaml.
const (
	codeWorkspace code = iota + 20
	codeVersion
	codeCredential
	codeUnset
	codeToday
	codeGlob
	codeURL
	codeDuration
)

// What is checked against catalog.yaml.
const (
	codeName code = iota + 30
	codeListedID
	codeNoList
	codeLocation
	codeCurrency
	codePair
	codeAmbiguous
	codeNoCatalog
)

// What is checked in loan drafts.
const (
	codeLoanID code = iota + 40
	codeDeclaredTwice
	codeGroupField
	codeGroupIncomplete
	codePictured
	codeNotPositive
	codeOverflow
	codeDisbursal
	codeClientID
	codeClientIDDropped
	codeWaiver
	codeUnpublishable
	codeLoanUse
	codeScheduleSum
	codeEarlyInstalment
	codeScheduleOrder
	codeLastName
	codeNoPhoto
	codePhoto
	codeNoBorrower
)

// What is checked in journals.
const (
	codeJournalEmpty code = iota + 70
	codeJournalPartial
)

// What is checked in repayment reports.
const (
	codeCSV code = iota + 80
	codeCSVColumns
	codeCSVExtra
	codeCSVDamage
	codeRepaidTwice
	codeControlTotal
	codeNoRows
	codeNegative
	codeTooMany
)

// What is checked in ids, wherever they stand.
const codeIDForm code = 90

// A rule is what is known of a code without a place.
type rule struct {
	severity Severity
	title    string
}

var rules = map[code]rule{
	codeUnreadable:   {Error, "a file of the workspace can't be read"},
	codeSkipped:      {Warning, "something in the workspace that isn't read"},
	codeEncoding:     {Error, "a file isn't UTF-8 text"},
	codeSyntax:       {Error, "a document isn't YAML"},
	codeDuplicateKey: {Error, "a key stands twice in one mapping"},
	codeUnknownKey:   {Error, "a key that kivaform doesn't know"},
	codeKind:         {Error, "a document without a kind, or of an unknown one"},
	codeShape:        {Error, "a value of the wrong shape"},
	codeAlias:        {Error, "YAML aliases or merge keys that can't be resolved"},
	codePath:         {Error, "a path that doesn't name a file of the workspace"},
	codeText:         {Error, "a text that holds what can't be sent"},
	codeID:           {Error, "an id that YAML or a spreadsheet may have changed"},
	codeAmount:       {Error, "an amount that isn't exact"},
	codeDate:         {Error, "a date that isn't YYYY-MM-DD"},
	codeBool:         {Error, "neither true nor false"},
	codeChoice:       {Error, "a value that isn't one of the allowed ones"},
	codeMissing:      {Error, "a key that must be there is missing"},
	codeTwice:        {Error, "one thing said in two ways"},
	codeNumber:       {Error, "not a whole number"},

	codeWorkspace:  {Error, "the folder is no workspace"},
	codeVersion:    {Error, "kiva.yaml of an unknown version"},
	codeCredential: {Error, "a credential in a file"},
	codeUnset:      {Warning, "a setting that only the partner or Kiva knows isn't set"},
	codeToday:      {Error, "a fixed day outside the sandbox"},
	codeGlob:       {Error, "a pattern that can't be read"},
	codeURL:        {Error, "not a web address"},
	codeDuration:   {Error, "not a length of time"},

	codeName:      {Error, "a name that isn't in catalog.yaml"},
	codeListedID:  {Warning, "an id that isn't in catalog.yaml"},
	codeNoList:    {Error, "a name, and no list to look it up in"},
	codeLocation:  {Error, "a location that isn't in catalog.yaml"},
	codeCurrency:  {Error, "a currency that isn't in catalog.yaml"},
	codePair:      {Warning, "a currency and a language that aren't a pair in catalog.yaml"},
	codeAmbiguous: {Error, "a name that stands for several ids"},
	codeNoCatalog: {Warning, "there is no catalog.yaml to check against"},

	codeLoanID:          {Error, "a loan without the partner's id for it"},
	codeDeclaredTwice:   {Error, "the same thing declared twice"},
	codeGroupField:      {Error, "group fields on the loan of one borrower"},
	codeGroupIncomplete: {Error, "a group without its name or loan id"},
	codePictured:        {Error, "not_pictured doesn't fit the borrowers"},
	codeNotPositive:     {Error, "an amount that isn't above zero"},
	codeOverflow:        {Error, "a sum beyond what an amount may be"},
	codeDisbursal:       {Error, "a disbursal date that PA2 refuses"},
	codeClientID:        {Error, "a three-column partner's document without client id"},
	codeClientIDDropped: {Warning, "a client id that a two-column partner doesn't send"},
	codeWaiver:          {Warning, "the client waiver isn't signed"},
	codeUnpublishable:   {Warning, "fields that PA2 needs before a person can publish"},
	codeLoanUse:         {Warning, `a loan use that doesn't start with "to"`},
	codeScheduleSum:     {Warning, "a schedule that doesn't add up to the loan"},
	codeEarlyInstalment: {Warning, "an instalment before the disbursal"},
	codeScheduleOrder:   {Warning, "instalments out of order"},
	codeLastName:        {Warning, "a last name in the description"},
	codeNoPhoto:         {Warning, "a loan without a photo"},
	codePhoto:           {Error, "a photo that can't be sent"},
	codeNoBorrower:      {Error, "a loan without a borrower"},

	codeJournalEmpty:   {Error, "a journal with nothing to read"},
	codeJournalPartial: {Warning, "a journal without subject or body"},

	codeCSV:          {Error, "a CSV file that can't be read"},
	codeCSVColumns:   {Error, "a CSV file with the wrong columns"},
	codeCSVExtra:     {Warning, "columns of a CSV file that aren't used"},
	codeCSVDamage:    {Error, "an id in a CSV file that can't be right"},
	codeRepaidTwice:  {Error, "a loan twice in one report"},
	codeControlTotal: {Error, "a report that doesn't agree with its control total"},
	codeNoRows:       {Error, "a repayment report without rows"},
	codeNegative:     {Error, "a repayment below zero"},
	codeTooMany:      {Error, "more than is read"},

	codeIDForm: {Error, "an id that looks like another one"},
}

// newFault returns a fault with the severity of its code.
func newFault(c code, at Pos, path, message, hint string) *Fault {
	return &Fault{
		Code: c.String(), Severity: rules[c].severity,
		Pos: at, Path: path, Message: message, Hint: hint,
	}
}

// KeepsFromPublishing reports whether a person must add something in PA2
// before the draft can be published.
func (f *Fault) KeepsFromPublishing() bool {
	switch f.Code {
	case codeWaiver.String(), codeUnpublishable.String(), codeNoPhoto.String():
		return true
	}
	return false
}

// CaseMissing is the case of a fault about something that must be there and isn't.
const caseMissing = "missing"
