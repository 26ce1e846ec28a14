package plan_test

import (
	"testing"

	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/field"
)

// The digest tells an address that only kiva.yaml vouches for; the environment's
// name stands for the others.
func TestDigestOfAddresses(t *testing.T) {
	p := newMoment().plan(t)
	seen := map[string]bool{p.Digest(): true}
	p.Addresses = []plan.Destination{{Key: "api_url", Value: "https://partner-api.k1.kiva.org"}}
	if !seen[p.Digest()] {
		t.Error("an address of the preset changes the digest")
	}
	for _, own := range []plan.Destination{{"api_url", "https://a.example", true}, {"api_url", "https://b.example", true}, {"token_url", "https://b.example", true}} {
		p.Addresses = []plan.Destination{own}
		if seen[p.Digest()] {
			t.Errorf("%v has the digest of another", own)
		}
		seen[p.Digest()] = true
	}
}

// What kiva.yaml sets besides addresses changes requests, too: the size to which
// photos are made, for one.
func TestDigestOfSettings(t *testing.T) {
	p := newMoment().plan(t)
	seen := map[string]bool{p.Digest(): true}
	for _, s := range []plan.Setting{{"photos.max_pixels", "1"}, {"photos.max_pixels", "2"}, {"photos.max_bytes", "1"}} {
		p.Settings = []plan.Setting{s}
		if seen[p.Digest()] {
			t.Errorf("%v has the digest of another", s)
		}
		seen[p.Digest()] = true
	}
}

// Two contents with the same digest can be looked for without the program, as
// its key is public: 64 bits are found within hours.
func TestDigestIsTooLongForCollisions(t *testing.T) {
	p := newMoment().plan(t)
	item := p.Drafts[0]
	if n := len(p.Digest()); n != 32 {
		t.Errorf("a plan's digest has %d digits", n)
	}
	if n := len(plan.Fingerprint(item.Address(), field.Values(item.Resource))); n != 32 {
		t.Errorf("an item's has %d digits", n)
	}
}

// TestDigestOfKept makes a plan's digest from fingerprints that were kept with
// the drafts: it is the same, and it is made of them.
func TestDigestOfKept(t *testing.T) {
	p := newMoment().plan(t)
	want := p.Digest()
	var drafts []*spec.LoanDraft
	for item := range p.Items() {
		if d, ok := item.Resource.(*spec.LoanDraft); ok && item.Action.Acts() {
			d.Fingerprint = plan.Fingerprint(item.Address(), field.Values(item.Resource))
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
