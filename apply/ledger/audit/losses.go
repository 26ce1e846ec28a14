package audit

import (
	"strings"

	"kivaform/apply/ledger"
)

func isMark(key string) bool {
	_, is := ledger.IsMark(key)
	return is
}

// findLosses finds what marks name and isn't there, unless a person gave it up.
func (v *verifier) findLosses(keys []string) {
	there := make(map[string]bool, len(keys)) // with the scope's prefix
	for _, key := range keys {
		there[strings.TrimSuffix(key, ledger.Suffix)] = isMark(key)
	}
	for _, s := range v.order {
		there[s.prefix+ledger.EntryOf(&s.attempt)] = s.intent
		there[s.key.Attempt] = true // of drafts, also where the intent is broken
	}
	for prefix, marks := range v.marks {
		lost := make(map[string]bool)
		for _, m := range marks {
			for _, entry := range m.Lost {
				lost[entry] = true
			}
		}
		for _, m := range marks {
			for _, entry := range m.Entries {
				if !there[prefix+entry] && !lost[entry] {
					v.loss(prefix, entry)
				}
			}
		}
	}
}

// loss tells of what a mark names and isn't there. A mark names of a batch also the
// run: another one's may have its number.
func (v *verifier) loss(prefix, entry string) {
	name, run, isBatch := strings.Cut(entry, " ")
	key := prefix + name + "." + ledger.IntentKey + ledger.Suffix
	if strings.HasPrefix(entry, "marks/") {
		key = prefix + name + ledger.Suffix
	}
	switch {
	case v.told[key]:
	case isBatch:
		v.found(key, meansBack, "of run %s is missing", run)
	default:
		v.found(key, meansBack, "is missing")
	}
}
