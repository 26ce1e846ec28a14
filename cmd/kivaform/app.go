package main

import (
	"sync"
)

// An app is one run of the program: its console, and what all its parts share.
type app struct {
	console
	served string // the address of the sandbox that serves this workspace
	cache  workspaceCache
	former sync.Once // warns of caches of earlier versions
	events events
}
