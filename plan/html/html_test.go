package html

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"hash/crc32"
	"html"
	"image"
	"image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"kivaform/kiva/hint"
	"kivaform/kiva/money"
	"kivaform/plan"
	"kivaform/plan/message"
	"kivaform/plan/view"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// pageMeta is what goes with a plan in tests of the page.
func pageMeta() view.Meta {
	warn := func(code string, args spec.Args, line int32, path, message, hint string, a plan.Address) *spec.Fault {
		return &spec.Fault{
			Code: code, Args: args, Severity: spec.Warning, Pos: spec.Pos{File: "loans/2026-11/nakuru.yaml", Line: line, Column: 1},
			Path: path, Message: message, Remedy: hint, Address: a,
		}
	}
	return view.Meta{
		Program: "1.2.3", Digest: "0123456789abcdef", Commit: "4b9a56f", SavedID: "7f3a",
		Created: time.Unix(1_795_000_000, 0), Expires: time.Unix(1_795_259_200, 0), LeftOut: 2,
		Warnings: []*spec.Fault{
			warn("KF057", nil, 14, "image", "there is no photo", "name its file, or let a person add it in PA2", "loan_draft/L-1042"),
			warn("KF051", spec.NewArgs("fields", "activity, entreps[0].first_name"), 14, "", "PA2 needs more to publish: activity, entreps[0].first_name", "write it here, or let a person fill it in there", "loan_draft/L-1042"),
			warn("KF053", spec.NewArgs("principal", "40000", "amount", "50000"), 30, "schedule", "its principal is 40,000, the loan's amount 50,000", "", "loan_draft/L-1043"),
		},
	}
}

func pageOf(t testing.TB, v *view.View, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, v, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWrite holds the page of some plans against testdata, without the style and
// the script.
func TestWrite(t *testing.T) {
	for _, tt := range []struct {
		name     string
		plan     *plan.Plan
		personal bool
		o        Options
	}{
		{"every-action", viewtest.Everything(), true, Options{}},
		{"every-action-masked-es", viewtest.Everything(), false, Options{Lang: "es", Full: true}},
		{"hostile-fr", viewtest.HostileTexts(), true, Options{Lang: "fr"}},
		{"empty", viewtest.NewPlan(), false, Options{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := withoutOwn(pageOf(t, view.New(tt.plan, pageMeta(), tt.personal), tt.o))
			viewtest.Golden(t, *update, tt.name+".html", got)
		})
	}
}

var ownParts = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|sha256-(?:[A-Za-z0-9/=]|&#43;)+`)

func withoutOwn(page string) string { return ownParts.ReplaceAllString(page, "$1$3…$2$4") }

// textIn returns what a page says, with single spaces.
func textIn(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(withoutOwn(page), " "))), " ")
}

var tag = regexp.MustCompile(`<[^>]*>`)

func TestPageRefusesALanguage(t *testing.T) {
	err := Write(io.Discard, view.New(viewtest.NewPlan(), view.Meta{}, false), Options{Lang: "de"})
	if err == nil || !strings.Contains(hint.Text(err), "hint: it can be en, es, fr") {
		t.Errorf("error %v", err)
	}
}

func TestPageReturnsTheWritersError(t *testing.T) {
	r, w := io.Pipe()
	broken := errors.New("broken")
	r.CloseWithError(broken)
	for _, p := range []*plan.Plan{viewtest.NewPlan(), viewtest.ManyDrafts(100), viewtest.ManyRows(1_000)} {
		if err := Write(w, view.New(p, view.Meta{}, true), Options{}); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	}
}

// Nothing is sent that a person can't see on the page.
func TestPageShowsEveryField(t *testing.T) {
	draft, group, journal := viewtest.MilkDraft("L-1042"), viewtest.GroupDraft(), viewtest.Visit("L-0801")
	group.ImageURL, journal.ImageURL = "https://example.org/hens.jpg", "https://example.org/shed.jpg"
	group.Entreps[1].Gender = "unknown"
	lang := languages[0]
	for _, r := range []spec.Resource{draft, group, journal} {
		p := viewtest.NewPlan()
		p.Drafts = []plan.Item{{Action: plan.Submit, Resource: r}}
		if _, ok := r.(*spec.Journal); ok {
			p.Drafts, p.Journals = nil, p.Drafts
		}
		v := view.New(p, view.Meta{}, true)
		got := textIn(pageOf(t, v, Options{}))
		for item := range v.Items(true) {
			for _, f := range item.Fields {
				for _, want := range harmlessLines(shownOnPage(lang, f)) {
					if want = strings.Join(strings.Fields(want), " "); !strings.Contains(got, want) {
						t.Errorf("%s: %s isn't shown: %q", r.Address(), f.Path, want)
					}
				}
			}
		}
	}
}

