//go:build !linux

package cli

// UseHugePages does nothing: only Linux has to be asked.
func UseHugePages() {}
