// Package code numbers the checks of a workspace: the codes of faults, their
// severities and titles, and an explanation of each. It stands below the packages
// that find the faults, package yamldoc and package rule.
package code

import (
	"fmt"

	"kivaform/spec"
)

// A Code numbers one thing that this package checks. Its text, KF001, is
// stable over releases; a number is never used again for something else.
type Code int

// String returns the code as users see it.
func (c Code) String() string { return fmt.Sprintf("KF%03d", int(c)) }

// Checks of files and values.
const (
	Unreadable Code = iota + 1
	Encoding
	Syntax
	DuplicateKey
	UnknownKey
	Kind
	Shape
	Alias
	Path
	Text
	ID
	Amount
	Date
	Bool
	Choice
	Missing
	Twice
	Number
	Skipped
)

// Checks of kiva.yaml.
const (
	Workspace Code = iota + 20
	Version
	Credential
	Unset
	Today
	Glob
	URL
	Duration
	UnsetAmounts
)

// Checks against catalog.yaml.
const (
	Name Code = iota + 30
	ListedID
	NoList
	Location
	Currency
	Pair
	Ambiguous
	NoCatalog
)

// Checks of loan drafts.
const (
	LoanID Code = iota + 40
	DeclaredTwice
	GroupField
	GroupIncomplete
	Pictured
	NotPositive
	Overflow
	Disbursal
	ClientID
	ClientIDDropped
	Waiver
	Unpublishable
	LoanUse
	ScheduleSum
	EarlyInstalment
	ScheduleOrder
	LastName
	NoPhoto
	Photo
	NoBorrower
)

// Checks of journals.
const (
	JournalEmpty Code = iota + 70
	JournalPartial
)

// Checks of repayment reports.
const (
	CSV Code = iota + 80
	CSVColumns
	CSVExtra
	CSVDamage
	RepaidTwice
	ControlTotal
	NoRows
	Negative
	TooMany
)

// A check of every id.
const IDForm Code = 90

// A rule is the severity and title of a code.
type rule struct {
	severity spec.Severity
	title    string
}

