package code

var explainedDrafts = map[Code]explanation{
	LoanID: {
		means: "A loan or a journal doesn't say which of the partner's loans it is.",
		why:   "The partner's id is all by which a draft can be told from others: Kiva has no list of drafts. A partner's program once posted with empty ids, and nobody could say later what was there.",
		mend:  "Write your own id of the loan: entreps[0].loan_id for one borrower, internal_loan_id in a journal.",
		wrong: "- {first_name: Mary, amount: 50000}", right: "- {loan_id: L-1042, first_name: Mary, amount: 50000}",
	},
	DeclaredTwice: {
		means: "Two documents describe the same thing: a loan's draft, one update of a loan, or the report of one month.",
		why:   "Each is sent once. Kiva would take both of them, and there would be two loans, or two journals.",
		mend:  "Keep one, or correct the id of the other. A second update of a loan needs another key. The fault names both places.",
	},
	GroupField: {
		means: "A loan of one borrower has group_name, internal_client_id, internal_loan_id or not_pictured.",
		why:   "PA2 shows an error for such a draft, and nobody can publish it (draftloans.md).",
		mend:  "Remove the field; the borrower's ids stand under entreps. If it is a group, list all its borrowers there.",
		wrong: "entreps: [{loan_id: L-1, amount: 50000}]\nnot_pictured: [false]", right: "entreps: [{loan_id: L-1, amount: 50000}]",
	},
	GroupIncomplete: {
		means: "A loan of several borrowers has no group_name or no internal_loan_id.",
		why:   "Kiva.org shows the group's name (draftloans.md), and the draft of a group is known by the group's loan id.",
		mend:  "Write both, beside entreps.",
		right: "group_name: Tumaini Women's Group\ninternal_loan_id: G-0031",
	},
	Pictured: {
		means: "not_pictured of a group has more or fewer values than entreps has borrowers.",
		why:   "Kiva wants one value for each borrower, in the same order (draftloans.md). It tells lenders which face belongs to whom.",
		mend:  "Write one value for each: true for who is missing from the photo, false for who is in it.",
		wrong: "not_pictured: [true]", right: "not_pictured: [false, false, true]",
	},
	NotPositive: {
		means: "A borrower has no amount, or one that isn't above zero.",
		why:   "Each borrower of a loan needs a disbursal amount (PA2, second step of a loan draft).",
		mend:  "Write the principal in local currency: what the borrower owes, not what was left after fees.",
		wrong: "- {loan_id: L-1042, amount: 0}", right: "- {loan_id: L-1042, amount: 50000}",
	},
	Overflow: {
		means: "The amounts of a loan, a schedule or a report add up to more than an amount may be.",
		why:   "No real sum is so large. Some amount has digits too many.",
		mend:  "Look for the amount that is out of line with the others.",
	},
	Disbursal: {
		means: "The disbursal is 30 or more days ago, or more than 90 days ahead. It counts only until the draft is sent.",
		why:   "PA2 refuses to publish such a loan (PA2, second step of a loan draft). Its today may be another one than yours near midnight.",
		mend:  "Correct the date; the hint gives the nearest that is allowed today. A loan that was disbursed too long ago can't be posted any more.",
	},
	ClientID: {
		means: "csv_format is three-column, and a loan, a journal or a repayment has no client id.",
		why:   "Kiva tells the loans of a three-column partner by loan id and client id together, in repayments and in journals (report_payments.md, post_journals.md).",
		mend:  "Write your own id of the client. If PA2 > Account > Profile says two columns, set csv_format: two-column.",
		wrong: "- {loan_id: L-0871, amount: 12500}", right: `- {loan_id: L-0871, client_id: "00871", amount: 12500}`,
	},
	ClientIDDropped: {
		means: "csv_format is two-column, and a journal or a repayment has a client id. It isn't sent.",
		why:   "Kiva tells the loans of a two-column partner by loan id alone (report_payments.md).",
		mend:  "Remove the client id. If PA2 > Account > Profile says three columns, set csv_format: three-column.",
	},
	Waiver: {
		means: "client_waiver_signed is false. The draft can be sent, but nobody can publish it.",
		why:   "The client signs a waiver for each new loan before it is posted (Kiva partner training).",
		mend:  "Let the client sign, then write true. Don't write true before.",
	},
	Unpublishable: {
		means: "Some fields are missing that PA2 wants before a person can publish. The draft is sent without them.",
		why:   "Kiva's API stores partial drafts; a person fills in the rest in PA2 (draftloans.md; PA2, first and second step of a loan draft).",
		mend:  "Write the fields that the fault lists, or let a person fill them in there. What all drafts share belongs under defaults in kiva.yaml.",
	},
	LoanUse: {
		means: `The loan use doesn't begin with "to". Only descriptions in English, or in no known language, are looked at.`,
		why:   `It completes the sentence "This borrower will use this loan: …" (PA2, first step of a loan draft).`,
		mend:  "Begin with to and a verb, in small letters, without a full stop.",
		wrong: "loanuse: Buying a cow.", right: "loanuse: to buy a cow",
	},
	ScheduleSum: {
		means: "The schedule's principal doesn't add up to what the borrowers get.",
		why:   "No text of Kiva's says that it must, but Kiva's reviewers look for amounts that differ, and lenders are paid back by the schedule.",
		mend:  "Look for a forgotten instalment, or for interest that was counted as principal.",
	},
	EarlyInstalment: {
		means: "An instalment is due before the day of the disbursal.",
		why:   "Nobody pays back what they haven't got. No text of Kiva's states a rule, so this is a warning.",
		mend:  "Move the instalment later, or correct disburse_time.",
	},
	ScheduleOrder: {
		means: "An instalment is due on the same day as the one before it, or earlier.",
		why:   "Most often a year or a month is mistyped. No text of Kiva's states a rule, so this is a warning.",
		mend:  "Put the instalments in order, one for each day.",
	},
	LastName: {
		means: "The description holds the last name of a borrower.",
		why:   "Lenders all over the world read the description. The last name doesn't belong in it, though PA2 asks for it in a field of its own (Kiva partner training).",
		mend:  "Use first names only.",
		wrong: "description: Mary Wanjiku keeps one cow.", right: "description: Mary keeps one cow.",
	},
	NoPhoto: {
		means: "The draft has no photo. It is sent without one.",
		why:   "PA2 asks for a photo in its third step; nobody can publish without it.",
		mend:  "Name the photo's file, or let a person add it in PA2.",
		right: "image: ../photos/L-1042.jpg",
	},
	Photo: {
		means: "The photo isn't a JPEG, PNG or GIF that can be read whole, or it can't be made small enough, or image_encoded isn't base64.",
		why:   "Each photo is decoded and written anew, upright and without what a phone writes into it, such as the place. A broken one would reach lenders broken. Kiva documents no formats or sizes; these are what its partners send.",
		mend:  "Do what the hint says: most often, copy the photo again from where it came, or save it as JPEG. Its name makes no difference.",
	},
	NoBorrower: {
		means: "A loan draft has no entreps.",
		why:   "A loan has at least one borrower (draftloans.md).",
		mend:  "List each borrower with the loan's id and the amount.",
		right: "entreps:\n  - {loan_id: L-1042, first_name: Mary, amount: 50000}",
	},
}
