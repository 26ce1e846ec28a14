package decide

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

const maxFileName = 100 // bytes, of an id in a file's name

// fileName returns the name of a loan's file. An id may hold any character; two
// ids that differ in case alone get two names on every file system.
func fileName(loanID string) string {
	safe := func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.", c) >= 0
	}
	var b strings.Builder
	changed := strings.ToUpper(loanID) != loanID || strings.HasPrefix(loanID, ".")
	for i := range len(loanID) {
		if c := loanID[i]; safe(c) && !(i == 0 && c == '.') {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('_')
		changed = true
	}
	name := b.String()
	if !changed && len(name) <= maxFileName {
		return name + ".yaml"
	}
	sum := sha256.Sum256([]byte(loanID))
	return fmt.Sprintf("%s-%x.yaml", name[:min(len(name), maxFileName)], sum[:4])
}
