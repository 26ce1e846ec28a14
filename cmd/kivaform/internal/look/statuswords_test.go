package look

import (
	"strings"
	"testing"

	"kivaform/kiva"
)

// Kiva may add statuses: one that a loan has is none that nobody knows.
func TestStatusThatALoanHas(t *testing.T) {
	items := []itemStatus{{Status: "sent", KivaStatus: "underReview"}}
	if err := (statusOptions{status: "underreview"}).checkStatus(items); err != nil {
		t.Error(err)
	}
	if err := (statusOptions{status: "underreview"}).checkStatus(nil); err == nil {
		t.Error("taken where no loan has it")
	}
	if err := (statusOptions{status: string(kiva.PayingBack)}).checkStatus(nil); err != nil {
		t.Error(err)
	}
}

// The statuses that the help explains are those that are taken.
func TestHelpExplainsEachStatus(t *testing.T) {
	for _, s := range OwnStatuses {
		if !strings.Contains(statusHelp, "  "+s+" ") {
			t.Errorf("%s isn't explained", s)
		}
	}
}
