package main

import (
	"os"
	"path/filepath"
)

// A test that runs commands in this process and names no cache folder keeps
// nothing between runs, so that tests don't depend on each other. The go
// command, which some tests run, keeps its own.
func init() {
	if cache, err := os.UserCacheDir(); err == nil && os.Getenv("GOCACHE") == "" {
		os.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
	}
	os.Setenv("XDG_CACHE_HOME", os.DevNull)
}
