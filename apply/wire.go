package apply

import (
	"encoding/json"

	"kivaform/kiva"
	"kivaform/spec"
)

// wireDraft turns a loan draft into Kiva's words, all but the photo.
func wireDraft(d *spec.LoanDraft) kiva.LoanDraft {
	body := kiva.LoanDraft{
		ActivityID:            json.Number(d.Activity.ID),
		ClientWaiverSigned:    d.ClientWaiverSigned,
		Currency:              d.Currency,
		Description:           d.Description,
		DescriptionLanguageID: json.Number(d.Language.ID),
		DisburseTime:          d.DisburseTime.String(),
		GroupName:             d.GroupName,
		InternalClientID:      d.InternalClientID,
		InternalLoanID:        d.InternalLoanID,
		NotPictured:           d.NotPictured,
		ImageEncoded:          d.ImageEncoded,
		ImageURL:              d.ImageURL,
		LoanUse:               d.LoanUse,
		Location:              d.Location,
		ThemeTypeID:           json.Number(d.Theme.ID),
	}
	for _, e := range d.Entreps {
		body.Entreps = append(body.Entreps, kiva.Entrep{
			LoanID: e.LoanID, ClientID: e.ClientID,
			FirstName: e.FirstName, LastName: e.LastName, Gender: e.Gender, Amount: e.Amount,
		})
	}
	for _, i := range d.Schedule {
		body.Schedule = append(body.Schedule, kiva.Instalment{Date: i.Date.String(), Principal: i.Principal, Interest: i.Interest})
	}
	return body
}

func journalBody(j *spec.Journal) kiva.Journal {
	return kiva.Journal{
		InternalLoanID: j.LoanID, InternalClientID: j.ClientID,
		Subject: j.Subject, Body: j.Body, ImageURL: j.ImageURL,
	}
}
