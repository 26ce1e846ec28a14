package worldtest

// A habit is something that happens in the world. Each seed has some of them.
type habit string

// The habits.
const (
	storeLoses    habit = "store loses answers"
	machinesStop  habit = "machines stop"
	machinesPause habit = "machines pause"
	oldClones     habit = "clones of the files are old"
	edits         habit = "documents change after they were sent"
	filesGo       habit = "documents disappear and come back"
	rowProblems   habit = "rows have problems"
	late503       habit = "503 after acceptance"
	late403       habit = "403 after acceptance"
	late429       habit = "429 after acceptance"
	kivaSpells    habit = "kiva spells ids its own way"
	rowsByPlace   habit = "problems name rows by place"
	oddProblems   habit = "problems of unknown shape"
	emptyPages    habit = "list with an empty page"
	repeatedPages habit = "list with a repeated page"
	countsOnly    habit = "list with a count alone"
	badSearch     habit = "search misses"
	listLate      habit = "list late"
	byHand        habit = "a loan typed in pa2"
	relists       habit = "relist"
	retypes       habit = "ids typed in another way"
	renames       habit = "renumber"
	keysChange    habit = "journal keys renamed"
	monthsMove    habit = "rows move between months"
	groupsChange  habit = "groups split and join"
	lateRows      habit = "rows added to a finalised month"
	deletions     habit = "drafts deleted in pa2 and sent again"
	wrongWords    habit = "people decide wrongly and correct it"
	goesBack      habit = "the ledger goes back"
	forks         habit = "the ledger is forked and merged"
	clocksJump    habit = "clocks jump"
	modeUnset     habit = "repayment_amounts is not set"
	branches      habit = "an old branch is restored"
	sleepsOver    habit = "a run sleeps while ids change"
)

// A habitInfo says whether the program stands up to a habit.
type habitInfo struct {
	habit habit
	held  bool
	seed  uint64 // of one that isn't: it fails
	needs habit  // that has to come with it to do any harm; "" for none
}

// habits are all, in the order in which a seed chooses among them.
var habits = []habitInfo{
	{habit: storeLoses, held: true},
	{habit: machinesStop, held: true},
	{habit: machinesPause, held: true},
	{habit: oldClones, held: true},
	{habit: edits, held: true},
	{habit: filesGo, held: true},
	{habit: rowProblems, held: true},
	{habit: late503, held: true},
	{habit: late403, seed: 2},
	{habit: late429, seed: 25},
	{habit: kivaSpells, seed: 2},
	{habit: rowsByPlace, held: true, needs: rowProblems},
	{habit: oddProblems, held: true, needs: rowProblems},
	{habit: emptyPages, held: true, needs: byHand},
	{habit: repeatedPages, held: true, needs: byHand},
	{habit: countsOnly, held: true, needs: byHand},
	{habit: badSearch, held: true, needs: byHand},
	{habit: listLate, held: true},
	{habit: byHand, held: true},
	{habit: relists, seed: 18},
	{habit: retypes, held: true},
	{habit: renames, held: true},
	{habit: keysChange, held: true},
	{habit: monthsMove, seed: 51},
	{habit: groupsChange, seed: 18},
	{habit: lateRows, seed: 13},
	{habit: deletions, held: true},
	{habit: wrongWords, held: true},
	{habit: goesBack, held: true},
	{habit: forks, seed: 5},
	{habit: clocksJump, held: true},
	{habit: modeUnset, seed: 7},
	{habit: branches, held: true},
	{habit: sleepsOver, needs: retypes, seed: 18},
}

func allHabits() []habit {
	var all []habit
	for _, h := range habits {
		all = append(all, h.habit)
	}
	return all
}

// heldHabits are those that the program stands up to.
func heldHabits() []habit {
	var held []habit
	for _, h := range habits {
		if h.held {
			held = append(held, h.habit)
		}
	}
	return held
}
