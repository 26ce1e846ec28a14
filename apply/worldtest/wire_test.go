package worldtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"

	"kivaform/spec"
)

// An answer is how Kiva, or what stands before it, answers a write.
type answer struct {
	name   string
	took   bool // Kiva takes the request first
	status int
	header http.Header
	body   string
	habit  habit // without which nobody meets it; "" for all
}

// The ways in which an exchange can end without an answer.
const (
	refused = -1 // there is no connection
	reset   = -2
	silence = -3
)

const htmlPage = "<html><body>Sorry.</body></html>"

var jsonType = http.Header{"Content-Type": {"application/json"}}

var endedToken = answer{name: "an ended token", status: 401, header: http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}}}

// answers are all but the right one.
var answers = []answer{
	{name: "no connection", status: refused},
	{name: "a reset before", status: reset},
	{name: "silence before", status: silence},
	{name: "429 before", status: 429, header: http.Header{"Retry-After": {"3"}}},
	{name: "429 for an hour", status: 429, header: http.Header{"Retry-After": {"3600"}}},
	{name: "503 before", status: 503, header: http.Header{"Retry-After": {"5"}}},
	{name: "400", status: 400, body: `{"code":"api.invalid","message":"try another"}`},
	{name: "500 before", status: 500, body: htmlPage},
	endedToken,
	{name: "a reset after", took: true, status: reset},
	{name: "silence after", took: true, status: silence},
	{name: "502 after", took: true, status: 502, body: htmlPage},
	{name: "504 after", took: true, status: 504},
	{name: "409 after", took: true, status: 409, body: `{"code":"api.conflict"}`},
	{name: "302 after", took: true, status: 302, header: http.Header{"Location": {"https://login.kiva.example/"}}},
	{name: "a page after", took: true, status: 200, body: htmlPage},
	{name: "nothing after", took: true, status: 200},
	{name: "an empty object after", took: true, status: 200, body: "{}", header: jsonType},
	{name: "an empty list after", took: true, status: 200, body: "[]", header: jsonType},
	{name: "503 with Retry-After after", took: true, status: 503, header: http.Header{"Retry-After": {"5"}}, habit: late503},
	{name: "a filter's 403 after", took: true, status: 403, body: htmlPage, habit: late403},
	{name: "429 after", took: true, status: 429, header: http.Header{"Retry-After": {"3"}}, habit: late429},
}

// RoundTrip is the way from a machine to Kiva and back.
func (m *machine) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if r.Method == http.MethodGet {
		if m.dead() {
			return nil, errPower
		}
		return m.w.kiva.list(r)
	}
	if err := m.step(false); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a := m.w.kiva.answerTo(r, string(body))
	if a.status == refused {
		return nil, &net.OpError{Op: "dial", Err: errPower}
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.WroteHeaders()
	}
	m.w.count.sends++
	m.w.tell("%s: posts to %s: %s", m.name, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], a.name)
	right := answer{}
	if a.took {
		right = m.w.kiva.takeBody(m, r.URL.Path, body)
	}
	if a.status == 0 {
		a = right
	}
	if err := m.step(false); err != nil {
		return nil, err
	}
	return a.response(r)
}

