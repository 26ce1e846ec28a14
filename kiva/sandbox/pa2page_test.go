package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kivaform/kiva"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/page"
)

// fill gives a sandbox something of everything: a good draft, a good group, one
// with errors, an archive and an upload with problems.
func (p *partner) fill() (good, flawed, archive string) {
	p.t.Helper()
	draft := func(body string) string {
		return p.api("POST", "loan_draft", body).want(200).object()["loan_draft_uuid"].(string)
	}
	good = draft(goodDraft)
	draft(goodGroup)
	flawed = draft(with(without(withBorrower(goodDraft, "loan_id", "L-1044"), "loanuse"), "disburse_time", "2027-12-01"))
	archive = p.api("POST", "journals", `{"journals":[`+journal+`]}`).want(200).object()["archive_id"].(string)
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"L-0801","client_id":"00801","amount":5000},
		{"loan_id":"L-9999","amount":5},{"loan_id":"L-0802","amount":900000}]}`).want(200)
	return good, flawed, archive
}

// pagePaths are the pages, one of each kind.
func pagePaths(draft, archive string) []string {
	return []string{
		"/", "/pa2/", "/pa2/drafts", "/pa2/drafts/" + draft, "/pa2/journals", "/pa2/journals/" + archive,
		"/pa2/repayments", "/pa2/repayments/90001", "/pa2/loans", "/pa2/requests", "/pa2/nowhere",
	}
}

func TestPagesAndSteps(t *testing.T) {
	p := start(t, Options{})
	good, _, archive := p.fill()
	for _, path := range []string{"/pa2/drafts", "/pa2/drafts/" + good, "/pa2/journals", "/pa2/journals/" + archive, "/pa2/repayments", "/pa2/record", "/pa2/requests"} {
		for accept, want := range map[string]string{
			browserAccept: "text/html; charset=utf-8", "TEXT/HTML": "text/html; charset=utf-8",
			"": "application/json;charset=UTF-8", "*/*": "application/json;charset=UTF-8", "application/json": "application/json;charset=UTF-8",
			"application/json, text/html": "application/json;charset=UTF-8",
		} {
			r := p.send("GET", path, "", "Accept", accept).want(200)
			if got := r.header.Get("Content-Type"); got != want || r.header.Get("Vary") != "Accept" {
				t.Errorf("%s for %q is %s", path, accept, got)
			}
		}
	}
	p.send("GET", "/", "", "Accept", "*/*").want(404)
	p.send("GET", "/", "", "Accept", browserAccept).want(200)
	if n := p.requests("other", 404) + p.requests("other", 200); n != 1 {
		t.Errorf("%d requests to nowhere are counted", n)
	}
}

func TestEveryPage(t *testing.T) {
	p := start(t, Options{})
	good, _, archive := p.fill()
	b := p.person()
	titles := map[string]bool{}
	for _, path := range pagePaths(good, archive) {
		got := b.visit(path)
		status := 200
		if path == "/pa2/nowhere" {
			status = 404
		}
		got.want(t, status, "A simulation made from Kiva’s documents", "partner 145")
		if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script") {
			t.Errorf("%s has the policy %q", path, csp)
		}
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Kivaform-Sandbox") != "simulation" {
			t.Errorf("%s has the header %v", path, got.header)
		}
		if path != "/" && titles[got.title] || !strings.HasSuffix(got.title, "– PA2 sandbox") {
			t.Errorf("%s has the title %q", path, got.title)
		}
		titles[got.title] = path != "/"
		got.plain(t)
	}
	if len(b.page.links) < 6 {
		t.Error("a page that isn't there leads nowhere")
	}
	for _, path := range []string{"/pa2/static/style.css", "/pa2/static/icon.svg"} {
		p.send("GET", path, "", "Accept", "*/*").want(200)
	}
	p.send("GET", "/pa2/static/layout.html", "").want(404)
}

// plain fails the test where a page has a script or a style of its own, no
// language, or not one main heading.
func (p shownPage) plain(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for _, e := range p.tags {
		seen[e.Name.Local]++
		for _, a := range e.Attr {
			if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || a.Name.Local == "style" || a.Name.Local != "value" && strings.HasPrefix(strings.ToLower(a.Value), "javascript") {
				t.Errorf("%s: <%s %s=%q>", p.path, e.Name.Local, a.Name.Local, a.Value)
			}
		}
		if e.Name.Local == "html" && attr(e, "lang") != "en" {
			t.Errorf("%s has no language", p.path)
		}
	}
	for _, name := range []string{"script", "style", "iframe", "object", "svg"} {
		if seen[name] > 0 {
			t.Errorf("%s has a <%s>", p.path, name)
		}
	}
	if seen["h1"] != 1 || seen["main"] != 1 || seen["title"] != 1 {
		t.Errorf("%s has %d main headings", p.path, seen["h1"])
	}
}

func TestPublishOnThePage(t *testing.T) {
	p := start(t, Options{})
	good, flawed, _ := p.fill()
	b := p.person()
	b.visit("/").want(t, 200, "3 drafts to publish", "1 archive to confirm", "2026-11: 1 upload to finalise", "payingBack 46")

	b.visit(b.page.links["Loan drafts"]).want(t, 200, "3 drafts, the latest first", "2 errors", "ready")
	b.visit("/pa2/drafts/"+good).want(t, 200, "Mary, KES 50,000, came", "Dairy (61)", "to buy a cow", "Nakuru: Kenya", "General (48)",
		"English (1)", "2026-12-01", "signed", "image/png", "Mary Wanjiku", "00884", "female", "750.25")
	if !strings.Contains(b.page.source, `<img src="/pa2/photos/`) || !strings.Contains(b.page.source, `lang="en" dir="auto"`) {
		t.Error("no photo, or no language of the text")
	}
	b.submit("Publish").want(t, 200, "Published. Kiva lists loan LOAN/12/2026 now, as "+p.loan("LOAN/12/2026")["kiva_id"].(string))
	if b.page.path != "/pa2/drafts/"+good {
		t.Errorf("publishing leads to %s", b.page.path)
	}
	b.visit(b.page.path).want(t, 200, "Published: Kiva lists it").lacks(t, "Published. Kiva")
	b.send("POST", "/pa2/drafts/"+good+"/publish", nil).want(t, 200, "Nothing was changed", "is published already")

	b.visit("/pa2/drafts").lacks(t, "LOAN/12/2026")
	b.submit("Publish G-1").want(t, 200, "Kiva lists loan G-1 now")
	if b.page.path != "/pa2/drafts" {
		t.Errorf("publishing in the list leads to %s", b.page.path)
	}
	b.visit("/pa2/drafts/"+flawed).want(t, 200, "2 errors to correct", "loanuse: missing", "disburse_time: more than 90 days ahead")
	if len(b.page.forms) != 0 || b.page.links["loanuse"] != "#loanuse" || !strings.Contains(b.page.source, `id="loanuse" class="error"`) {
		t.Error("a draft with errors can be published, or its errors lead nowhere")
	}
	b.send("POST", "/pa2/drafts/"+flawed+"/publish", nil).want(t, 200, "Nothing was changed: the draft has 2 fault(s)", "2 errors to correct")
	b.send("POST", "/pa2/drafts/none/publish", nil).want(t, 200, "Nothing was changed: draft none: not there")
	b.visit("/pa2/drafts/none").want(t, 404, "draft none")
	b.visit("/pa2/drafts")
	b.submit("Show", "show", "all", "query", "MARY").want(t, 200, "2 drafts")
	b.submit("Show", "show", "published", "query", "tumaini").want(t, 200, "1 draft,", "published as")
}