// shownOnPage returns what of a field must be seen.
func shownOnPage(l *language, f view.Field) string {
	switch {
	case strings.HasPrefix(f.Path, "schedule") && f.Type == "date":
		return l.day(f.Value)
	case strings.HasPrefix(f.Path, "not_pictured"):
		return map[string]string{"true": "32,500.50 No", "false": "50,000 Yes"}[f.Value]
	case f.Type == "text" && !strings.HasSuffix(f.Path, ".gender"):
		return f.Value
	}
	return l.value(f)
}

func TestPageMasksPersonalFields(t *testing.T) {
	const secret = "unmistakable"
	d, j := viewtest.GroupDraft(), viewtest.Visit("L-0801")
	for i := range d.Entreps {
		e := &d.Entreps[i]
		e.FirstName, e.LastName, e.Gender = secret, secret, secret
	}
	d.GroupName, d.Description, d.LoanUse, d.ImageURL = secret, secret+"\n"+secret, secret, secret
	j.Subject, j.Body, j.ImageURL = secret, secret, secret
	p := viewtest.NewPlan()
	p.Drafts = []plan.Item{
		{Action: plan.Submit, Resource: d},
		{Action: plan.Submit, Resource: viewtest.MilkDraft("L-1")},
		{Action: plan.Edited, Resource: d, Changes: []plan.Change{{Path: "loanuse", Personal: true, New: secret, Was: true, Is: true}}},
	}
	p.Journals = []plan.Item{{Action: plan.Submit, Resource: j}}
	asked := func(*spec.Image) ([]byte, error) { t.Error("a photo is read"); return nil, nil }
	masked := pageOf(t, view.New(p, pageMeta(), false), Options{Full: true, Photo: asked})
	if strings.Contains(masked, secret) || strings.Contains(masked, "Wanjiku") {
		t.Error("a personal field is shown")
	}
	for _, want := range []string{"Personal data is masked.", "•••••• masked", "changed: •••••• masked"} {
		if !strings.Contains(textIn(masked), want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	shown := textIn(pageOf(t, view.New(p, pageMeta(), true), Options{Full: true}))
	if strings.Contains(shown, view.Mask) || !strings.Contains(shown, "This page shows personal data. ") {
		t.Error("the page doesn't say that it shows personal data")
	}
	if n := strings.Count(shown, secret); n < 15 {
		t.Errorf("only %d of the texts are shown", n)
	}
}

// Each item has one card, each row one line, however many there are.
func TestPageHasEachItemOnce(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"everything": viewtest.Everything(), "alike": viewtest.ManyAlike(), "drafts": viewtest.ManyDrafts(cardsAtOnce + 1), "rows": viewtest.ManyRows(2*rowsAtOnce + 5), "exact": viewtest.ManyDrafts(cardsAtOnce)} {
		for _, full := range []bool{false, true} {
			got := pageOf(t, view.New(p, view.Meta{}, false), Options{Full: full})
			cards, rows := 0, 0
			for item := range p.Items() {
				if full || item.Action != plan.Unchanged {
					cards++
				}
			}
			for _, r := range p.Reports {
				for _, row := range r.Rows {
					if full || row.Action != plan.Unchanged {
						rows++
					}
				}
			}
			if n, m := strings.Count(got, "<article "), strings.Count(got, "<tr data-a="); n != cards || m != rows {
				t.Errorf("%s, full %v: %d cards of %d, %d rows of %d", name, full, n, cards, m, rows)
			}
			if strings.Count(got, "<noscript") != strings.Count(got, "</noscript>") {
				t.Errorf("%s: what follows isn't closed", name)
			}
		}
	}
}

// A photo that fails doesn't fail the page.
func TestPhotos(t *testing.T) {
	big := pngOf(t, 900, 450)
	for name, tt := range map[string]struct {
		data []byte
		err  error
		want string
	}{
		"large":      {big, nil, `<img src="data:image/jpeg;base64,`},
		"no picture": {[]byte("<svg onload=alert(1)>"), nil, "The photo can’t be shown."},
		"truncated":  {big[:200], nil, "The photo can’t be shown."},
		"gone":       {nil, os.ErrNotExist, "The photo can’t be shown."},
	} {
		p := viewtest.NewPlan()
		p.Drafts = []plan.Item{{Action: plan.Submit, Resource: viewtest.MilkDraft("L-1")}}
		got := pageOf(t, view.New(p, view.Meta{}, true), Options{Photo: func(*spec.Image) ([]byte, error) { return tt.data, tt.err }})
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %s", name, tt.want)
		}
		if tt.err == nil && name == "large" && !strings.Contains(got, `width="320" height="160"`) {
			t.Error("the photo isn't small")
		}
	}
}

