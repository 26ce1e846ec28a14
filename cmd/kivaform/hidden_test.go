package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/send"
	"kivaform/kiva/sandbox"
	"kivaform/spec"
	"kivaform/spec/field"
	"kivaform/spec/load"
)

// A plantation is a workspace with an unmistakable value in every personal
// field, and a Kiva that repeats what it is sent in its errors.
type plantation struct {
	dir   string
	kiva  *sandbox.Server
	web   *httptest.Server
	photo []byte
	// gender is one of the few words that are allowed there.
	gender string
	// sources are the files that a person wrote; the values stand there.
	sources map[string]bool
	// looked counts the outputs and files in which nothing was found.
	looked int
}

// Each planted value has the mark in it, and the name of its field.
const plantedMark = "zqplant"

func plant(t *testing.T) *plantation {
	t.Helper()
	p := &plantation{dir: t.TempDir(), photo: phonePhoto(t), gender: "female"}
	var err error
	if p.kiva, err = sandbox.Open(sandbox.Options{Dir: t.TempDir(), Today: time.Now}); err != nil {
		t.Fatal(err)
	}
	p.web = httptest.NewServer(echo(p.kiva))
	t.Cleanup(p.web.Close)
	p.write(t, "work", "1")
	return p
}

// echo answers for two loans as no Kiva should: with what it was sent.
func echo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case bytes.Contains(body, []byte(`"S-2"`)):
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(map[string]string{"code": "refused", "message": "can't take " + string(body)})
		case bytes.Contains(body, []byte(`"S-3"`)):
			w.WriteHeader(http.StatusInternalServerError)
			w.Write(body)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// plantedText is a planted value: what makes encodings differ is in it, too.
func plantedText(field, version string) string {
	return fmt.Sprintf("%s%s%s <b>\"é&'", strings.ToUpper(plantedMark), field, version)
}

