package cli

import (
	"runtime/debug"
	"strings"
)

// version is set in release builds.
var version = ""

// ProgramVersion returns the version of the release or of the build.
func ProgramVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "dev"
	}
	return strings.Trim(info.Main.Version, "()")
}

// UserAgent names the program and its version in requests.
func UserAgent() string { return "kivaform/" + ProgramVersion() }
