//go:build !linux

package cli

// UseHugePages does nothing: only Linux needs to be asked.
func UseHugePages() {}
