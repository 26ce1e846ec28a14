// Package counts is what the stand-in for Kiva tells about the requests it got.
package counts

import "time"

// Path is where the stand-in gives its [Counts]. POST begins to count anew,
// DELETE makes the stand-in forget all that it accepted as well.
const Path = "/counts"

// Counts are what came since the stand-in began to count.
type Counts struct {
	Connections int // that were opened
	Lists       int // requests for loans
	Writes      int // drafts and uploads
	Others      int // requests for tokens and configuration lists

	Accepted int // drafts and rows
	Doubled  int // of these, how many had been accepted before

	FirstWrite time.Time // when it came
	LastWrite  time.Time // when it was answered
}
