package spec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kivaform/kiva/money"
)

// cellAmount reads the amount of a CSV cell.
func cellAmount(cell string) (a money.Amount, problem, hint string) {
	a, problem, hint = parseAmount(cell)
	if problem == "" && a.Sign() < 0 {
		return a, "a repayment can't be below zero", ""
	}
	return a, problem, hint
}

// cellID says what is wrong with the id of a CSV cell, "" where nothing is.
func cellID(cell string) (c code, problem, hint string) {
	switch {
	case cell == "":
		return codeCSVDamage, "is missing", ""
	case strings.TrimSpace(cell) != cell:
		return codeCSVDamage, "an id can't begin or end with a space", "remove the space"
	case isExponent(cell):
		return codeCSVDamage, "a spreadsheet has changed this id", "format the column as text and export it again"
	}
	if i := strings.IndexFunc(cell, unicode.IsControl); i >= 0 {
		c, _ := utf8.DecodeRuneInString(cell[i:])
		return codeCSVDamage, fmt.Sprintf("holds a control character (U+%04X)", c), "remove it"
	}
	problem, hint = formProblem(cell)
	return codeIDForm, problem, hint
}

// isExponent reports whether a cell looks as spreadsheets show long numbers:
// 1.04E+06.
func isExponent(cell string) bool {
	mantissa, exponent, ok := strings.Cut(cell, "E+")
	return ok && isDigits(exponent) && isDigits(strings.Replace(strings.Replace(mantissa, ".", "", 1), ",", "", 1))
}
