package author

import "testing"

func TestPairs(t *testing.T) {
	got, err := parsePairs("--map", []string{"Loan No=loan_id", "a=b=amount"})
	if err != nil || got["Loan No"] != "loan_id" || got["a=b"] != "amount" {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range [][]string{{"loan_id"}, {"=loan_id"}, {"a=b", "a=c"}} {
		if _, err := parsePairs("--map", bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}
