package send

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/hint"
	"kivaform/plan"
	"kivaform/spec"
	"kivaform/spec/catalog"
)

const fewChanges = 3

// warnOfStaleCatalog compares catalog.yaml with Kiva where a plan sends loan
// drafts: nothing else uses it. That Kiva's lists can't be read stops no plan.
func warnOfStaleCatalog(ctx context.Context, s *session.Session, p *plan.Plan) {
	sends := slices.ContainsFunc(p.Drafts, func(i plan.Item) bool { return i.Action.Sends() })
	if !sends || s.Set.Catalog == nil {
		return
	}
	now, err := catalog.Pull(ctx, s.Client, time.Now())
	if err != nil {
		fmt.Fprintf(s.App.Err, "warning: %s could not be compared with Kiva: %s\n", session.CatalogFile(s.Set), hint.Text(err))
		return
	}
	changes := catalog.Compare(s.Set.Catalog, now)
	if len(changes) == 0 {
		return
	}
	var words []string
	for _, c := range changes[:min(fewChanges, len(changes))] {
		words = append(words, fmt.Sprintf("%s: %s", c.List(), spec.Harmless(c.String())))
	}
	if more := len(changes) - fewChanges; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	fmt.Fprintf(s.App.Err, "warning: %s is stale: %s; hint: kivaform catalog pull\n", session.CatalogFile(s.Set), strings.Join(words, "; "))
}
