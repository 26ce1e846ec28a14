package schema

import "kivaform/spec/field"

// roots lists the documents in the order of the documentation.
var roots = []root{loanDraft, journal, repaymentReport, {Field: field.Settings}, {Field: field.Catalog}}
