package load

import (
	"fmt"
	"testing"

	"kivaform/spec"
	"kivaform/spec/field"
)

// TestFingerprint looks at what is kept of the fields of a resource: the same
// with and without a cache, and nothing of a draft whose photo is sent, too.
func TestFingerprint(t *testing.T) {
	dir := unpack(t, map[string]string{
		"kiva.yaml": benchSettings, "photo.jpg": smallPhoto(t),
		"a.yaml": benchDraft(1) + "image: photo.jpg\n---\n" + benchDraft(2),
		"b.yaml": "kind: Journal\nkey: visit\ninternal_loan_id: L-1\ninternal_client_id: \"1\"\nsubject: A\nbody: B\n",
	})
	kept := t.TempDir()
	of := func(a spec.Address, fields []spec.Field) string { return fmt.Sprint(a, fields) }
	for _, when := range []string{"without a cache", "cold", "warm"} {
		o := Options{Now: testNow, Fingerprint: of}
		if when != "without a cache" {
			o.CacheDir, o.Recall = kept, true
		}
		set, err := Workspace(t.Context(), dir, o)
		if err != nil || len(set.Drafts) != 2 || len(set.Journals) != 1 {
			t.Fatal(set, err)
		}
		if got := set.Drafts[0].Fingerprint; got != "" {
			t.Errorf("%s: of a draft with a photo: %s", when, got)
		}
		if d := set.Drafts[1]; d.Fingerprint != of(d.Address(), field.Values(d)) {
			t.Errorf("%s: of a draft: %s", when, d.Fingerprint)
		}
		if j := set.Journals[0]; j.Fingerprint != of(j.Address(), field.Values(j)) {
			t.Errorf("%s: of a journal: %s", when, j.Fingerprint)
		}
	}
	if d := loadWith(t, dir, "", testNow).Drafts[1]; d.Fingerprint != "" {
		t.Errorf("nobody asked for %s", d.Fingerprint)
	}
}