var rules = map[Code]rule{
	Unreadable:   {spec.Error, "a file of the workspace can't be read"},
	Skipped:      {spec.Warning, "something in the workspace that isn't read"},
	Encoding:     {spec.Error, "a file isn't UTF-8 text"},
	Syntax:       {spec.Error, "a document isn't YAML"},
	DuplicateKey: {spec.Error, "a key stands twice in one mapping"},
	UnknownKey:   {spec.Error, "a key that kivaform doesn't know"},
	Kind:         {spec.Error, "a document without a kind, or of an unknown one"},
	Shape:        {spec.Error, "a value of the wrong shape"},
	Alias:        {spec.Error, "YAML aliases or merge keys that can't be resolved"},
	Path:         {spec.Error, "a path that doesn't name a file of the workspace"},
	Text:         {spec.Error, "a text that holds what can't be sent"},
	ID:           {spec.Error, "an id that YAML or a spreadsheet may have changed"},
	Amount:       {spec.Error, "an amount that isn't exact"},
	Date:         {spec.Error, "a date that isn't YYYY-MM-DD"},
	Bool:         {spec.Error, "neither true nor false"},
	Choice:       {spec.Error, "a value that isn't one of the allowed ones"},
	Missing:      {spec.Error, "a key that must be there is missing"},
	Twice:        {spec.Error, "one thing said in two ways"},
	Number:       {spec.Error, "not a whole number"},

	Workspace:  {spec.Error, "the folder is no workspace"},
	Version:    {spec.Error, "kiva.yaml of an unknown version"},
	Credential: {spec.Error, "a credential in a file"},
	Unset:      {spec.Warning, "a setting that only the partner or Kiva knows isn't set"},
	Today:      {spec.Error, "a fixed day outside the sandbox"},
	Glob:       {spec.Error, "a pattern that can't be read"},
	URL:        {spec.Error, "not a web address"},
	Duration:   {spec.Error, "not a length of time"},

	UnsetAmounts: {spec.Error, "a repayment report, and nobody has said what its amounts mean"},

	Name:      {spec.Error, "a name that isn't in catalog.yaml"},
	ListedID:  {spec.Warning, "an id that isn't in catalog.yaml"},
	NoList:    {spec.Error, "a name, and no list to look it up in"},
	Location:  {spec.Error, "a location that isn't in catalog.yaml"},
	Currency:  {spec.Error, "a currency that isn't in catalog.yaml"},
	Pair:      {spec.Warning, "a currency and a language that aren't a pair in catalog.yaml"},
	Ambiguous: {spec.Error, "a name that stands for several ids"},
	NoCatalog: {spec.Warning, "there is no catalog.yaml to check against"},

	LoanID:          {spec.Error, "a loan without the partner's id for it"},
	DeclaredTwice:   {spec.Error, "the same thing declared twice"},
	GroupField:      {spec.Error, "group fields on the loan of one borrower"},
	GroupIncomplete: {spec.Error, "a group without its name or loan id"},
	Pictured:        {spec.Error, "not_pictured doesn't fit the borrowers"},
	NotPositive:     {spec.Error, "an amount that isn't above zero"},
	Overflow:        {spec.Error, "a sum beyond what an amount may be"},
	Disbursal:       {spec.Error, "a disbursal date that PA2 refuses"},
	ClientID:        {spec.Error, "a three-column partner's document without client id"},
	ClientIDDropped: {spec.Warning, "a client id that a two-column partner doesn't send"},
	Waiver:          {spec.Warning, "the client waiver isn't signed"},
	Unpublishable:   {spec.Warning, "fields that PA2 needs before a person can publish"},
	LoanUse:         {spec.Warning, `a loan use that doesn't start with "to"`},
	ScheduleSum:     {spec.Warning, "a schedule that doesn't add up to the loan"},
	EarlyInstalment: {spec.Warning, "an instalment before the disbursal"},
	ScheduleOrder:   {spec.Warning, "instalments out of order"},
	LastName:        {spec.Warning, "a last name in the description"},
	NoPhoto:         {spec.Warning, "a loan without a photo"},
	Photo:           {spec.Error, "a photo that can't be sent"},
	NoBorrower:      {spec.Error, "a loan without a borrower"},

	JournalEmpty:   {spec.Error, "a journal with nothing to read"},
	JournalPartial: {spec.Warning, "a journal without subject or body"},

	CSV:          {spec.Error, "a CSV file that can't be read"},
	CSVColumns:   {spec.Error, "a CSV file with the wrong columns"},
	CSVExtra:     {spec.Warning, "columns of a CSV file that aren't used"},
	CSVDamage:    {spec.Error, "an id in a CSV file that can't be right"},
	RepaidTwice:  {spec.Error, "a loan twice in one report"},
	ControlTotal: {spec.Error, "a report that doesn't agree with its control total"},
	NoRows:       {spec.Error, "a repayment report without rows"},
	Negative:     {spec.Error, "a repayment below zero"},
	TooMany:      {spec.Error, "more than is read"},

	IDForm: {spec.Error, "an id that looks like another one"},
}

// NewFault returns a fault with the severity of its code.
func NewFault(c Code, at spec.Pos, path, message, hint string) *spec.Fault {
	return &spec.Fault{
		Code: c.String(), Severity: rules[c].severity,
		Pos: at, Path: path, Message: message, Remedy: hint,
	}
}

// KeepsFromPublishing reports whether a person must add something in PA2
// before the draft can be published.
func KeepsFromPublishing(f *spec.Fault) bool {
	switch f.Code {
	case Waiver.String(), Unpublishable.String(), NoPhoto.String():
		return true
	}
	return false
}

// CaseMissing is the case of a fault about something that must be there and isn't.
const CaseMissing = "missing"
