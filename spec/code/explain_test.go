package code

import (
	"maps"
	"strings"
	"testing"
)

func TestEveryCodeIsExplained(t *testing.T) {
	texts := 0
	for _, group := range []map[Code]explanation{explainedFiles, explainedValues, explainedSettings, explainedDrafts, explainedBatches} {
		texts += len(group)
		for c := range maps.Keys(group) {
			if rules[c].title == "" {
				t.Errorf("%s is explained and isn't a code", c)
			}
		}
	}
	all := Explanations()
	if texts != len(all) {
		t.Errorf("%d texts for %d codes", texts, len(all))
	}
	for _, e := range all {
		for _, text := range []string{e.Means, e.Why, e.Mend} {
			if !strings.HasSuffix(text, ".") || len(text) < 20 || len(text) > 400 {
				t.Errorf("%s: %q isn't a sentence or two", e.Code, text)
			}
		}
		if e.Wrong != "" && e.Right == "" {
			t.Errorf("%s shows what is wrong, and not what is right", e.Code)
		}
	}
}
