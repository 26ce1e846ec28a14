package workspace

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"
)

// Places are the towns of Kenya that drafts name.
var Places = []string{"Nakuru", "Kisumu", "Eldoret", "Kitale", "Mombasa", "Nairobi"}

var (
	firstNames = []string{"Mary", "Wanjiru", "Otieno", "Grace", "Baraka", "Njeri", "Achieng", "Kamau", "Fatuma", "Juma"}
	lastNames  = []string{"Wanjiku", "Kiprono", "Odhiambo", "Mwangi", "Chebet", "Hassan", "Wekesa", "Atieno"}
	uses       = []string{
		"to buy a second dairy cow and feed for the dry season",
		"to stock a stall with rice, sugar and cooking oil",
		"to buy an electric sewing machine and cloth",
		"to build a hen house and buy layers",
	}
	stories = []string{
		"keeps two cows on the land of the family and sells the milk to a\n  cooperative that collects it every morning.",
		"sells staples beside the bus stop, where people buy on their way\n  home, and is sold out before the last bus.",
		"sews school uniforms by hand and treadle, and three schools order\n  from this workshop each January.",
	}
)

func (o Options) writeDrafts(dir string) error {
	random := o.random(draftStream)
	for from := 0; from < o.Drafts; from += o.Each {
		err := create(filepath.Join(dir, "loans", fmt.Sprintf("%06d.yaml", from/o.Each)), func(w *bufio.Writer) error {
			for i := from; i < min(from+o.Each, o.Drafts); i++ {
				if i > from {
					fmt.Fprintln(w, "---")
				}
				o.writeDraft(w, i, random)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeDraft writes a document of 27 lines and about 1 KB.
func (o Options) writeDraft(w *bufio.Writer, i int, random *rand.Rand) {
	name, part := pick(random, firstNames), 2500*(1+random.IntN(12))
	fmt.Fprintf(w, `kind: LoanDraft
entreps:
  - loan_id: %s
    client_id: "%07d"
    first_name: %s
    last_name: %s
    gender: female
    amount: %d
activity_id: 61
theme_type_id: 48
description_language_id: 1
client_waiver_signed: true
currency: KES
location: "%s: Kenya"
loanuse: %s
disburse_time: %s
description: >
  %s %s
  The loan before this one was paid back on time, and the books are in
  order. With the new loan the work can grow, and a neighbour will help with
  it. The income pays for the school of three children, and for the repair of
  the roof before the long rains come. What is left over goes into savings, as
  the group has agreed, so that the next dry season does not end in debt.
schedule:
  - {date: %s, principal: %d, interest: 750.50}
  - {date: %s, principal: %d, interest: 375.25}
`, DraftLoanID(i), i, name, pick(random, lastNames), 2*part, pick(random, Places), pick(random, uses), o.day(1+random.IntN(28)),
		name, pick(random, stories), o.day(50), part, o.day(80), part)
	if i < o.Photos {
		fmt.Fprintf(w, "image: ../%s\n", photoFile(i))
	}
}

// DraftLoanID is the loan id of draft i.
func DraftLoanID(i int) string { return fmt.Sprintf("S-%07d", i) }

// day returns the day that is so many days from today.
func (o Options) day(days int) string { return o.Today.AddDate(0, 0, days).Format(time.DateOnly) }

func pick(random *rand.Rand, list []string) string { return list[random.IntN(len(list))] }
