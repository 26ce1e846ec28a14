package code

var explainedFiles = map[Code]explanation{
	Unreadable: {
		means: "A YAML file is there, and the system doesn't let it be read, it has more than 64 MiB, or it is a symbolic link that leads out of the workspace.",
		why:   "A file that is left out silently would be a loan that is never sent. Links that lead elsewhere aren't followed, so that nothing comes from outside of what is reviewed.",
		mend:  "Change the file's permissions, or put the file itself where the link is. A file that isn't kivaform's belongs under ignore in kiva.yaml.",
	},
	Skipped: {
		means: "A folder has a kiva.yaml of its own, or a symbolic link leads to a folder. What is there isn't read.",
		why:   "A loan in such a place would never be sent, and nobody would be told. A folder with its own kiva.yaml is another workspace, perhaps of another partner. Links to folders aren't followed, so that nothing is read twice.",
		mend:  "Put the files into the workspace itself, or remove the inner kiva.yaml. If it is meant so, write the folder under ignore in kiva.yaml.",
		right: "ignore: [branch-office]",
	},
	Encoding: {
		means: "A YAML or CSV file isn't UTF-8 text, or holds a control character that YAML doesn't allow.",
		why:   "Kiva takes UTF-8 only, and names of places with letters such as ã are what breaks most often (Kiva's samples, php/README.md). Guessing another encoding would change names.",
		mend:  "Save the file as UTF-8; in Excel as \"CSV UTF-8\". A control character that can't be seen stands at the column that the fault names: delete it.",
	},
	Syntax: {
		means: "The document can't be read as YAML. Other documents of the file are still read, so one fault doesn't hide others.",
		why:   "What can't be read can't be checked or sent. The place is the first line that makes the fault; the cause may be the line above it.",
		mend:  "Look at indentation, quotes and brackets. Indent with spaces, never tabs; quote a text that holds a colon and a space.",
		wrong: "subject: One: two", right: `subject: "One: two"`,
	},
	DuplicateKey: {
		means: "A key stands twice in one mapping, with two values.",
		why:   "YAML programs differ in which of the two they take. kivaform takes neither.",
		mend:  "Keep one of the two. If two loans were meant, put a line --- between them.",
		wrong: "key: first-visit\nkey: 2026-11-visit", right: "key: 2026-11-visit",
	},
	UnknownKey: {
		means: "The document has a key that kivaform doesn't know at this place.",
		why:   "A key that is misspelt would be a value that is never sent. Kiva's own names are used (draftloans.md, post_journals.md, report_payments.md).",
		mend:  "Correct the name; the hint says which is nearest. kivaform explain loan_draft lists the keys of a loan draft.",
		wrong: "currancy: KES", right: "currency: KES",
	},
	Kind: {
		means: "A document doesn't say what it is, or says something that kivaform doesn't know.",
		why:   "Loan drafts, journals and repayment reports go to different places at Kiva, and some of their keys are the same. Nothing is guessed.",
		mend:  "Write kind: LoanDraft, kind: Journal or kind: RepaymentReport. A YAML file that isn't kivaform's belongs under ignore in kiva.yaml.",
		wrong: "entreps: [{loan_id: L-1, amount: 50000}]", right: "kind: LoanDraft\nentreps: [{loan_id: L-1, amount: 50000}]",
	},
	Shape: {
		means: "A single value, a list, or keys with values stands where one of the others is expected.",
		why:   "Kiva's fields have fixed shapes: schedule is a list, also with one instalment in it (draftloans.md).",
		mend:  "Write a list with a dash before each element, keys with values as key: value. kivaform explain FIELD shows an example.",
		wrong: "schedule: {date: 2027-01-05, principal: 50000}", right: "schedule:\n  - {date: 2027-01-05, principal: 50000}",
	},
	Alias: {
		means: "An alias (*name) stands for too much, directly or through others, or a merge key (<<) doesn't name a mapping.",
		why:   "A few lines of aliases can stand for millions of values, by mistake or on purpose. A document's aliases may stand for 10,000 values.",
		mend:  "Write the values out. What all drafts have in common belongs under defaults in kiva.yaml.",
	},
	Path: {
		means: "A photo or CSV file that a document names isn't there, can't be read, has more than 64 MiB, isn't a regular file, isn't in the workspace, or is hidden: its name or a folder's begins with a dot.",
		why:   "Paths are relative to the file that names them, so that a folder can be moved as a whole. Only files of the workspace are sent: they are what was reviewed. Hidden files hold settings and secrets of programs.",
		mend:  "Count from the document's own folder, with / between folders. Copy a file from elsewhere into the workspace.",
		wrong: `image: photos\L-1042.jpg`, right: "image: ../photos/L-1042.jpg",
	},
}

