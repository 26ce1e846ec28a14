package code

var explainedBatches = map[Code]explanation{
	JournalEmpty: {
		means: "A journal has neither subject nor body.",
		why:   "Lenders would get a message with nothing in it. Kiva states no rule (post_journals.md).",
		mend:  "Write what lenders should read.",
	},
	JournalPartial: {
		means: "A journal has no subject, or no body. It is sent as it is.",
		why:   "Kiva knows both fields and doesn't say whether one is enough (post_journals.md). Lenders see a headline and a text.",
		mend:  "Write the one that is missing.",
	},
	CSV: {
		means: "A row of a CSV file has a quote in the wrong place.",
		why:   "From a quote that never ends, the rest of the file reads as one cell.",
		mend:  `Write a quote within quotes twice: "the ""big"" shop". Or export the file again.`,
	},
	CSVColumns: {
		means: "The columns of a CSV file can't be told apart: not two or three, no header that is known, a row of another width, or a column twice.",
		why:   "Without a header the order is that of PA2's own uploads: loan id, amount, or loan id, client id, amount. A decimal comma, or a comma between thousands, makes a column of its own.",
		mend:  "Name the columns in the first row: loan_id, client_id, amount. Other columns may stand beside them. Write amounts with a point, and nothing between the thousands.",
		wrong: "loan,paid\nL-0871,12500", right: "loan_id,amount\nL-0871,12500",
	},
	CSVExtra: {
		means: "A CSV file has columns that kivaform doesn't use.",
		why:   "It may be a column whose name is misspelt. Nothing of these columns is sent.",
		mend:  "Look whether one of them should be loan_id, client_id or amount. Otherwise leave them.",
	},
	CSVDamage: {
		means: "An id in a CSV file is empty, shows that a spreadsheet has changed it, has a space at an end, or holds a character that can't be seen.",
		why:   "Spreadsheets write long numbers as 1.04E+06 and drop the zeros of 00884. A changed id is another loan, or none.",
		mend:  "Format the column as text before the data goes in, and export again: what is lost can't be guessed.",
		wrong: "1.04E+06,100", right: "1042311,100",
	},
	RepaidTwice: {
		means: "A loan stands twice in the report of one month.",
		why:   "PA2 combines all that is uploaded in a period (PA2's help), and nobody can say which of the two rows would count.",
		mend:  "Keep one row for each loan, with the amount that repayment_amounts in kiva.yaml asks for.",
	},
	ControlTotal: {
		means: "The rows of a report don't come to what expect says of them, in number or in sum.",
		why:   "A file that was cut short, or is last month's, looks like any other. Your accounts know what it should come to.",
		mend:  "Find out which of the two is right. Don't copy the one into the other.",
	},
	NoRows: {
		means: "A report has no rows: its CSV file is empty, or has a header only.",
		why:   "An export that failed leaves such a file. Loans that aren't reported may be billed as if they had been repaid on time (Kiva partner training).",
		mend:  "Export the file again. For a month without repayments, report each loan with what repayment_amounts asks for.",
	},
	Negative: {
		means: "A repayment is below zero.",
		why:   "No borrower repays less than nothing, and Kiva's reports have no bookings to and fro.",
		mend:  "Write the total, after all corrections, that repayment_amounts in kiva.yaml asks for.",
		wrong: "- {loan_id: L-0871, amount: -500}", right: "- {loan_id: L-0871, amount: 12000}",
	},
	TooMany: {
		means: "There is more than is read: 1,000 faults in a file or document, 1,000 borrowers or instalments in a loan, a million values in a document, five million rows in all CSV files. The rest wasn't read.",
		why:   "It is most probably a file of another kind. A file that was made to take all time or memory must not get them.",
		mend:  "Mend the first faults, which often have one cause, and try again. Divide a file that is right and too large.",
	},
}
