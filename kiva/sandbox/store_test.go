package sandbox

import (
	"fmt"
	"io/fs"
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"kivaform/kiva/sandbox/internal/partnerapi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// childDir tells a process of TestProcesses where to work.
const childDir = "KIVAFORM_SANDBOX_TEST_DIR"

const childDrafts = 20

func TestTwoServersOneFolder(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, Options{Dir: dir}), start(t, Options{Dir: dir})
	uuid := a.api("POST", "loan_draft", goodDraft).want(200).object()["loan_draft_uuid"].(string)
	b.step("POST", "drafts/"+uuid+"/publish", "").want(200)
	if total := a.api("GET", "loans?query=LOAN/12", "").want(200).object()["total_records"]; fmt.Sprint(total) != "1" {
		t.Errorf("the other server's loan: %v", total)
	}
	var wg sync.WaitGroup
	for _, p := range []*partner{a, b} {
		for range 4 {
			wg.Go(func() {
				for range 10 {
					p.api("POST", "loan_draft", `{}`).want(200)
				}
			})
		}
	}
	wg.Wait()
	if diff := cmp.Diff(a.record(), b.record()); diff != "" || len(a.record()) != 81 {
		t.Errorf("%d entries, and they differ by %s", len(a.record()), diff)
	}
	b.step("POST", "reset", "").want(200)
	if got := len(a.record()); got != 0 {
		t.Errorf("%d entries after the other server's reset", got)
	}
}

func TestProcesses(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		p := start(t, Options{Dir: dir})
		for i := range childDrafts {
			p.api("POST", "loan_draft", fmt.Sprintf(`{"entreps":[{"loan_id":"%d-%d"}]}`, os.Getpid(), i)).want(200)
		}
		return
	}
	dir := filepath.Join(t.TempDir(), "made", "when needed")
	const processes = 4
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcesses$")
			child.Env = append(os.Environ(), childDir+"="+dir)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	keys := map[string]int{}
	for _, e := range start(t, Options{Dir: dir}).record() {
		keys[e.Key()]++
	}
	if len(keys) != processes*childDrafts {
		t.Errorf("%d drafts are recorded, want %d", len(keys), processes*childDrafts)
	}
}

func TestTornLine(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"L-1", "L-2", strings.Repeat("L", 500)} {
		put(t, dir, id)
	}
	data, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndexByte(strings.TrimSuffix(string(data), "\n"), '\n') + 1
	for end := last; end < len(data); end += 17 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "events.jsonl"), data[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		if rec := recordOf(t, dir); len(rec) != 2 {
			t.Fatalf("cut at %d of %d: %d entries", end, len(data), len(rec))
		}
		put(t, dir, "L-8")
		put(t, dir, "L-9")
		if rec := recordOf(t, dir); len(rec) != 4 || rec[3].LoanID != "L-9" {
			t.Fatalf("cut at %d of %d, then two drafts: %+v", end, len(data), rec)
		}
	}
}

// put sends a draft to a new server of the folder, past the token.
func put(t *testing.T, dir, loanID string) {
	t.Helper()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c := &exchange.Call{ID: pa2.NewID(), Data: fmt.Appendf(nil, `{"entreps":[{"loan_id":%q}]}`, loanID)}
	if a := s.recordDecision("loan_draft", c, (&partnerapi.API{Photos: s.photos}).CreateDraft(c)); a.Status != 200 {
		t.Fatalf("%+v", a)
	}
}

func recordOf(t *testing.T, dir string) []Entry {
	t.Helper()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.Record()
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestBrokenLog(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte("{}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "broken at byte 3 (delete it to begin anew)") {
		t.Errorf("%v", err)
	}
	if _, err := Open(Options{Dir: filepath.Join(dir, "events.jsonl")}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestFolderDeletedMeanwhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	p := start(t, Options{Dir: dir})
	p.api("POST", "loan_draft", `{}`).want(200)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	other := start(t, Options{Dir: dir})
	for range 3 { // longer than what was there
		other.api("POST", "loan_draft", goodDraft).want(200)
	}
	if got := len(p.record()); got != 3 {
		t.Errorf("%d entries, want those of the new folder", got)
	}
	p.bearer = other.bearer // the key is new, too
	uuid := other.record()[2].Batch
	p.step("GET", "drafts/"+uuid, "").want(200)
}

// TestReplay checks that a log says all that a server knows.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	p := start(t, Options{Dir: dir})
	uuid := p.api("POST", "loan_draft", goodGroup).want(200).object()["loan_draft_uuid"].(string)
	p.api("POST", "loan_draft", `{`).want(400)
	p.step("POST", "drafts/"+uuid+"/publish", "").want(200)
	p.step("POST", "loans", `{"internal_loan_id":"L-1042"}`).want(200)
	p.step("POST", "loans/advance?status=payingBack", "").want(200)
	batch := p.api("POST", "journals", `{"journals":[`+journal+`]}`).want(200).object()["archive_id"].(string)
	p.step("POST", "journals/"+batch+"/confirm", "").want(200)
	p.api("POST", "repayments", `{"repayments":[{"loan_id":"G-1","amount":5.5},{"loan_id":"L-9999","amount":5}]}`).want(200)
	p.step("POST", "repayments/finalise", "").want(200)

	again, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(p.server.store.State, again.store.State,
		cmp.AllowUnexported(pa2.State{}, pa2.Loan{}, pa2.Draft{}, pa2.Archive{}, pa2.Upload{}, pa2.Span{}), cmpopts.IgnoreFields(pa2.State{}, "Read"))
	if diff != "" {
		t.Errorf("live and replayed state differ:\n%s", diff)
	}
}

func TestPrivateFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	p := start(t, Options{Dir: dir})
	p.api("POST", "loan_draft", goodDraft).want(200)
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %s", path, info.Mode())
		}
		files++
		return err
	})
	if err != nil || files < 6 {
		t.Errorf("%d files, %v", files, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil || strings.Contains(string(data), "iVBOR") {
		t.Errorf("the log holds the photo (%v)", err)
	}
}

func TestDiskFull(t *testing.T) {
	p := start(t, Options{})
	p.server.store.Log = &fullLog{p.server.store.Log}
	p.api("POST", "loan_draft", goodDraft).want(500)
	if got := len(p.record()); got != 0 {
		t.Errorf("%d entries", got)
	}
}

// A fullLog has no room left.
type fullLog struct{ pa2.EventLog }

func (*fullLog) Append(int64, []byte) error { return syscall.ENOSPC }

func BenchmarkCreateDraft(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	api := &partnerapi.API{Photos: s.photos}
	body := []byte(without(goodDraft, "image_encoded"))
	b.ReportAllocs()
	for b.Loop() {
		c := &exchange.Call{ID: pa2.NewID(), Data: body}
		if a := s.recordDecision("loan_draft", c, api.CreateDraft(c)); a.Status != 200 {
			b.Fatal(a)
		}
	}
}
