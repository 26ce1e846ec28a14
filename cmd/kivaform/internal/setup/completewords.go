package setup

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kivaform/apply/followup"
	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/catalog"
	"kivaform/spec/load"
)

// environmentNames lists Kiva's environments and those of kiva.yaml.
func (a *Completer) environmentNames(ctx context.Context, _ string, _ []string) []cobra.Completion {
	set, err := load.Settings(ctx, a.Dir, load.Options{})
	if err != nil {
		set = &spec.Set{}
	}
	var names []cobra.Completion
	for _, name := range session.Environments(set) {
		e, _ := session.LookUp(set, name)
		names = append(names, cobra.CompletionWithDesc(name, e.APIURL))
	}
	return names
}

// explainWords lists the arguments of explain.
func (a *Completer) explainWords(context.Context, string, []string) []cobra.Completion {
	return a.words.Explained()
}

// catalogWords lists the lists of catalog.yaml, and the names in the given one, or
// in all.
func (a *Completer) catalogWords(ctx context.Context, _ string, given []string) []cobra.Completion {
	set, err := load.Settings(ctx, a.Dir, load.Options{})
	if err != nil || set.Catalog == nil {
		return nil
	}
	var all []cobra.Completion
	list := ""
	if len(given) > 0 && slices.Contains(catalog.Lists, given[0]) {
		list = given[0]
	} else if len(given) == 0 {
		all = append(all, catalog.Lists...)
	}
	for _, e := range catalog.Search(set.Catalog, list, "") {
		all = append(all, cobra.CompletionWithDesc(e.Name, e.List))
	}
	return all
}

// completeSet completes convert --set: a field, then one of its names in the
// catalogue.
func (a *Completer) completeSet(cmd *cobra.Command, given []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	field, _, valued := strings.Cut(begun, "=")
	if !valued {
		fields, directive := complete(fixedWords("activity=", "theme=", "description_language=", "currency=", "location=", "key=", "period="))(cmd, given, begun)
		return fields, directive | cobra.ShellCompDirectiveNoSpace
	}
	return complete(func(ctx context.Context, _ string, _ []string) []cobra.Completion {
		set, err := load.Settings(ctx, a.Dir, load.Options{})
		if err != nil || set.Catalog == nil {
			return nil
		}
		var all []cobra.Completion
		for _, name := range slices.Sorted(maps.Keys(catalogNames(set.Catalog, field))) {
			all = append(all, field+"="+name)
		}
		return all
	})(cmd, given, begun)
}

// catalogNames returns the names in catalog.yaml for a field of a loan draft.
func catalogNames(c *spec.Catalog, field string) map[string]bool {
	names := map[string]bool{}
	refs := map[string][]spec.Ref{"activity": c.Activities, "theme": c.Themes}
	for _, r := range refs[field] {
		names[r.Name] = true
	}
	for _, l := range c.Locales {
		names[map[string]string{"currency": l.Currency, "description_language": l.LanguageName}[field]] = true
	}
	for _, l := range c.Locations {
		names[map[string]string{"location": l.FullName}[field]] = true
	}
	delete(names, "")
	return names
}

// localLedger returns the workspace's ledger if it can be read without a request:
// kiva.yaml names the partner, and the store is a folder. Otherwise it returns nil.
func localLedger(w *session.Workspace) *ledger.Ledger {
	store := w.LedgerPlace()
	if w.Set.Settings.PartnerID == "" || strings.HasPrefix(store, "git:") || strings.Contains(store, "://") {
		return nil
	}
	l, err := w.OpenLedger()
	if err != nil {
		return nil
	}
	return l
}

