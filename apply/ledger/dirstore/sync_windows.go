package dirstore

// noFollow is zero: a clone on Windows has links only if an administrator lets
// git create them.
const noFollow = 0

// onlyFolder is zero: Windows has no pipes among its files.
const onlyFolder = 0

// syncDir does nothing: Windows can't flush a directory, and NTFS journals
// the names in it.
func syncDir(string) error { return nil }
