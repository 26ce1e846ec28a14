package main

import (
	"runtime/debug"
	"strings"
)

// version is set when a release is built.
var version = ""

func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "dev"
	}
	return strings.Trim(info.Main.Version, "()")
}

func userAgent() string { return "kivaform/" + programVersion() }