// A picture that says it is enormous isn't decoded.
func TestEnormousPhoto(t *testing.T) {
	data := pngOf(t, 1, 1)
	const header = 12 // where the first chunk begins; its checksum follows 17 bytes on
	copy(data[header+4:], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	binary.BigEndian.PutUint32(data[header+17:], crc32.ChecksumIEEE(data[header:header+17]))
	if _, err := newThumbnail(data); err == nil || !strings.Contains(err.Error(), "65536 × 65536 pixels") {
		t.Errorf("error %v", err)
	}
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestInlinePhotoIsShown(t *testing.T) {
	for _, prefix := range []string{"", "data:image/png;base64,"} {
		d := viewtest.GroupDraft()
		d.ImageEncoded = prefix + base64.StdEncoding.EncodeToString(pngOf(t, 10, 20))
		p := viewtest.NewPlan()
		p.Drafts = []plan.Item{{Action: plan.Submit, Resource: d}}
		got := pageOf(t, view.New(p, view.Meta{}, true), Options{Photo: func(*spec.Image) ([]byte, error) { return nil, os.ErrNotExist }})
		if !strings.Contains(got, `width="10" height="20"`) {
			t.Errorf("%q: no photo", prefix)
		}
	}
}

// onlyTags is all that may look like a tag on the page: what people typed makes
// none.
var onlyTags = regexp.MustCompile(`^(<!doctype html>|</?(html|head|meta|title|style|body|a|header|p|strong|h1|h2|h3|h4|code|nav|ul|li|span|main|section|div|label|input|select|option|button|details|summary|article|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|th|td|del|ins|bdi|svg|path|rect|figure|figcaption|noscript|footer|script)( [a-zA-Z-]+(="[^"<>]*")?)*/?>)$`)

// active is what no tag has: scripts of its own, a style, something to load, a
// link to elsewhere.
var active = regexp.MustCompile(`\s(on\w+|src|style)=""|href="[^#"]`)

var quoted = regexp.MustCompile(`"[^"]*"`)

// FuzzHTML puts a text into every place where somebody outside can put one.
func FuzzWrite(f *testing.F) {
	for _, s := range append(hostilePages, "", "L-1042", viewtest.Hostile, strings.Repeat("王", 200)) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := withoutOwn(pageOf(t, view.New(viewtest.PlanWith(s), metaWith(s), true), Options{Lang: "fr", Full: true}))
		for _, tag := range tag.FindAllString(got, -1) {
			if !onlyTags.MatchString(tag) || active.MatchString(quoted.ReplaceAllString(tag, `""`)) || active.MatchString(tag) {
				t.Fatalf("%q makes %q", s, tag)
			}
		}
		if n := strings.Count(got, "<article "); n != 2 {
			t.Errorf("%d cards", n)
		}
		for _, r := range html.UnescapeString(got) {
			if r != '\n' && viewtest.IsHarmful(r) {
				t.Errorf("%U is on the page", r)
			}
		}
	})
}

// metaWith has a text wherever the files' faults and the program can put one.
func metaWith(s string) view.Meta {
	m := pageMeta()
	m.Program, m.Commit = s, s
	m.Warnings = append(m.Warnings, &spec.Fault{Code: s, Severity: spec.Warning, Pos: spec.Pos{File: s}, Path: s, Message: s, Remedy: s, Address: plan.Address(s)})
	return m
}

