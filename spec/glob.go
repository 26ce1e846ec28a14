package spec

import (
	"path"
	"strings"
)

// matchGlob reports whether a pattern matches a slash-separated path. Each
// element matches as in [path.Match]; ** stands for any number of elements. The
// time is at most in proportion to the elements of the one times those of the
// other: if what follows the last ** doesn't match, only that ** takes one
// element more, because an earlier one could gain nothing by it.
func matchGlob(pattern, file string) bool {
	elements, names := strings.Split(pattern, "/"), strings.Split(file, "/")
	at, n := 0, 0              // in elements, in names
	afterStars, begin := -1, 0 // behind the last **, and where that began to match names
	for n < len(names) {
		switch {
		case at < len(elements) && elements[at] == "**":
			at++
			afterStars, begin = at, n
		case at < len(elements) && matchElement(elements[at], names[n]):
			at, n = at+1, n+1
		case afterStars >= 0:
			begin++
			at, n = afterStars, begin
		default:
			return false
		}
	}
	for at < len(elements) && elements[at] == "**" {
		at++
	}
	return at == len(elements)
}

func matchElement(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// validGlob reports whether every element of a pattern can be read.
func validGlob(pattern string) bool {
	for element := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(element, ""); err != nil {
			return false
		}
	}
	return true
}