// loan returns a loan that the API lists.
func (p *partner) loan(id string) map[string]any {
	p.t.Helper()
	data := p.api("GET", "loans?query="+url.QueryEscape(id), "").want(200).object()["data"].([]any)
	if len(data) == 0 {
		p.t.Fatalf("loan %s isn't listed", id)
	}
	return data[0].(map[string]any)
}

func TestConfirmOnThePage(t *testing.T) {
	p := start(t, Options{})
	confirm := p.api("POST", "journals", `{"journals":[`+journal+`,`+journal+`]}`).want(200).object()["confirm_url"].(string)
	b := p.person()
	b.visit("/pa2/journals").want(t, 200, "1 archive", "to confirm")
	b.visit(strings.TrimPrefix(confirm, p.url)).want(t, 200, "2 journals", "A cowshed", "It stands.", "Loan L-0871, client 00871")
	b.submit("Confirm").want(t, 200, "Confirmed. The journals are published.", "Confirmed: lenders see")
	if len(b.page.forms) != 0 {
		t.Error("it can be confirmed again")
	}
	b.send("POST", strings.TrimPrefix(confirm, p.url)+"/confirm", nil).want(t, 200, "Nothing was changed", "is confirmed already")
	b.visit("/pa2/journals").want(t, 200, "No archives here.")
	b.submit("Show", "show", "all").want(t, 200, "1 archive", "confirmed")
	b.visit("/pa2/journals/none").want(t, 404)
}

