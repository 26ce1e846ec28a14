// Package session opens a workspace for a command: its files, its environment, the
// store of its ledger, tokens, and Kiva. What commands of several groups say alike
// is here, too.
package session

import (
	"sync"

	"kivaform/apply"
	"kivaform/cmd/kivaform/internal/cli"
)

// An App is one run of the program: its console, and what all its parts share.
type App struct {
	cli.Console
	served string // the address of the sandbox that serves this workspace
	Cache  workspaceCache
	former sync.Once // warns of caches of earlier versions
	Events events

	InFlight apply.InFlight // told where the program ends before its requests do
}
