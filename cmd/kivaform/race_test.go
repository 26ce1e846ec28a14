//go:build race

package main

// buildFlags has the program look for races as the tests do.
var buildFlags = []string{"-race"}
