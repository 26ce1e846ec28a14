package spec

import "strconv"

// ElementPath returns the path of element i of a list: schedule[2].
func ElementPath(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