func TestLanguages(t *testing.T) {
	type written struct{ date, day, month, moment, amount, none, one, many string }
	for code, want := range map[string]written{
		"en": {"1 December 2026", "5" + message.NoBreak + "Jan" + message.NoBreak + "2027", "November 2026", "18" + message.NoBreak + "Nov" + message.NoBreak + "2026, 09:26" + message.NoBreak + "UTC", "1,234.50", "0 rows", "1 row", "1,234 rows"},
		"es": {"1 de diciembre de 2026", "5" + message.NoBreak + "ene" + message.NoBreak + "2027", "noviembre de 2026", "18" + message.NoBreak + "nov" + message.NoBreak + "2026, 09:26" + message.NoBreak + "UTC", "1.234,50", "0 filas", "1 fila", "1.234 filas"},
		"fr": {"1er décembre 2026", "5" + message.NoBreak + "janv." + message.NoBreak + "2027", "novembre 2026", "18" + message.NoBreak + "nov." + message.NoBreak + "2026, 09:26" + message.NoBreak + "UTC", "1\u202F234,50", "0 ligne", "1 ligne", "1\u202F234 lignes"},
	} {
		l, err := languageOf(code)
		if err != nil {
			t.Fatal(err)
		}
		rows := func(n int) string {
			s, err := l.count("rows", n)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		got := written{
			l.date("2026-12-01"), l.day("2027-01-05"), l.month("2026-11"), l.Moment(time.Date(2026, 11, 18, 9, 26, 40, 0, time.UTC)),
			l.Amount(money.MustParse("1234.5")), rows(0), rows(1), rows(1234),
		}
		if got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// What is no date stays as it is, made harmless.
func TestWhatIsNoDate(t *testing.T) {
	for _, s := range []string{"", "soon", "2026-13-01", "a\x1b[2J"} {
		for _, l := range languages {
			if d, m := l.date(s), l.month(s); d != view.Harmless(s) || m != view.Harmless(s) {
				t.Errorf("%q becomes %q and %q", s, d, m)
			}
		}
	}
}

func TestEveryTextIsInEveryLanguage(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`)
	for key, text := range texts {
		for i, l := range languages {
			if text[i] == "" {
				t.Errorf("%s has no %s", key, l.Code)
			}
			if !slices.Equal(verb.FindAllString(text[i], -1), verb.FindAllString(text[0], -1)) || strings.Count(text[i], "|") != strings.Count(text[0], "|") {
				t.Errorf("%s has another form in %s", key, l.Code)
			}
		}
	}
}

// A text that nothing uses is a mistake in its name.
func TestEveryTextIsUsed(t *testing.T) {
	var source strings.Builder
	files, _ := filepath.Glob("*.go")
	for _, file := range append(files, "page/page.html") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if file != "texts.go" && !strings.HasSuffix(file, "_test.go") {
			source.Write(data)
		}
	}
	said := source.String()
	made := []string{"female", "male", "unknown"} // found by the values of fields
	for _, m := range regexp.MustCompile(`print "([a-z]+\.)"|"([a-z]+\.)" ?\+`).FindAllStringSubmatch(said, -1) {
		made = append(made, m[1]+m[2])
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if !strings.Contains(said, `"`+key+`"`) && !slices.ContainsFunc(made, func(s string) bool { return strings.HasPrefix(key, s) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
}

// English words that neither Spanish nor French has.
var englishWords = strings.Fields("the is are of with and to not for by was this that it from sent changed loan loans row rows draft drafts")

func englishIn(text string) (found []string) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '_' }) {
		if slices.Contains(englishWords, word) {
			found = append(found, word)
		}
	}
	return found
}

func TestNoEnglishIsLeft(t *testing.T) {
	for _, lang := range []string{"es", "fr"} {
		p := viewtest.Everything()
		p.Journals[0].Reason = plan.NewReason(plan.ReasonAttempted, "at", "2026-11-18T09:30:00Z", "outcome", "absent")
		p.Reports[0].Rows[7].Reason = viewtest.Rejected("")
		page := pageOf(t, view.New(p, pageMeta(), false), Options{Lang: lang, Full: true})
		// Addresses and commands are the same in all languages.
		page = regexp.MustCompile(`<bdi>[^<]*</bdi>|kivaform ack[^<]*`).ReplaceAllString(page, "")
		if found := englishIn(textIn(page)); found != nil {
			t.Errorf("%s: %q in %s", lang, found, textIn(page))
		}
	}
	if found := englishIn(textIn(pageOf(t, view.New(viewtest.Everything(), pageMeta(), false), Options{}))); len(found) < 50 {
		t.Errorf("this test knows no English but %q", found)
	}
}
