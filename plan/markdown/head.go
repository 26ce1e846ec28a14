package markdown

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"kivaform/plan/view"
)

// head writes the title, the verdict and the summary, which fit the first screen.
func (m *page) head(s *sheet, size headSize) {
	s.add("<!-- kivaform plan ", markerWord(m.Environment), " ", markerWord(m.PartnerID), " -->\n")
	if size == headLeast {
		s.add("**", m.verdict(), "**\n\n", m.addressesInShort(), m.numbers(), "\n")
		return
	}
	s.add("## Plan for ", codeSpan(shortened(view.Harmless(m.Environment), size.name)))
	if m.PartnerID != "" {
		s.add(", partner ", codeSpan(shortened(view.Harmless(m.PartnerID), size.name)))
	}
	s.add(" (", m.Today, ")\n\n**", m.verdict(), "**\n\n")
	m.addresses(s, size)
	m.summaryTable(s, size)
	s.add("\n", m.origin(size), "\n")
}

// longestHost is a length within which the whole host of an address is seen.
const longestHost = 300

func (m *page) addresses(s *sheet, size headSize) {
	if len(m.Addresses) == 0 {
		return
	}
	s.add("**", view.AddressesTitle, ":**\n\n")
	for _, a := range m.Addresses {
		s.add("- ", codeSpan(a.Key), " ", codeSpan(shortened(view.Harmless(a.Value), max(size.name, longestHost))), "\n")
	}
	s.add("\n")
}

// addressesInShort has the ends of two hosts: a name is read from its end.
func (m *page) addressesInShort() string {
	const most, end = 2, 32
	var hosts []string
	for _, a := range m.Addresses {
		u, err := url.Parse(a.Value)
		if err != nil || u.Host == "" || slices.Contains(hosts, u.Host) {
			continue
		}
		hosts = append(hosts, u.Host)
	}
	var shown []string
	for _, host := range hosts[:min(len(hosts), most)] {
		if host = view.Harmless(host); len(host) > end {
			host = "…" + strings.ToValidUTF8(host[len(host)-end:], "")
		}
		shown = append(shown, codeSpan(host))
	}
	if more := len(hosts) - most; more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	switch {
	case len(m.Addresses) == 0:
		return ""
	case len(shown) == 0:
		return view.AddressesTitle + ".\n\n"
	}
	return view.AddressesTitle + ": " + strings.Join(shown, ", ") + "\n\n"
}

// verdict says the next step in a sentence.
func (m *page) verdict() string {
	switch {
	case len(m.Faults) > 0:
		return view.Count(len(m.Faults), "fault") + " must be mended before anything is sent."
	case m.Summary.Acts > 0 && m.SavedID != "":
		return "<code>kivaform apply PLAN</code> does this, once. What is sent can't be taken back."
	case m.Summary.Acts > 0:
		return "<code>kivaform apply</code> does this. What is sent can't be taken back."
	case m.Summary.NeedsPerson > 0:
		return "Nothing to send. Something needs a person: see below."
	}
	return "Nothing to do."
}

// numbers is the shortest summary.
func (m *page) numbers() string {
	parts := []string{view.Count(len(m.Faults), "fault"), view.Count(len(m.Warnings), "warning")}
	if n := m.Summary.NeedsPerson; n > 0 {
		parts = append(parts, fmt.Sprintf("%d for a person to decide", n))
	}
	parts = append(parts, fmt.Sprintf("%d to send", m.Summary.Sends))
	for _, t := range []struct {
		what string
		view.Tally
	}{{"loan draft", m.Summary.LoanDrafts}, {"journal", m.Summary.Journals}, {"repayment", m.Summary.Repayments}} {
		parts = append(parts, view.Count(t.Total, t.what))
	}
	return strings.Join(nonEmpty(parts), " · ")
}

func nonEmpty(list []string) []string {
	var some []string
	for _, s := range list {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

// summaryTable has money and counts.
func (m *page) summaryTable(s *sheet, size headSize) {
	var lines []view.SummaryLine
	add := func(label string, n int, what, more string) {
		if n > 0 {
			lines = append(lines, view.SummaryLine{Label: label, What: view.Count(n, what), More: more})
		}
	}
	add("faults", len(m.Faults), "fault", "to be mended before anything is sent")
	add("warnings", len(m.Warnings), "warning", "which stop nothing")
	lines = append(lines, m.SummaryLines()...)
	add("unchanged", m.LeftOut, "item", "which the saved plan doesn't hold")
	s.add("| | | |\n|---|---|---|\n")
	before := ""
	for _, l := range lines[:min(size.lines, len(lines))] {
		label := ""
		if l.Label != before {
			label = "**" + l.Label + "**"
		}
		before = l.Label
		s.add("| ", label, " | ", inlineText(cutList(l.What, size.cell)), " | ", inlineText(cutList(l.More, size.cell)), " |\n")
	}
	if more := len(lines) - size.lines; more > 0 {
		s.add("| | and ", view.Count(more, "more line"), " | |\n")
	}
}

// cutList shortens a list at its commas, so that no number is cut in two.
func cutList(s string, n int) string {
	parts := strings.Split(s, ", ")
	for i, part := range parts {
		if n -= len(part) + 2; n < 0 && i > 0 {
			return strings.Join(parts[:i], ", ") + fmt.Sprintf(", and %d more", len(parts)-i)
		}
	}
	if len(parts) == 1 {
		return shortened(s, n+len(s)+2)
	}
	return s
}

// origin names the plan's digest, commit and times, and says if it is masked.
func (m *page) origin(size headSize) string {
	const minute = "2006-01-02 15:04 UTC"
	parts := []string{"Digest " + codeSpan(shortened(view.Harmless(m.Digest), max(size.name, 64)))}
	if m.Commit != "" {
		parts = append(parts, "commit "+codeSpan(shortened(view.Harmless(m.Commit), max(size.name, 64))))
	}
	if !m.Created.IsZero() {
		parts = append(parts, "made "+m.Created.UTC().Format(minute))
	}
	if !m.Expires.IsZero() {
		parts = append(parts, "expires "+m.Expires.UTC().Format(minute))
	}
	if !m.Personal {
		parts = append(parts, "names and texts are masked: "+view.Mask)
	}
	return strings.Join(parts, " · ")
}

// markerWord is a name as the marker has it: short, and without what could end
// an HTML comment.
func markerWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r < 0x80 && wordAt(string(r), 0) || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
	word = strings.ReplaceAll(word[:min(len(word), 40)], "--", "-_")
	return cmp.Or(word, "-")
}
