package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kivaform/kiva"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/spec"
)

func TestDrift(t *testing.T) {
	sent := func(values map[string]string, published bool, names ...string) plan.Held {
		return plan.Held{Address: spec.DraftAddress("L/1"), Values: values, Published: published, Names: names}
	}
	values := map[string]string{"entreps[0].amount": "1000", "entreps[1].amount": "500.50", "entreps[1].client_id": "884", "schedule[0].amount": "7", "currency": "KES", "location": "Nakuru: Kenya"}
	same := kiva.Loan{KivaID: "9", Status: kiva.PayingBack, LocalPrice: money.MustParse("1500.50"), Currency: "KES", Location: "Nakuru: Kenya", BorrowerCount: 2, Name: "MARY"}
	change := func(f func(*kiva.Loan)) *kiva.Loan {
		l := same
		f(&l)
		return &l
	}
	for _, tt := range []struct {
		name   string
		held   plan.Held
		loan   *kiva.Loan
		want   plan.DriftKind
		fields []plan.Difference
	}{
		{"as sent", sent(values, false, "Mary"), &same, plan.MovedOn, nil},
		{"not published", sent(values, false), nil, plan.DraftOnly, nil},
		{"gone", sent(values, true), nil, plan.Gone, nil},
		{"deleted", sent(values, true), change(func(l *kiva.Loan) { l.Status = kiva.Deleted }), plan.Gone, nil},
		{"expired before publishing", sent(values, false), change(func(l *kiva.Loan) { l.Status = kiva.InactiveExpired }), plan.Gone, nil},
		{"refunded is a way to go", sent(values, false), change(func(l *kiva.Loan) { l.Status = kiva.Refunded }), plan.MovedOn, nil},
		{"amount", sent(values, false), change(func(l *kiva.Loan) { l.LocalPrice = money.FromInt(1600) }), plan.Changed,
			[]plan.Difference{{Field: "amount", Ours: "1,500.50", Kivas: "1,600"}}},
		{"everything", sent(values, false, "Mary", "Mary Wanjiku"),
			change(func(l *kiva.Loan) { l.Currency, l.Location, l.BorrowerCount, l.Name = "UGX", "Gulu: Uganda", 3, "Ann" }), plan.Changed,
			[]plan.Difference{{Field: "currency", Ours: "KES", Kivas: "UGX"}, {Field: "location", Ours: "Nakuru: Kenya", Kivas: "Gulu: Uganda"},
				{Field: "borrowers", Ours: "2", Kivas: "3"}, {Field: "name", Ours: "Mary", Kivas: "Ann", Personal: true}}},
		{"the full name", sent(values, false, "Ann", "mary"), &same, plan.MovedOn, nil},
		{"nothing to compare", sent(nil, false, "Mary"), &kiva.Loan{Status: kiva.Ended}, plan.MovedOn, nil},
		{"adopted", sent(map[string]string{"loan_local_price": "1500.50", "currency": "KES"}, true), &same, plan.MovedOn, nil},
		{"adopted, then changed", sent(map[string]string{"loan_local_price": "1500"}, true), &same, plan.Changed,
			[]plan.Difference{{Field: "amount", Ours: "1,500", Kivas: "1,500.50"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loans := map[string]*kiva.Loan{}
			if tt.loan != nil {
				loans["L/1"] = tt.loan
			}
			got := plan.CompareHeld([]plan.Held{tt.held}, loans)[0]
			if got.Kind != tt.want {
				t.Errorf("%s, not %s", got.Kind, tt.want)
			}
			if got.Kind.NeedsPerson() != (tt.want == plan.Changed || tt.want == plan.Gone) {
				t.Error("wrong person")
			}
			if d := cmp.Diff(tt.fields, got.Differences); d != "" {
				t.Error(d)
			}
		})
	}
}
