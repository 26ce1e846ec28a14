package history

// A Double is an item that two attempts sent without a person's word.
type Double struct {
	Environment, PartnerID string
	Stream                 Address
	Item                   Address
	Attempt                int
	Before                 int // the attempt that had sent it
}

// Doubles finds what the attempts of one stream sent twice. The attempts come in
// the order of their numbers, and are those that count as sent.
//
// What a person asked for again is meant so, unless the earlier attempt comes
// from another copy of the ledger: that person didn't know of it.
func Doubles(attempts []*Attempt) []Double {
	type sent struct {
		number int
		merged bool
	}
	var doubles []Double
	last := make(map[Address]sent)
	apart := 0 // from this number on, copies of the ledger went ways of their own; 0 where none was merged
	for _, a := range attempts {
		in := a.Intent
		merged := in.MergedFrom != 0
		if merged && (apart == 0 || in.MergedFrom < apart) {
			apart = in.MergedFrom
		}
		if in.Recorded != "" {
			continue // it sent nothing
		}
		for e := range a.Entries() {
			if e.Outcome.MayRepeat() {
				continue // Kiva didn't take it
			}
			before, known := last[e.Address]
			unseen := merged && !before.merged && before.number >= apart
			if known && (!e.Again || unseen) {
				doubles = append(doubles, Double{in.Environment, in.PartnerID, in.Stream, e.Address, in.Attempt, before.number})
			}
			last[e.Address] = sent{in.Attempt, merged}
		}
	}
	return doubles
}