func TestFinaliseOnThePage(t *testing.T) {
	p := start(t, Options{})
	b := p.person()
	b.visit("/pa2/repayments").want(t, 200, "Nothing was uploaded for 2026-11")
	p.fill()
	b.visit("/pa2/repayments").want(t, 200, "It holds 1 upload", "3 rows, 1 refused",
		"Error loan L-9999: no loan has this id unknown_loan", "Warning loan L-0802: the amount is above the loan's KES")
	stale := b.page
	b.visit(b.page.links["Upload 90001"]).want(t, 200, "5,000", "refused", "taken", "900,000", "above_price")
	b.visit("/pa2/repayments")
	b.submit("Finalise 2026-11").want(t, 200, "The repayment report of 2026-11 is final.", "The open period, 2026-12", "Nothing was uploaded for 2026-12")
	p.fill()
	b.page = stale
	b.submit("Finalise 2026-11").want(t, 200, "Nothing was changed: 2026-11 isn't the open period, 2026-12 is")
	b.submit("Finalise 2026-12").want(t, 200, "The repayment report of 2026-12 is final.")
	for _, id := range []string{"90000", "90003", "x", "-1"} {
		b.visit("/pa2/repayments/"+id).want(t, 404)
	}
}

func TestMoveOnThePage(t *testing.T) {
	p := start(t, Options{})
	b := p.person()
	b.visit("/pa2/loans?query=L-090").want(t, 200, "6 loans", "stays so")
	b.submit("Move L-0903", "status", "payingBack").want(t, 200, "Loan L-0903 is payingBack now.")
	if b.page.path != "/pa2/loans?query=L-090" {
		t.Errorf("moving leads to %s", b.page.path)
	}
	b.submit("Move L-0903", "status", "fundRaising").want(t, 200, "Nothing was changed: a loan that is payingBack can become [ended defaulted], not fundRaising")
	b.submit("Move all", "status", "payingBack").want(t, 200, "2 loans moved on to payingBack.")
	if s := p.loan("L-0901")["status"]; s != "payingBack" {
		t.Errorf("L-0901 is %v", s)
	}
	b.visit("/pa2/loans")
	if slices.ContainsFunc(b.page.forms, func(f pageForm) bool { return f.button == "Move all" }) {
		t.Error("all can be moved on where none can")
	}
	b.submit("Show", "status", "defaulted", "query", "").want(t, 200, "1 loan,", "L-0904")
	b.send("POST", "/pa2/loans/advance", url.Values{"status": {"ended"}}).want(t, 200, "Nothing was changed: loans can be moved on to")

	// What the page offers is what the loan can become.
	for _, l := range pa2.Seed() {
		b.visit("/pa2/loans?query=" + l.InternalLoanID)
		i := slices.IndexFunc(b.page.forms, func(f pageForm) bool { return f.button == "Move "+l.InternalLoanID })
		var offered []string
		if i >= 0 {
			offered = b.page.forms[i].options["status"]
		}
		status := kiva.Status(p.loan(l.InternalLoanID)["status"].(string))
		for _, s := range pa2.Statuses {
			if can := slices.Contains(pa2.NextStatuses[status], s); slices.Contains(offered, string(s)) != can {
				t.Errorf("a loan that is %s is offered %v", status, offered)
			}
		}
	}
}

func TestRequestsOnThePage(t *testing.T) {
	p := start(t, Options{})
	b := p.person()
	p.server.AddFault(mustFault(t, "drop-after:loan_draft"))
	p.api("POST", "loan_draft", goodDraft)
	p.fill()
	r := p.api("GET", "loans?limit=x", "").want(400)
	b.visit("/pa2/requests").want(t, 200, "loan_draft no answer 1", "loan_draft 200 3", "loans 400 1", "token 200 1", "8 requests",
		"draft LOAN/12/2026", "1 journal", "3 repayments of 2026-11", r.header.Get("X-Request-Id"))
	b.visit(b.page.links["3 repayments of 2026-11"]).want(t, 200, "Upload 90001")
	b.visit("/pa2/requests")
	b.visit(b.page.links["1 journal"]).want(t, 200, "A cowshed")
	b.visit("/pa2/record").want(t, 200, "8 requests")
	p.step("POST", "reset", "").want(200)
	b.visit("/pa2/requests").want(t, 200, "No requests yet.")
}

