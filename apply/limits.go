package apply

import "runtime"

// pipelineLimits bound how many jobs are in each phase at once. Storing an intent or an outcome
// takes a while, and longer where the ledger is far away; so that the network
// isn't idle meanwhile, outcomes are stored beside the next requests, and a few
// intents ahead of them.
//
// What is stored ahead is unknown to everybody else should the machine stop,
// although it was never sent: it costs a person's look. So there are few.
type pipelineLimits struct {
	workers  int
	building slots // bodies are made, which keeps a processor busy
	open     slots // from before the intent until the answer
	sending  slots // under way to Kiva
}

func newPipelineLimits(parallelism int) pipelineLimits {
	workers, ahead := 1, 0
	if parallelism > 1 {
		ahead = max(1, parallelism/4)
		workers = 2*parallelism + ahead
	}
	return pipelineLimits{
		workers:  workers,
		building: make(slots, runtime.GOMAXPROCS(0)),
		open:     make(slots, parallelism+ahead),
		sending:  make(slots, parallelism),
	}
}

// slots bound how many do something at once.
type slots chan struct{}

func (s slots) take() { s <- struct{}{} }
func (s slots) give() { <-s }