var explainedValues = map[Code]explanation{
	Text: {
		means: "A text holds a control character, or is the word Null or NULL without quotes.",
		why:   "Control characters can't be seen in a review, and reach lenders' screens. Null without quotes means in YAML that nothing stands there, and some people are called so.",
		mend:  "Delete the character. Put quotes around a name that is Null, or leave the key out.",
		wrong: "last_name: Null", right: `last_name: "Null"`,
	},
	ID: {
		means: "An id isn't certainly what the partner's system has: YAML or a spreadsheet may have changed it.",
		why:   "Without quotes, YAML programs read 00123 as 123 or as 83, and 1e5 as 100000. Kiva tells loans by these ids only, and a draft under a changed id is a second draft. Ids of Kiva's own lists and the partner's number are whole numbers.",
		mend:  "Put quotes around the id. If a spreadsheet made it, format the column as text and export it again: what is lost can't be guessed.",
		wrong: "client_id: 00123", right: `client_id: "00123"`,
	},
	IDForm: {
		means: "An id holds a character that can't be seen, or a letter that is written in another way than keyboards do (not NFC).",
		why:   "Two ids that look alike and aren't the same are two loans, and the second is sent again. Some programs take é apart into e and an accent, others add U+200B when text is copied. What was sent under such an id before is left as it is.",
		mend:  "Type the id anew; the hint shows it in the usual form. Look first whether Kiva has it in the odd form: then correct it in PA2, or ask Kiva to. A loan that Kiva lists, or that adopt recorded, is reported under the id that it has there.",
		wrong: `client_id: "L\u200B-1"`, right: `client_id: "L-1"`,
	},
	Amount: {
		means: "An amount isn't digits with at most one decimal point and two decimals, or is a million millions or more.",
		why:   "12.500 is twelve and a half for one program and twelve thousand five hundred for another, and 1.04E+06 has lost its last digits. An amount is taken exactly or not at all.",
		mend:  "Write digits, a point before decimals, and nothing between the thousands. No currency: that is a field of its own.",
		wrong: "amount: 12.500", right: "amount: 12500",
	},
	Date: {
		means: "A date isn't YYYY-MM-DD, or a month not YYYY-MM, or there is no such day.",
		why:   "Kiva takes dates as YYYY-MM-DD (README of Kiva's Postman collection). 03/04/2026 is two different days, and nobody can say which.",
		mend:  "Write the year first, then month and day with two digits each, and no time. kivaform convert --date-format turns a whole export.",
		wrong: "disburse_time: 1/12/2026", right: "disburse_time: 2026-12-01",
	},
	Bool: {
		means: "A value is neither true nor false, or stands in quotes.",
		why:   "yes is true for some YAML programs and a text for others. Whether a waiver is signed must not depend on that.",
		mend:  "Write true or false, in small letters and without quotes.",
		wrong: "client_waiver_signed: yes", right: "client_waiver_signed: true",
	},
	Choice: {
		means: "A value isn't one of the few that are possible here.",
		why:   "A currency has three capital letters (ISO 4217). A gender is one of the values that Kiva's samples and its partners' programs send; Kiva publishes no list. Settings have the words of kivaform's documentation.",
		mend:  "Write one of the words that the fault lists. kivaform explain FIELD says what they mean.",
		wrong: "currency: Ksh", right: "currency: KES",
	},
	Missing: {
		means: "A key that must be there is absent or empty: a journal's key, a report's period, rows, loan ids and amounts, an instalment's date.",
		why:   "Without it the thing can't be told from others, or means nothing. A repayment without an amount isn't taken for zero: 0 is a statement of its own.",
		mend:  "Write it. Where nothing was repaid, write amount: 0.",
		wrong: "- {loan_id: L-0871}", right: "- {loan_id: L-0871, amount: 0}",
	},
	Twice: {
		means: "One thing is said in two ways that exclude each other: a name beside its number, two photos, rows beside a CSV file.",
		why:   "If the two ever differ, nobody can say which is meant. Kiva takes one number and one photo.",
		mend:  "Keep one of the two. Names are easier to review; numbers need no catalog.yaml.",
		wrong: "activity: Dairy\nactivity_id: 61", right: "activity: Dairy",
	},
	Number: {
		means: "A count isn't a whole number from 0 on.",
		why:   "Limits, control totals and sizes of photos count things.",
		mend:  "Write digits only: no sign, no decimals, nothing between the thousands.",
		wrong: "limits: {drafts: 1_000}", right: "limits: {drafts: 1000}",
	},
}
