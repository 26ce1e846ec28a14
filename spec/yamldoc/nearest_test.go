package yamldoc

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"loanuse", "location", "loan_id", "amount", "image", "image_url"}
	for given, want := range map[string]string{
		"loan_use": "loanuse", "Location": "location", "locatoin": "location", "id": "", "imgae": "image",
		"amounts": "amount", "imageurl": "image_url", "interest": "", "": "",
	} {
		if got := Nearest(given, words); got != want {
			t.Errorf("%q is nearest to %q, want %q", given, got, want)
		}
	}
}