func (a answer) response(r *http.Request) (*http.Response, error) {
	switch a.status {
	case reset:
		return nil, &net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}
	case silence:
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	header := a.header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// answerTo chooses the answer to a request: the seed, the body and how often it
// came decide, and not the order of anything.
func (k *pa2) answerTo(r *http.Request, body string) answer {
	right := answer{name: "the right answer", took: true}
	if r.Header.Get("Authorization") != fmt.Sprint("Bearer t", k.tokens) {
		return endedToken
	}
	if k.w.calm {
		return right
	}
	n := k.w.times("post", body)
	if k.w.chance("bad", body, fmt.Sprint(n)) >= 30 {
		return right
	}
	a := answers[k.w.hash("answer", body, fmt.Sprint(n))%uint64(len(answers))]
	if a.habit != "" && !k.w.has[a.habit] {
		return right
	}
	if a.status == 401 {
		k.tokens++
	}
	return a
}

// takeBody takes what a request holds, and returns the right answer.
func (k *pa2) takeBody(m *machine, path string, body []byte) answer {
	var in struct {
		wireDraft
		Journals   []wireJournal
		Repayments []wireRow
	}
	if err := json.Unmarshal(body, &in); err != nil {
		panic(err) // the client's bodies are JSON
	}
	ok := answer{name: "accepted", status: 200, header: jsonType}
	switch path[strings.LastIndex(path, "/")+1:] {
	case "loan_draft":
		d := k.w.docOf(in.wireDraft)
		m.sends(0, d.things()...)
		k.draft(d, "from "+m.name)
		ok.body = fmt.Sprintf(`{"code":"api.success","loan_draft_uuid":"u-%d"}`, len(k.loans))
	case "journals":
		for i, j := range in.Journals {
			t := k.w.meaning((&journalDoc{loanID: j.LoanID, subject: j.Subject, body: j.Body}).words())[0]
			m.sends(i, t)
			k.take(t, 0, "from "+m.name)
		}
		k.archives++
		ok.body = fmt.Sprintf(`{"code":"api.success","archive_id":"%d","confirm_url":"https://pa2.kiva.example/%d"}`, k.archives, k.archives)
	case "repayments":
		ok.body = k.takeRows(m, in.Repayments)
	}
	return ok
}

type wireDraft struct {
	Entreps []struct {
		LoanID   string      `json:"loan_id"`
		ClientID string      `json:"client_id"`
		Name     string      `json:"first_name"`
		Amount   json.Number `json:"amount"`
	}
	Group string `json:"internal_loan_id"`
	Use   string `json:"loanuse"`
	Story string `json:"description"`
	Date  string `json:"disburse_time"`
}

type wireJournal struct {
	LoanID  string `json:"internal_loan_id"`
	Subject string
	Body    string
}

type wireRow struct {
	LoanID string `json:"loan_id"`
	Amount json.Number
}

// meaning returns the things that words on the wire stand for.
func (w *world) meaning(words string) []*thing {
	things := w.known[words]
	if things == nil {
		panic(fmt.Sprintf("seed %d: nobody wrote %q", w.seed, words))
	}
	return things
}

// docOf reads a draft from the wire.
func (w *world) docOf(in wireDraft) *draftDoc {
	d := &draftDoc{group: in.Group, use: in.Use, story: in.Story}
	d.date, _ = spec.ParseDate(in.Date)
	for _, e := range in.Entreps {
		d.members = append(d.members, member{loanID: e.LoanID, client: e.ClientID, name: e.Name, amount: whole(e.Amount)})
	}
	for i, t := range w.meaning(d.words()) {
		d.members[i].thing = t
	}
	return d
}

func whole(n json.Number) int64 {
	f, err := n.Float64()
	if err != nil {
		panic(err)
	}
	return int64(f)
}

// takeRows takes an upload: the rows of loans that pay back, all but those with
// which it has a problem.
func (k *pa2) takeRows(m *machine, rows []wireRow) string {
	up := &upload{id: fmt.Sprint(len(k.uploads) + 1)}
	var problems []string
	for i, r := range rows {
		t := k.w.meaning((&rowDoc{loanID: r.LoanID, amount: whole(r.Amount)}).words())[0]
		m.sends(i, t)
		if problem := k.problem(i, r); problem != "" {
			problems = append(problems, problem)
			continue
		}
		k.take(t, whole(r.Amount), "from "+m.name)
		up.rows = append(up.rows, t)
	}
	k.uploads = append(k.uploads, up)
	return fmt.Sprintf(`{"code":"api.success","upload_id":"%s","problems":[%s]}`, up.id, strings.Join(problems, ","))
}

// problem is the reason for which Kiva doesn't take a row, in its own words; ""
// if it takes it.
func (k *pa2) problem(i int, r wireRow) string {
	loan := k.loan(r.LoanID)
	bad := loan == nil || loan.status != payingBack
	if !bad && (k.w.calm || !k.w.has[rowProblems] || k.w.chance("problem", r.LoanID, k.w.times("row", r.LoanID)) >= 25) {
		return ""
	}
	name, severity := r.LoanID, "error"
	if loan != nil {
		name = loan.id
	}
	if k.w.has[rowsByPlace] {
		name = fmt.Sprint("row ", i+1)
	}
	if k.w.has[oddProblems] {
		switch k.w.chance("severity", r.LoanID) % 3 {
		case 0:
			return fmt.Sprintf(`"%s could not be matched"`, name)
		case 1:
			severity = "blocker"
		}
	}
	return fmt.Sprintf(`{"loan_id":%q,"code":"no_match","details":"not taken","severity":%q}`, name, severity)
}
