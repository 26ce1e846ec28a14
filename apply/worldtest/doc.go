// Package worldtest simulates the world in which kivaform runs, to prove that
// each thing is sent at most once without a person's word, that nothing sent is
// forgotten, and that nobody is left without a next step.
//
// One seed decides everything: what people write and mistype, what Kiva takes
// and answers, what ledgers lose, when machines stop. Time is simulated
// ([testing/synctest]). The real planner, sender, ledger and client run in it,
// over a model of Kiva at the level of HTTP and stores in memory.
//
// The model shares no assumption with the code that it tests. Its Kiva knows
// things, a loan that a borrower needs, a visit, a month's repayment of a loan,
// and not their ids: a loan that is sent under a second id is the same thing.
//
//	go test ./apply/worldtest                          a few seeds of everything that holds
//	go test ./apply/worldtest -world.seeds 2000        more of them
//	go test ./apply/worldtest -world.seed 77 -v        one, with the story that it tells
//	go test ./apply/worldtest -world.with 'list short' with a habit that doesn't hold yet
//
// What is simulated is listed as habits ([habits], in habit_test.go); a habit
// that the program doesn't stand up to yet is marked there, and a test shows the
// seed by which it fails. The mutations take one defence away each, and the
// simulation must find every one of them.
package worldtest