// fromLedger returns the addresses that pick selects from each attempt, sorted,
// each once.
func (a *Completer) fromLedger(ctx context.Context, pick func(*ledger.Attempt) []string) []cobra.Completion {
	w, err := a.OpenSettings(ctx)
	if err != nil {
		return nil
	}
	defer w.Close()
	found := map[string]bool{}
	if l := localLedger(w); l != nil {
		for attempt, err := range l.Attempts(ctx) {
			if err != nil || ctx.Err() != nil {
				break
			}
			for _, address := range pick(attempt) {
				found[address] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// undecided lists the attempts without a known answer.
func (a *Completer) undecided(ctx context.Context, _ string, _ []string) []cobra.Completion {
	return a.fromLedger(ctx, func(attempt *ledger.Attempt) []string {
		if !attempt.IsOpen() {
			return nil
		}
		return []string{string(attempt.Address())}
	})
}

// unfinished lists the batches that people have yet to finish.
func (a *Completer) unfinished(ctx context.Context, _ string, _ []string) []cobra.Completion {
	return a.fromLedger(ctx, func(attempt *ledger.Attempt) []string {
		stream := attempt.Intent.Stream
		switch {
		case !followup.LeftToPeople(attempt):
		case stream.Kind() == "journals":
			return []string{string(attempt.Address())}
		case stream.Kind() == "repayments":
			return []string{string(stream)}
		}
		return nil
	})
}

// finalised lists the reports that were finalised, as a person said.
func (a *Completer) finalised(ctx context.Context, _ string, _ []string) []cobra.Completion {
	return a.fromLedger(ctx, func(attempt *ledger.Attempt) []string {
		if attempt.Done && attempt.Period() != "" {
			return []string{string(attempt.Intent.Stream)}
		}
		return nil
	})
}

// sent lists the addresses in the ledger. It includes the many repayments only if
// the begun word is one.
func (a *Completer) sent(ctx context.Context, begun string, _ []string) []cobra.Completion {
	rows := strings.HasPrefix(begun, "repayment/")
	return a.fromLedger(ctx, func(attempt *ledger.Attempt) []string {
		all := []string{string(attempt.Intent.Stream)}
		for e := range attempt.Entries() {
			if e.Row == nil || rows {
				all = append(all, string(e.Address))
			}
		}
		return all
	})
}

// addresses lists the addresses in the files.
func (a *Completer) addresses(ctx context.Context, begun string, _ []string) []cobra.Completion {
	w, err := a.openQuietly(ctx)
	if err != nil {
		return nil
	}
	defer w.Close()
	all := map[string]bool{}
	for _, r := range sendableResources(w.Set) {
		all[string(r.Address())] = true
	}
	for _, r := range w.Set.Reports {
		all["repayment/"+r.Period] = true
		for _, row := range r.Rows {
			if strings.HasPrefix(begun, "repayment/") {
				all[string(plan.RowAddress(r.Period, row.LoanID))] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// openQuietly reads the workspace without printing progress. It may exceed
// completionTime: without the files there would be no words.
func (a *Completer) openQuietly(ctx context.Context) (*session.Workspace, error) {
	a.Cache.Quiet = true
	set, err := load.Workspace(context.WithoutCancel(ctx), a.Dir, load.Options{Environment: a.Environment, CacheDir: a.FilesCache()})
	if err != nil {
		return nil, err
	}
	return a.Workspace(set)
}

func sendableResources(set *spec.Set) []spec.Resource {
	var all []spec.Resource
	for _, d := range set.Drafts {
		all = append(all, d)
	}
	for _, j := range set.Journals {
		all = append(all, j)
	}
	return all
}

// readPast reads the files and their past in the ledger, nil without one.
func (a *Completer) readPast(ctx context.Context) (*spec.Set, plan.Past) {
	w, err := a.openQuietly(ctx)
	if err != nil {
		return nil, nil
	}
	defer w.Close()
	l := localLedger(w)
	if l == nil {
		return nil, nil
	}
	past, err := l.Load(ctx)
	if err != nil {
		return nil, nil
	}
	return w.Set, past
}

// resendable lists the loan drafts and journals that were sent.
func (a *Completer) resendable(ctx context.Context, _ string, _ []string) []cobra.Completion {
	set, past := a.readPast(ctx)
	if past == nil {
		return nil
	}
	var all []cobra.Completion
	for _, r := range sendableResources(set) {
		if past.Last(r.Address()) != nil {
			all = append(all, string(r.Address()))
		}
	}
	return all
}

// edited lists the items that were changed after they were sent.
func (a *Completer) edited(ctx context.Context, _ string, _ []string) []cobra.Completion {
	set, past := a.readPast(ctx)
	if past == nil {
		return nil
	}
	var all []cobra.Completion
	for _, r := range sendableResources(set) {
		last := past.Last(r.Address())
		if last != nil && last.Outcome.AtKiva() && last.Fingerprint != plan.NoFingerprint && !past.MatchesItem(last.Fingerprint, r.Address(), r) {
			all = append(all, string(r.Address()))
		}
	}
	for _, r := range set.Reports {
		rows := past.Rows(r.Period)
		for i := range r.Rows {
			if last := rows[r.Rows[i].LoanID]; last != nil && last.Outcome.AtKiva() && !last.Same(&r.Rows[i]) {
				all = append(all, string(plan.RowAddress(r.Period, r.Rows[i].LoanID)))
			}
		}
	}
	return all
}
