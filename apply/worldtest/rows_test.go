package worldtest

import (
	"encoding/json"
	"fmt"
	"strings"

	"kivaform/spec"
)

// meaning returns the things that words on the wire stand for.
func (w *world) meaning(words string) []*thing {
	things := w.known[words]
	if things == nil {
		panic(fmt.Sprintf("seed %d: nobody wrote %q", w.seed, words))
	}
	return things
}

// docOf reads a draft from the wire.
func (w *world) docOf(in wireDraft) *draftDoc {
	d := &draftDoc{group: in.Group, use: in.Use, story: in.Story}
	d.date, _ = spec.ParseDate(in.Date)
	for _, e := range in.Entreps {
		d.members = append(d.members, member{loanID: e.LoanID, client: e.ClientID, name: e.Name, amount: whole(e.Amount)})
	}
	for i, t := range w.meaning(d.words()) {
		d.members[i].thing = t
	}
	return d
}

func whole(n json.Number) int64 {
	f, err := n.Float64()
	if err != nil {
		panic(err)
	}
	return int64(f)
}

// takeRows takes an upload: the rows of loans that pay back, all but those with
// which it has a problem.
func (k *pa2) takeRows(m *machine, rows []wireRow) string {
	up := &upload{id: fmt.Sprint(len(k.uploads) + 1)}
	var problems []string
	for i, r := range rows {
		t := k.w.meaning((&rowDoc{loanID: r.LoanID, amount: whole(r.Amount)}).words())[0]
		m.sends(i, t)
		if problem := k.problem(i, r); problem != "" {
			problems = append(problems, problem)
			continue
		}
		k.take(t, whole(r.Amount), "from "+m.name)
		up.rows = append(up.rows, t)
	}
	k.uploads = append(k.uploads, up)
	return fmt.Sprintf(`{"code":"api.success","upload_id":"%s","problems":[%s]}`, up.id, strings.Join(problems, ","))
}

// problem is the reason for which Kiva doesn't take a row, in its own words; ""
// if it takes it.
func (k *pa2) problem(i int, r wireRow) string {
	loan := k.loan(r.LoanID)
	bad := loan == nil || loan.status != payingBack
	if !bad && (k.w.calm || !k.w.has[rowProblems] || k.w.chance("problem", r.LoanID, k.w.times("row", r.LoanID)) >= 25) {
		return ""
	}
	name, severity := r.LoanID, "error"
	if loan != nil {
		name = loan.id
	}
	if k.w.has[rowsByPlace] {
		name = fmt.Sprint("row ", i+1)
	}
	if k.w.has[oddProblems] {
		switch k.w.chance("severity", r.LoanID) % 3 {
		case 0:
			return fmt.Sprintf(`"%s could not be matched"`, name)
		case 1:
			severity = "blocker"
		}
	}
	return fmt.Sprintf(`{"loan_id":%q,"code":"no_match","details":"not taken","severity":%q}`, name, severity)
}