func TestFormsFromElsewhere(t *testing.T) {
	p := start(t, Options{})
	good, _, archive := p.fill()
	for _, path := range []string{"drafts/" + good + "/publish", "journals/" + archive + "/confirm", "repayments/finalise", "loans/advance", "loans/status"} {
		for _, header := range [][]string{{"Origin", "http://partner.example"}, {"Origin", "null"}, {"Origin", "http://localhost:1"}, {"Host", "partner.example"}} {
			header = append(header, "Accept", browserAccept, "Content-Type", "application/x-www-form-urlencoded")
			p.send("POST", "/pa2/"+path, "status=payingBack&period=2026-11&loan_id=L-0901", header...).want(403)
		}
	}
	p.person().visit("/").want(t, 200, "3 drafts to publish", "1 archive to confirm", "1 upload to finalise", "fundRaising 2")
	p.send("GET", "/", "", "Accept", browserAccept, "Host", "partner.example").want(403)
}

func TestFormsLeadBack(t *testing.T) {
	p := start(t, Options{})
	for back, want := range map[string]string{
		"": "/pa2/", "/pa2/loans?page=2": "/pa2/loans?page=2", "http://partner.example/": "/pa2/", "//partner.example/pa2/": "/pa2/",
		"/v3/": "/pa2/", "/pa2/../..//partner.example": "/partner.example",
	} {
		r := p.send("POST", "/pa2/loans/advance", url.Values{"status": {"raised"}, "back": {back}}.Encode(),
			"Accept", browserAccept, "Content-Type", "application/x-www-form-urlencoded").want(303)
		if got := r.header.Get("Location"); got != want {
			t.Errorf("back to %q leads to %s, want %s", back, got, want)
		}
	}
	r := p.send("POST", "/pa2/loans/advance", "status=%zz", "Accept", browserAccept, "Content-Type", "application/x-www-form-urlencoded")
	r.want(400)
	for _, cookie := range []string{"x", "!", base64.RawURLEncoding.EncodeToString([]byte("{"))} {
		p.send("GET", "/pa2/", "", "Accept", browserAccept, "Cookie", "kivaform_sandbox_said="+cookie).want(200)
	}
}

// hostile are texts that somebody may send to harm who reads them.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`,
	`</title></textarea><svg/onload=alert(1)>`, `{{.}}`, `<!--`, `]]>`, `&lt;b&gt;`, "../../v3", "..", "?a=b#c", "% 2F%2e", "\u202egnp.exe", strings.Repeat("長", 1000),
}

func TestHostileTexts(t *testing.T) {
	for _, s := range hostile {
		t.Run(s[:min(len(s), 12)], func(t *testing.T) {
			p := start(t, Options{})
			b := p.person()
			q := string(exchange.EncodeJSON(s))
			body := withBorrower(withBorrower(goodDraft, "loan_id", s), "first_name", s)
			for _, field := range []string{"loanuse", "description"} {
				body = with(body, field, s)
			}
			flawed := edited(with(with(with(body, "location", s), "image_url", s), "group_name", s), func(d map[string]any) {
				e := d["entreps"].([]any)[0].(map[string]any)
				e["client_id"], e["last_name"], e["gender"] = s, s, s
			})
			uuid := p.api("POST", "loan_draft", body).want(200).object()["loan_draft_uuid"].(string)
			bad := p.api("POST", "loan_draft", flawed).want(200).object()["loan_draft_uuid"].(string)
			shown := strings.Join(strings.Fields(s), " ")
			look := func(path string) { b.visit(path).want(t, 200, shown).plain(t) }
			look("/pa2/drafts")
			look("/pa2/drafts/" + bad)
			look("/pa2/drafts/" + uuid)
			b.submit("Publish").want(t, 200).plain(t)
			look("/pa2/requests")
			look("/pa2/loans")
			for _, to := range []string{"reviewed", "fundRaising", "raised", "payingBack"} {
				b.submit("Move "+shown, "status", to).want(t, 200, string([]rune(shown)[:min(300, len([]rune(shown)))])).plain(t)
			}
			archive := p.api("POST", "journals", `{"journals":[{"internal_loan_id":`+q+`,"subject":`+q+`,"body":`+q+`,"image_url":`+q+`}]}`).want(200).object()["archive_id"].(string)
			p.api("POST", "repayments", `{"repayments":[{"loan_id":`+q+`,"client_id":`+q+`,"amount":1}]}`).want(200)
			look("/pa2/journals/" + archive)
			look("/pa2/repayments")
			look("/pa2/repayments/90001")
			query := url.QueryEscape(s)
			b.visit("/pa2/loans?page=2&status="+query+"&query="+query).want(t, 200).plain(t)
			b.visit("/pa2/drafts?page=2&show="+query+"&query="+query).want(t, 200).plain(t)
			b.visit("/pa2/drafts/"+url.PathEscape("x"+s)).want(t, 404).plain(t)
		})
	}
}

