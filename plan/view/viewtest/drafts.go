package viewtest

import (
	"fmt"

	"kivaform/kiva/money"
	"kivaform/spec"
)

func Date(s string) spec.Date {
	d, err := spec.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func Cents(n int) money.Amount { return AmountOf(fmt.Sprintf("0.%02d", n)) }

func AmountOf(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

const milkStory = "Mary keeps two cows on the land of her family and sells the milk to a " +
	"cooperative that collects it every morning. She is known for keeping her records in order, " +
	"and has paid back three loans before this one. With the new loan she will buy another cow. " +
	"The income pays for the school of her three children, and for the repair of the roof before " +
	"the long rains come."

func MilkDraft(loanID string) *spec.LoanDraft {
	waiver := true
	return &spec.LoanDraft{
		Pos: spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: 1, Column: 1},
		Entreps: []spec.Entrep{{
			LoanID: loanID, ClientID: "00884", FirstName: "Mary", LastName: "Wanjiku", Gender: "female", Amount: money.FromInt(50_000),
		}},
		Activity: spec.Ref{ID: "61", Name: "Dairy"}, Theme: spec.Ref{ID: "48", Name: "General"}, Language: spec.Ref{ID: "1", Name: "English"},
		ClientWaiverSigned: &waiver,
		Currency:           "KES",
		Description:        milkStory,
		DisburseTime:       Date("2026-12-01"),
		Image:              &spec.Image{File: "photos/L-1042.jpg", Digest: "4416b1b3c0ffee", MediaType: "image/jpeg", Width: 640, Height: 480, Bytes: 24_100},
		LoanUse:            "to buy a second dairy cow and feed for the dry season",
		Location:           "Nakuru: Kenya",
		Schedule:           schedule("2027-01-05", "2027-02-05", "2027-03-05", "2027-04-05", "2027-05-05"),
	}
}

// schedule divides 50,000 over some days, with less interest each time.
func schedule(days ...string) []spec.Instalment {
	list := make([]spec.Instalment, len(days))
	for i, day := range days {
		interest := money.FromInt(int64(150 * (len(days) - i)))
		list[i] = spec.Instalment{Date: Date(day), Principal: money.FromInt(int64(50_000 / len(days))), Interest: interest}
	}
	return list
}
