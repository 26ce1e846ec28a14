package convert

import (
	"kivaform/spec/code"
)

// Explanations returns the explanations of this package's fault codes, in order.
func Explanations() []code.Explanation {
	return []code.Explanation{
		{
			Code: codeFile, Title: "a file that can't be converted",
			Means: "The export isn't a CSV or JSON file that can be read, is of another kind than --kind says, or has rows of another width than its header.",
			Why:   "Half a file that is converted looks like a whole one. Nothing is written until every row can be read.",
			Mend:  "Export it again, as CSV UTF-8; a workbook (.xlsx) has to be exported first. Put quotes around a cell that holds the separator.",
		},
		{
			Code: codeColumns, Title: "columns that don't say what they are",
			Means: "A field that must be there has no column, a field has two, or --map names a column or a field that there isn't. As a warning: columns that aren't used.",
			Why:   "The first row says what each column is, by Kiva's names or by --map. Nothing is guessed from what stands in the cells.",
			Mend:  "Say which column is which: --map \"Loan No=loan_id\". A value that all rows share is set with --set.",
		},
		{
			Code: codeDamage, Title: "a value that a spreadsheet has changed",
			Means: "A cell shows what a spreadsheet has made of it: 1.04E+06, 884.0, #N/A, or an id that is known with zeros before it.",
			Why:   "Spreadsheets take ids for numbers. What they drop can't be seen in the file any more; the ids of the workspace and of the ledger tell it.",
			Mend:  "Format the column as text before the data goes in, and export again. With --ask-kiva, the ids of loans at Kiva help to find more.",
			Wrong: "884", Right: "00884",
		},
		{
			Code: codeDate, Title: "a date in another order than --date-format",
			Means: "A date doesn't have the form that --date-format tells.",
			Why:   "03/04/2026 is two different days. The order is told once for all, and each date must have it.",
			Mend:  "Correct the cell, or give the order that the export really has: --date-format MM/DD/YYYY.",
		},
		{
			Code: codeValue, Title: "a value that can't be converted",
			Means: "A row lacks a value that it must have, or a JSON body has something else than Kiva's own form at this place.",
			Why:   "Loan id and amount, or a journal's key and loan id, are what a row is about.",
			Mend:  "Fill the cell. Take rows out that are sums or remarks.",
		},
		{
			Code: codeTwice, Title: "the same thing in two rows",
			Means: "Two rows have the same id, or the rows of one group differ in what the group has once.",
			Why:   "Each loan, update and repayment is sent once. Nobody can say which of two rows counts.",
			Mend:  "Keep one row of it. In a group, say the same in each row, or say it in one row only.",
		},
	}
}
