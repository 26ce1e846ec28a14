package plan_test

import (
	"testing"

	"kivaform/plan"
	"kivaform/spec"
)

// TestDigestOfKept makes a plan's digest from fingerprints that were kept with
// the drafts: it is the same, and it is made of them.
func TestDigestOfKept(t *testing.T) {
	p := newMoment().plan(t)
	want := p.Digest()
	var drafts []*spec.LoanDraft
	for item := range p.Items() {
		if d, ok := item.Resource.(*spec.LoanDraft); ok && item.Action.Acts() {
			d.Fingerprint = plan.Fingerprint(item.Address(), item.Resource.Fields())
			drafts = append(drafts, d)
		}
	}
	if got := p.Digest(); got != want || len(drafts) == 0 {
		t.Errorf("the digest of %d kept drafts is %s, not %s", len(drafts), got, want)
	}
	drafts[0].Fingerprint = "0123456789abcdef"
	if p.Digest() == want {
		t.Error("what was kept isn't used")
	}
}
