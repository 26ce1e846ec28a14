//go:build !unix

package session

import "io/fs"

// isOwn is true: these systems' caches lie in the user's profile, which others
// can't write.
func isOwn(fs.FileInfo) bool { return true }

// NoFollow is nothing here: these systems have no such flag.
const NoFollow = 0
