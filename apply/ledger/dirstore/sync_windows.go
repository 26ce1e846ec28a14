package dirstore

// noFollow is nothing: a clone on Windows has links only where an administrator
// lets git make them.
const noFollow = 0

// onlyFolder is nothing: Windows has no pipes among its files.
const onlyFolder = 0

// syncDir does nothing: Windows can't flush a directory, and NTFS journals
// the names in it.
func syncDir(string) error { return nil }