func TestHostilePhoto(t *testing.T) {
	p := start(t, Options{})
	data := base64.StdEncoding.EncodeToString([]byte("<!doctype html><script>alert(1)</script>"))
	uuid := p.api("POST", "loan_draft", with(goodDraft, "image_encoded", data)).want(200).object()["loan_draft_uuid"].(string)
	b := p.person()
	b.visit("/pa2/drafts/"+uuid).want(t, 200, "image_encoded: text/html; charset=utf-8 isn't a photo")
	if strings.Contains(b.page.source, "<img") {
		t.Error("it is shown as a picture")
	}
	var view page.DraftView
	p.step("GET", "drafts/"+uuid, "").want(200).decode(&view)
	for _, accept := range []string{browserAccept, "image/*"} {
		r := p.send("GET", "/pa2/photos/"+view.Photo.Digest, "", "Accept", accept).want(200)
		if !strings.Contains(r.header.Get("Content-Security-Policy"), "default-src 'none'") || r.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("it can run: %v", r.header)
		}
	}
}

// load gives the sandbox n drafts at once.
func (p *partner) load(n int) {
	p.t.Helper()
	for i := range n {
		e := &pa2.Event{Endpoint: "loan_draft", Status: 200, Draft: &pa2.DraftEvent{UUID: pa2.NewUUID()}}
		e.Draft.Body.Entreps = []pa2.Entrep{{LoanID: fmt.Sprintf("N-%06d", i), FirstName: "Mary"}}
		if err := p.server.store.Change(func(*pa2.State) *pa2.Event { return e }); err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestLongList(t *testing.T) {
	p := start(t, Options{})
	p.load(250)
	b := p.person()
	seen := map[string]bool{}
	b.visit("/pa2/drafts?query=N-").want(t, 200, "1 to 100 of 250")
	for pages := 1; ; pages++ {
		for said := range b.page.links {
			if strings.HasPrefix(said, "N-") {
				seen[said] = true
			}
		}
		next := b.page.links["Next"]
		if next == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		b.visit(next).want(t, 200, "of 250")
	}
	if len(seen) != 250 {
		t.Errorf("%d drafts are on a page", len(seen))
	}
	b.want("201 to 250 of 250")
	b.visit(b.page.links["Previous"])
	b.want("101 to 200 of 250")
	for _, page := range []string{"0", "-1", "x", ""} {
		b.visit("/pa2/drafts?page="+page).want(t, 200, "1 to 100 of 250")
	}
	b.visit("/pa2/drafts?page=9223372036854775807").want(t, 200, "No drafts here.", "250")
	b.visit(b.page.links["Previous"])
	b.want("201 to 250 of 250")
	b.visit("/pa2/requests").want(t, 200, "1 to 100 of 251")
}

func TestVeryLongList(t *testing.T) {
	p := start(t, Options{Dir: t.TempDir()})
	p.load(100_000)
	b := p.person()
	b.visit("/")
	begun := time.Now()
	for _, path := range []string{"/", "/pa2/drafts", "/pa2/drafts?page=1000", "/pa2/drafts?query=099999", "/pa2/requests?page=1000"} {
		b.visit(path).want(t, 200)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("five pages took %s", took)
	}
	b.visit("/pa2/drafts?page=1000").want(t, 200, "99,901 to 100,000 of 100,000", "N-000000")
}
