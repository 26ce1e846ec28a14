package input

import (
	"os"
	"path"
	"strings"
)

// maxLinks bounds the symbolic links on the way to a file, as systems do.
const maxLinks = 40

// IsHidden reports whether a path below root, with slashes, leads to a hidden
// file or through a hidden folder, also by way of symbolic links. Such files
// hold what programs keep there (.git, .env, .ssh): secrets, and no data of a
// workspace.
func IsHidden(root *os.Root, name string) bool {
	found, rest := ".", strings.Split(path.Clean(name), "/")
	for links := 0; len(rest) > 0; {
		step := rest[0]
		rest = rest[1:]
		if strings.HasPrefix(step, ".") && step != "." && step != ".." {
			return true
		}
		found = path.Join(found, step)
		target, err := root.Readlink(found)
		if err != nil {
			continue // no link; opening says what else is wrong
		}
		if links++; links > maxLinks {
			return false
		}
		rest = append(strings.Split(path.Clean(target), "/"), rest...)
		found = path.Dir(found)
	}
	return false
}
