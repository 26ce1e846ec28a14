package format

import (
	"slices"
	"strings"
)

// An order says in which order the keys of a mapping stand, and those inside of
// it. A key that it doesn't name comes after the others.
type order struct {
	keys   []string
	inside map[string]*order // by key; "*" is any other
}

func keys(names string) *order { return &order{keys: strings.Fields(names)} }

func (o *order) with(key string, inside *order) *order {
	if o.inside == nil {
		o.inside = map[string]*order{}
	}
	o.inside[key] = inside
	return o
}

func (o *order) at(key string) *order {
	if o == nil {
		return nil
	}
	if inside := o.inside[key]; inside != nil {
		return inside
	}
	return o.inside["*"]
}

func (o *order) rank(key string) int {
	if i := slices.Index(o.keys, key); i >= 0 {
		return i
	}
	return len(o.keys)
}

// The orders are those in which the documentation shows the fields.
var (
	loanDraft = keys(`kind group_name internal_loan_id internal_client_id entreps not_pictured
		activity activity_id location currency theme theme_type_id description_language description_language_id
		client_waiver_signed loanuse description disburse_time image image_encoded image_url schedule`).
		with("entreps", keys("loan_id client_id first_name last_name gender amount")).
		with("schedule", keys("date principal interest"))

	journal = keys("kind key internal_loan_id internal_client_id subject body image_url")

	repaymentReport = keys("kind period csv expect repayments").
			with("expect", keys("rows total")).
			with("repayments", keys("loan_id client_id amount"))

	settings = keys(`version partner_id environment csv_format repayment_amounts journal_statuses
		environments ledger limits photos ignore defaults`).
		with("environments", new(order).with("*", keys(`token_url audience api_url issuer resource scopes jwks_uri
			introspection_url public_url journals_path journals_body connect_timeout answer_timeout ledger today`))).
		with("limits", keys("drafts journals repayments amount")).
		with("photos", keys("max_pixels max_bytes")).
		with("defaults", keys("loan_draft").with("loan_draft", loanDraft))

	catalog = keys("as_of activities themes locales locations").
		with("activities", keys("activity_id activity")).
		with("themes", keys("theme_type_id theme_type")).
		with("locales", keys("currency language_code language_name language_id")).
		with("locations", keys("country location full_name"))
)

// orderOf tells by its keys what a document is.
func orderOf(root *node) *order {
	if kind := root.get("kind"); kind != nil {
		return map[string]*order{"LoanDraft": loanDraft, "Journal": journal, "RepaymentReport": repaymentReport}[kind.name()]
	}
	for _, key := range catalog.keys {
		if root.get(key) != nil {
			return catalog
		}
	}
	return settings
}

func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key.name() == key {
			return e.value
		}
	}
	return nil
}

// name returns a key or a kind as it is compared.
func (n *node) name() string {
	if len(n.lines) != 1 {
		return ""
	}
	return strings.Trim(n.lines[0], `"`)
}

// arrange puts the keys of all documents in order. A document with anchors keeps
// its own, because an anchor must stand above what refers to it.
func (f *file) arrange() {
	for _, d := range f.documents {
		if d.root == nil {
			continue
		}
		var o *order
		if !d.anchored {
			o = orderOf(d.root)
		}
		d.root.arrange(o)
	}
}

func (n *node) arrange(o *order) {
	for _, e := range n.entries {
		if e.key == nil {
			e.value.arrange(o)
			e.hoist()
		} else {
			e.value.arrange(o.at(e.key.name()))
		}
	}
	if o != nil && n.kind == mapping {
		slices.SortStableFunc(n.entries, func(a, b *entry) int {
			return o.rank(a.key.name()) - o.rank(b.key.name())
		})
	}
}

// hoist moves the comment above the first key of a list's element above the
// element: behind the dash, there is no room for it.
func (e *entry) hoist() {
	if len(e.value.entries) == 0 {
		return
	}
	first := e.value.entries[0]
	if len(first.head) > 0 {
		first.head[0].blank = e.blank
		e.head, first.head = append(e.head, first.head...), nil
		e.blank = first.blank
	}
	first.blank = false
}