func (p *plantation) write(t *testing.T, folder, version string) {
	t.Helper()
	soon, period := time.Now().AddDate(0, 0, 10).Format(time.DateOnly), time.Now().Format("2006-01")
	v := func(field string) string { return plantedText(field, version) }
	borrower := func(loan string) map[string]any {
		return map[string]any{"loan_id": loan, "client_id": "1" + loan, "first_name": v("firstname"), "last_name": v("lastname"), "gender": p.gender, "amount": 50000}
	}
	draft := func(more map[string]any, borrowers ...any) map[string]any {
		d := map[string]any{
			"kind": "LoanDraft", "entreps": borrowers, "activity_id": 61, "theme_type_id": 48, "description_language_id": 1, "currency": "KES",
			"client_waiver_signed": true, "location": "Nakuru: Kenya", "disburse_time": soon, "loanuse": "to buy " + v("loanuse"),
			"description": "A story of\n" + v("description") + "\nwho is " + v("lastname") + ".",
		}
		for key, value := range more {
			d[key] = value
		}
		return d
	}
	documents := map[string]any{
		"single.yaml":  draft(map[string]any{"image": "face.jpg"}, borrower("S-1")),
		"encoded.yaml": draft(map[string]any{"image_encoded": "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(p.photo)}, borrower("S-2")),
		"url.yaml":     draft(map[string]any{"image_url": "https://example.org/" + plantedMark + "imageurl" + version + ".jpg"}, borrower("S-3")),
		"group.yaml": draft(map[string]any{"group_name": v("groupname"), "internal_loan_id": "G-1", "internal_client_id": "1G", "not_pictured": []bool{false, true}, "image": "face.jpg"},
			borrower("S-4"), borrower("S-5")),
		"journal.yaml": map[string]any{"kind": "Journal", "key": "visit", "internal_loan_id": "L-0801", "internal_client_id": "00801",
			"subject": v("subject"), "body": "First.\n" + v("body"), "image_url": "https://example.org/" + plantedMark + "journalurl" + version + ".jpg"},
		"report.yaml": map[string]any{"kind": "RepaymentReport", "period": period, "repayments": []any{map[string]any{"loan_id": "L-0801", "client_id": "00801", "amount": 100}}},
		"kiva.yaml": map[string]any{"version": 1, "partner_id": sandbox.PartnerID, "environment": "pilot", "csv_format": "three-column", "repayment_amounts": "cumulative-principal",
			"environments": map[string]any{"pilot": map[string]any{"token_url": p.web.URL + "/oauth/token", "audience": p.web.URL, "api_url": p.web.URL}}},
	}
	p.sources = map[string]bool{filepath.Join(p.dir, folder, "face.jpg"): true}
	if err := os.MkdirAll(filepath.Join(p.dir, folder), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, document := range documents {
		data, err := json.Marshal(document) // any JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		p.source(t, filepath.Join(folder, name), data)
	}
	p.source(t, filepath.Join(folder, "face.jpg"), p.photo)
}

func (p *plantation) source(t *testing.T, name string, data []byte) {
	t.Helper()
	file := filepath.Join(p.dir, name)
	p.sources[file] = true
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// kivaform runs the program with its output in a pipe, under a runner of GitHub,
// and looks at all that it says. It returns the standard output.
func (p *plantation) kivaform(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, errs := p.run(t, code, args...)
	name := strings.Join(args, " ")
	p.look(t, name+": standard output", out)
	p.look(t, name+": standard error", errs)
	return out
}

func (p *plantation) run(t *testing.T, code int, args ...string) (string, string) {
	t.Helper()
	variables := map[string]string{
		"KIVA_CLIENT_ID": sandbox.ClientID, "KIVA_CLIENT_SECRET": sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS": "127.0.0.1", "KIVAFORM_CACHE_DIR": filepath.Join(p.dir, "cache"),
		"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": p.dir, "GITHUB_STEP_SUMMARY": filepath.Join(p.dir, "summary.md"),
	}
	var out bytes.Buffer
	var errs lockedBuffer
	got := run(t.Context(), append([]string{"-C", filepath.Join(p.dir, "work"), "-v"}, args...),
		cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, func(name string) string { return variables[name] })
	if got != code {
		t.Errorf("%s: exit %d, not %d: %s", strings.Join(args, " "), got, code, errs.String())
	}
	return out.String(), errs.String()
}

// A lockedBuffer takes what several requests log at once, as a file does.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// look looks for planted values, in every encoding.
func (p *plantation) look(t *testing.T, where, said string) {
	t.Helper()
	for _, secret := range p.secrets() {
		if i := strings.Index(strings.ToLower(said), secret); i >= 0 {
			t.Errorf("%s shows %q: …%s…", where, secret, said[max(0, i-80):min(len(said), i+80)])
			return
		}
	}
	p.looked++
}

// secrets are the parts of the planted values by which they can be found, in
// lower case: no way of escaping changes letters, but base64 and hex do.
func (p *plantation) secrets() []string {
	secrets := []string{plantedMark, p.gender, "/pa2/journals", hex.EncodeToString([]byte(plantedMark + "firstname")), hex.EncodeToString([]byte(strings.ToUpper(plantedMark) + "firstname"))}
	for _, field := range []string{"firstname", "lastname", "loanuse", "description", "groupname", "subject", "body"} {
		secrets = append(secrets, inBase64(strings.ToUpper(plantedMark)+field)...)
	}
	picture := base64.StdEncoding.EncodeToString(p.photo[len(p.photo)/2 : len(p.photo)/2+60])
	return append(secrets, strings.ToLower(picture))
}

// inBase64 returns how a text reads in the middle of base64, by where it begins.
func inBase64(s string) []string {
	var all []string
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", before) + s))
		all = append(all, strings.ToLower(encoded[(before*8+5)/6:len(encoded)-2]))
	}
	return all
}

// lookAtFiles looks into every file but those that people wrote, the outputs that
// a test asked to show all, and the user's own cache of checked files, which holds
// documents in clear and which no other user may enter.
func (p *plantation) lookAtFiles(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "checked" && strings.HasPrefix(path, filepath.Join(p.dir, "cache", "workspaces")) {
			checkPrivate(t, filepath.Dir(path))
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || p.sources[path] {
			return err
		}
		data, err := os.ReadFile(path)
		said := string(data)
		if strings.HasPrefix(path, filepath.Join(p.dir, "work", "ledger")) {
			// The ledger keeps where journals are confirmed: todo tells it people.
			said = regexp.MustCompile(`"confirm_url": "[^"]*"`).ReplaceAllString(said, "")
		}
		p.look(t, path, said)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// checkPrivate holds that only its owner may enter a folder.
func checkPrivate(t *testing.T, folder string) {
	t.Helper()
	info, err := os.Stat(folder)
	if err != nil {
		t.Error(err)
		return
	}
	if access := info.Mode().Perm() & 0o077; access != 0 {
		t.Errorf("%s: others have access %o", folder, access)
	}
}

// No personal value gets out, whatever is run, unless it is asked for.
func TestNothingPersonalGetsOut(t *testing.T) {
	p := plant(t)
	saved, file := filepath.Join(p.dir, "a.kfplan"), filepath.Join(p.dir, "events.jsonl")
	p.kivaform(t, cli.ExitDone, "validate")
	p.kivaform(t, cli.ExitDone, "validate", "--json")
	p.kivaform(t, cli.ExitDone, "plan", "--full", "--out", saved, "--json-into", file)
	p.everyFormat(t, "plan")
	p.everyFormat(t, "show", saved)
	p.everyFormat(t, "-C", p.dir, "show", saved)
	p.everyFormat(t, "--color", "always", "plan", "--full")
	for _, args := range [][]string{{"plan", "--full"}, {"plan", "--format", "json"}, {"show", "--format", "json", saved}} {
		p.showsAll(t, args...)
	}
	p.kivaform(t, cli.ExitPerson, "apply", "--auto-approve", "--assume-empty", "--on-unknown", "continue", "--json", "--json-into", file)
	p.kivaform(t, cli.ExitPerson, "apply", "--auto-approve") // unknown requests are still open
	p.afterwards(t)

	p.write(t, "work", "2")
	p.everyFormat(t, "plan")
	p.kivaform(t, cli.ExitDone, "plan", "--out", saved)
	p.everyFormat(t, "show", saved)
	p.kivaform(t, cli.ExitDone, "status", "--json")
	p.kivaform(t, cli.ExitDone, "todo")
	p.kivaform(t, cli.ExitDone, "ack", "loan_draft/S-1", "--reason", "corrected")
	p.lookAtFiles(t)
	t.Logf("%d outputs and files", p.looked)
}

// everyFormat runs a command that shows a plan in every format.
func (p *plantation) everyFormat(t *testing.T, args ...string) {
	t.Helper()
	for _, format := range send.Formats {
		p.kivaform(t, cli.ExitDone, append(args, "--format", format)...)
	}
	p.kivaform(t, cli.ExitDone, append(args, "--format", "markdown", "--max-bytes", "2000")...)
	p.kivaform(t, cli.ExitDone, append(args, "--format", "html", "--lang", "es")...)
	if slices.Contains(args, "plan") {
		p.kivaform(t, cli.ExitDone, append(args, "--json")...)
	}
}

// showsAll proves that there is something to hide: the same command shows every
// planted value when it is asked to.
func (p *plantation) showsAll(t *testing.T, args ...string) {
	t.Helper()
	out, _ := p.run(t, cli.ExitDone, append(args, "--personal", "show")...)
	out = strings.Join(strings.Fields(strings.ToLower(out)), "")
	for _, field := range []string{"firstname", "lastname", "loanuse", "description", "groupname", "subject", "body", "imageurl", "journalurl"} {
		if !strings.Contains(out, plantedMark+field) {
			t.Errorf("%s --personal=show doesn't show %s", strings.Join(args, " "), field)
		}
	}
}

// afterwards looks at what was sent, in every way.
func (p *plantation) afterwards(t *testing.T) {
	t.Helper()
	p.everyFormat(t, "plan")
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"status", "--csv"}, {"todo"}, {"todo", "--json"}, {"todo", "--markdown"}, {"drift"}, {"drift", "--json"},
		{"ledger", "list"}, {"ledger", "show", "loan_draft/S-1"}, {"ledger", "show", "loan_draft/S-2"}, {"ledger", "show", "loan_draft/S-3"}, {"ledger", "show", "journals"},
		{"ledger", "verify"}, {"ledger", "export"}, {"ledger", "export", "--format", "csv"}, {"resolve", "--list"}, {"env", "show", "pilot"}, {"auth", "check"},
	} {
		p.kivaform(t, cli.ExitDone, args...)
	}
	posted := fmt.Sprintf(`{"internal_loan_id": "S-1", "name": %q, "status": "payingBack", "loan_local_price": "1.00", "loan_currency": "KES"}`, plantedMark+"other")
	if status, answer := step(p.kiva, "POST", "/pa2/loans", posted); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	p.kivaform(t, cli.ExitChanges, "drift")
	p.kivaform(t, cli.ExitChanges, "drift", "--json")
}

// A fault says where a personal value is wrong, never the value.
func TestNoFaultShowsAPersonalValue(t *testing.T) {
	p := plant(t)
	p.gender = plantedMark // faults name the words that are allowed
	wrong := []any{plantedMark + "word", plantedMark + "bell\u0007", []any{plantedMark + "list"}, map[string]any{plantedMark + "key": plantedMark + "value"}, true}
	for i, value := range wrong {
		borrower := map[string]any{"loan_id": "S-1", "client_id": "1", "first_name": value, "last_name": value, "gender": value, "amount": 1}
		draft := map[string]any{"kind": "LoanDraft", "entreps": []any{borrower}, "description": value, "loanuse": value, "group_name": value, "image_encoded": value, "image_url": value}
		journal := map[string]any{"kind": "Journal", "key": "k", "internal_loan_id": "L", "internal_client_id": "1", "subject": value, "body": value, "image_url": value}
		for name, document := range map[string]any{"single.yaml": draft, "journal.yaml": journal} {
			data, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			p.source(t, filepath.Join("work", name), data)
		}
		p.kivaform(t, cli.ExitInvalid, "validate")
		p.kivaform(t, cli.ExitInvalid, "validate", "--json")
		p.kivaform(t, cli.ExitInvalid, "plan", "--json", "--json-into", filepath.Join(p.dir, fmt.Sprintf("%d.jsonl", i)))
		p.kivaform(t, cli.ExitInvalid, "plan", "--format", "markdown")
		p.kivaform(t, cli.ExitInvalid, "apply", "--auto-approve")
	}
	p.source(t, "work/single.yaml", []byte("kind: LoanDraft\nentreps:\n - first_name: \"zqplantopen\n"))
	p.kivaform(t, cli.ExitInvalid, "validate")
	p.lookAtFiles(t)
}

// A personal field that is new to the program is planted, or this fails.
func TestEveryPersonalFieldIsPlanted(t *testing.T) {
	p := plant(t)
	set, err := load.Workspace(t.Context(), filepath.Join(p.dir, "work"), load.Options{})
	if err != nil || set.Err(nil) != nil {
		t.Fatal(err, set.Err(nil))
	}
	found := make(map[string]bool)
	for _, d := range set.Drafts {
		note(found, d)
	}
	for _, j := range set.Journals {
		note(found, j)
	}
	wanted := make(map[string]bool)
	for _, r := range []spec.Resource{new(spec.LoanDraft), new(spec.Journal)} {
		fill(reflect.ValueOf(r).Elem())
		note(wanted, r)
	}
	for path := range wanted {
		if !found[path] {
			t.Errorf("%s is personal, and nothing is planted there", path)
		}
	}
	if len(wanted) < 11 {
		t.Errorf("only %d personal fields: %v", len(wanted), wanted)
	}
}

func note(personal map[string]bool, r spec.Resource) {
	for _, f := range field.Values(r) {
		if f.Personal {
			personal[r.Address().Kind()+" "+regexp.MustCompile(`\[[0-9]+\]`).ReplaceAllString(f.Path, "")] = true
		}
	}
}

// fill gives every field of a struct a value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	}
}
