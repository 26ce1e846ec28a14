package pa2

import (
	"fmt"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/money"
)

// PartnerID is the default partner.
const PartnerID = "145"

const (
	PartnerName = "Kivaform Sandbox Microfinance"
	firstKivaID = 2871001
)

// firstNames are the seed's invented borrowers, used in turn.
var firstNames = []string{
	"Amina", "Wanjiru", "Otieno", "Grace", "Baraka", "Njeri", "Achieng", "Kamau", "Fatuma", "Mumbua",
	"Juma", "Chebet", "Zawadi", "Kiprono", "Rehema", "Nekesa", "Mwangi", "Halima", "Wekesa", "Imani",
}

// Seed returns the loans that a new sandbox lists: L-0801 to L-0845 and L-0871,
// which are paying back, and L-0901 to L-0906, which are in other statuses. The
// client id of L-0801 is 00801, and so on. The times are relative to now; all
// else is always the same.
func Seed() []kiva.Loan { return seedLoans(time.Now()) }

func seedLoans(now time.Time) (loans []kiva.Loan) {
	add := func(number int, s kiva.Status) {
		loans = append(loans, seedLoan(firstKivaID+len(loans), number, s, now.UTC().Truncate(time.Second)))
	}
	for number := 801; number <= 845; number++ {
		add(number, kiva.PayingBack)
	}
	add(871, kiva.PayingBack)
	for i, s := range []kiva.Status{
		kiva.FundRaising, kiva.FundRaising, kiva.Raised, kiva.Defaulted, kiva.Ended, kiva.Issue,
	} {
		add(901+i, s)
	}
	return loans
}

func seedLoan(kivaID, number int, s kiva.Status, now time.Time) kiva.Loan {
	local := money.FromInt(int64(15000 + 2500*(number%31)))
	kenya := Locations[2:9]
	l := kiva.Loan{
		KivaID: fmt.Sprint(kivaID), UUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", number),
		InternalLoanID: fmt.Sprintf("L-%04d", number), InternalClientID: fmt.Sprintf("%05d", number),
		PartnerID: PartnerID, Partner: PartnerName, Name: firstNames[number%len(firstNames)],
		Location: kenya[number%len(kenya)].FullName, BorrowerCount: 1,
		Price: Price(local, "KES"), LocalPrice: local, Currency: "KES",
	}
	posted := now.AddDate(0, 0, -number%180-10)
	l.CreateTime = posted
	setStatus(&l, kiva.Inactive, posted)
	if s != kiva.Issue {
		setStatus(&l, kiva.FundRaising, posted.AddDate(0, 0, 3))
	}
	if s == kiva.Defaulted || s == kiva.Ended {
		setStatus(&l, kiva.PayingBack, posted.AddDate(0, 0, 9))
	}
	setStatus(&l, s, now.AddDate(0, 0, -1))
	return l
}
