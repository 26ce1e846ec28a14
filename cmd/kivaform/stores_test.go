//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"kivaform/apply/ledger/ledgertest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

// A kind of store, and the ways to a new one.
type storeKind struct {
	name string
	// begin returns the place of a new ledger, and what reads all of its bytes.
	begin func(t *testing.T, remote string) (place string, bytes func(t *testing.T) []byte)
}

// storeKinds starts the servers that the stores need.
func storeKinds(t *testing.T) []storeKind {
	kinds := []storeKind{
		{"directory", func(t *testing.T, _ string) (string, func(*testing.T) []byte) {
			dir := filepath.Join(t.TempDir(), "shared")
			return dir, func(t *testing.T) []byte { return allFiles(t, dir) }
		}},
		{"git", func(_ *testing.T, remote string) (string, func(*testing.T) []byte) {
			return "git:kivaform-ledger", func(t *testing.T) []byte {
				return branchObjects(t, remote, "kivaform-ledger")
			}
		}},
	}
	t.Run("PostgreSQL starts", func(sub *testing.T) {
		_ = ledgertest.Need(sub, "psql", "apt-get install postgresql")
		server := ledgertest.Postgres(t)
		kinds = append(kinds, storeKind{"postgres", func(t *testing.T, _ string) (string, func(*testing.T) []byte) {
			address := server.Database(t)
			database, _, _ := strings.Cut(address[strings.LastIndex(address, "@/")+2:], "?")
			return address, func(t *testing.T) []byte {
				return []byte(server.Psql(t, database, `SELECT key, convert_from(data, 'UTF8'), writer FROM kivaform_ledger`))
			}
		}})
	})
	t.Run("S3 starts", func(sub *testing.T) {
		_ = ledgertest.Need(sub, "versitygw", "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0")
		server, buckets := ledgertest.S3(t), 0
		kinds = append(kinds, storeKind{"s3", func(t *testing.T, _ string) (string, func(*testing.T) []byte) {
			buckets++
			name := fmt.Sprintf("bucket-%d", buckets)
			return server.Bucket(t, name), func(t *testing.T) []byte { return allFiles(t, server.Files(name)) }
		}})
	})
	return kinds
}

func allFiles(t *testing.T, dir string) []byte {
	var all bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.WriteString(path + "\n")
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}

// branchObjects returns all objects that a branch has or ever had, with their
// names.
func branchObjects(t *testing.T, repository, branch string) []byte {
	list := git(t, repository, "rev-list", "--objects", branch)
	var ids strings.Builder
	for line := range strings.Lines(list) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		ids.WriteString(id + "\n")
	}
	cmd := exec.Command("git", "-C", repository, "cat-file", "--batch")
	cmd.Stdin = strings.NewReader(ids.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(list), out...)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Test", "-c", "user.email=test@localhost"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// A team is a month whose files are in a repository and whose ledger is shared.
// Each member works in a clone.
type team struct {
	*month
	remote string
	place  string
	bytes  func(t *testing.T) []byte // all of the ledger
}

func newTeam(t *testing.T, kind storeKind) *team {
	t.Helper()
	tm := &team{remote: filepath.Join(t.TempDir(), "partner.git")}
	git(t, filepath.Dir(tm.remote), "init", "--quiet", "--bare", "--initial-branch=main", tm.remote)
	git(t, tm.remote, "config", "uploadpack.allowFilter", "true")
	first := filepath.Join(t.TempDir(), "first")
	git(t, filepath.Dir(first), "clone", "--quiet", tm.remote, first)
	m, err := newMonth(first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"} {
		m.env = append(m.env, name+"="+os.Getenv(name))
	}
	tm.month = m
	tm.place, tm.bytes = kind.begin(t, tm.remote)
	if kind.name == "directory" {
		m.env = append(m.env, session.AllowFolders+"="+tm.place)
	}
	settings := filepath.Join(first, "kiva.yaml")
	data, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, append(data, "ledger: '"+tm.place+"'\n"...), 0o666); err != nil {
		t.Fatal(err)
	}
	git(t, first, "add", ".")
	git(t, first, "commit", "--quiet", "-m", "a month")
	git(t, first, "push", "--quiet", "origin", "HEAD:main")
	return tm
}

// member returns a new clone.
func (tm *team) member(t *testing.T) *month {
	t.Helper()
	m := *tm.month
	m.dir = filepath.Join(t.TempDir(), "clone")
	git(t, filepath.Dir(m.dir), "clone", "--quiet", "--branch=main", tm.remote, m.dir)
	return &m
}

// bring copies the shared ledger into a member's folder "ledger", where a test
// reads it.
func (tm *team) bring(ctx context.Context, m *month) error {
	_, err := m.must(ctx, cli.ExitDone, "ledger", "copy", "--backup", tm.place, "ledger")
	return err
}

// Machines that share a ledger, on every kind of store.
func TestSharedLedgers(t *testing.T) {
	for _, kind := range storeKinds(t) {
		t.Run(kind.name, func(t *testing.T) {
			t.Run("three clones at once", func(t *testing.T) { threeClones(t, newTeam(t, kind)) })
			t.Run("a machine vanishes", func(t *testing.T) { vanishes(t, kind) })
			t.Run("personal data", func(t *testing.T) { noPersonalData(t, newTeam(t, kind)) })
			if kind.name == "postgres" || kind.name == "s3" {
				t.Run("moves", func(t *testing.T) { moves(t, kind) })
			}
		})
	}
}

// Three clones apply at the same time from three processes: each item is
// accepted once, and nobody waits for ever.
func threeClones(t *testing.T, tm *team) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var members [3]*month
	var endings [3]ending
	for i := range members {
		members[i] = tm.member(t)
	}
	g := new(errgroup.Group)
	for i, m := range members {
		g.Go(func() (err error) {
			time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			endings[i], err = end(m.applyCommand(ctx))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, e := range endings {
		n, err := sentBy(e)
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	if sent != monthItems {
		t.Errorf("the accounts say that %d items were sent, not %d\n%s", sent, monthItems, endings)
	}
	t.Logf("exit %d, %d, %d", endings[0].code, endings[1].code, endings[2].code)
	last := tm.member(t)
	if err := errors.Join(tm.bring(ctx, last), last.verdict(ctx)); err != nil {
		t.Error(err)
	}
}

// A machine is killed in the middle and its clone is gone. Another one sees what
// is unknown, a person decides there, and the rest is sent.
func vanishes(t *testing.T, kind storeKind) {
	c := new(killTally)
	reads := requestsOfARun(t) - monthRequests
	step := 9
	if long() {
		step = 1
	}
	for n := reads + 1; n <= reads+monthRequests; n += step {
		tm, ctx := newTeam(t, kind), t.Context()
		lost := tm.member(t)
		if err := lost.killed(ctx, c, moment{request: n, delay: time.Duration(rand.IntN(4000)) * time.Microsecond}); err != nil {
			t.Fatal(err)
		}
		remove(t, lost.dir)
		other := tm.member(t)
		if err := errors.Join(tm.bring(ctx, other), other.applyAround(ctx, c)); err != nil {
			t.Fatalf("killed at request %d: %v", n, err)
		}
		if err := errors.Join(tm.bring(ctx, other), other.decideAll(ctx, c)); err != nil {
			t.Fatalf("killed at request %d: %v", n, err)
		}
		e, err := end(other.applyCommand(ctx))
		if err != nil || e.code != cli.ExitDone {
			t.Fatalf("killed at request %d: the last run: %v, %s", n, err, e)
		}
		if err := errors.Join(tm.bring(ctx, other), other.verdict(ctx)); err != nil {
			t.Fatalf("killed at request %d: %v", n, err)
		}
	}
	t.Log(c)
	if c.exists.Load()+c.absent.Load() == 0 {
		t.Error("nothing was ever unknown")
	}
}

// remove removes the clone of a program that was killed. What the program had
// started may write into it for a moment.
func remove(t *testing.T, dir string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := os.RemoveAll(dir)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// A ledger is copied to another place, and a workspace goes on there: what it
// keeps of the one is not what it keeps of the other.
func moves(t *testing.T, kind storeKind) {
	tm, ctx := newTeam(t, kind), t.Context()
	m := tm.member(t)
	if e, err := end(m.applyCommand(ctx)); err != nil || e.code != cli.ExitDone {
		t.Fatalf("%v, %s", err, e)
	}
	place, _ := kind.begin(t, tm.remote)
	if _, err := m.must(ctx, cli.ExitDone, "ledger", "copy", tm.place, place); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(m.dir, "kiva.yaml")
	data, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		place string
		files int
	}{{tm.place, 1}, {tm.place, 1}, {place, 2}} {
		if err := os.WriteFile(settings, bytes.Replace(data, []byte(tm.place), []byte(step.place), 1), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := m.must(ctx, cli.ExitDone, "plan"); err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, dir := range m.ledgerCaches(t) {
			files, _ := filepath.Glob(filepath.Join(dir, "*.objects"))
			kept = append(kept, files...)
		}
		if len(kept) != step.files {
			t.Errorf("after plan %d, with %s: the cache has %q; want %d", i+1, step.place, kept, step.files)
		}
	}
}

// ledgerCaches returns the folders of what was read from ledgers afar.
func (m *month) ledgerCaches(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(m.home(), ".cache", "kivaform", "workspaces", "*", "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// planted are values that nothing else has, one for each personal field.
var planted = map[string]string{
	"first_name": "Quixotelia", "last_name": "Zarathrustova", "gender": "female", "group_name": "Wyverngroup",
	"description": "Xylophonist gardens", "loanuse": "to procure mangosteens", "image_url": "https://images.example.org/qqportrait.jpg",
	"subject": "Jabberwockish", "body": "Snarkhunted boojums",
}

// No personal value is in the bytes of a ledger, of its cache, or of an export.
func noPersonalData(t *testing.T, tm *team) {
	ctx := t.Context()
	p := planted
	files := map[string]string{
		"loans.yaml": fmt.Sprintf(`kind: LoanDraft
group_name: %s
internal_loan_id: G-1
internal_client_id: "1"
entreps:
  - {loan_id: D-1, client_id: "01", first_name: %s, last_name: %s, gender: %s, amount: 50000}
  - {loan_id: D-2, client_id: "02", first_name: %s, last_name: %s, gender: %s, amount: 50000}
not_pictured: [false, false]
description: %s
loanuse: %s
image_url: %s
disburse_time: %s
`, p["group_name"], p["first_name"], p["last_name"], p["gender"], p["first_name"], p["last_name"], p["gender"],
			p["description"], p["loanuse"], p["image_url"], time.Now().AddDate(0, 0, 10).Format(time.DateOnly)),
		"journals.yaml": fmt.Sprintf("kind: Journal\nkey: visit\ninternal_loan_id: L-0801\ninternal_client_id: \"00801\"\nsubject: %s\nbody: %s\nimage_url: %s\n",
			p["subject"], p["body"], p["image_url"]),
	}
	m := tm.member(t)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := end(m.applyCommand(ctx)); err != nil || e.code != cli.ExitDone || !strings.Contains(e.out, fmt.Sprintf("\nsent %d\n", 2+monthRows)) {
		t.Fatalf("%v, %s", err, e)
	}
	if _, err := m.must(ctx, cli.ExitDone, "plan"); err != nil { // fills the cache
		t.Fatal(err)
	}
	where := map[string][]byte{"the store": tm.bytes(t)}
	for _, dir := range m.ledgerCaches(t) {
		where["the cache"] = allFiles(t, dir)
	}
	for _, format := range []string{"jsonl", "csv"} {
		e, err := m.must(ctx, cli.ExitDone, "ledger", "export", "--format", format)
		if err != nil {
			t.Fatal(err)
		}
		where["the export as "+format] = []byte(e.out)
		if n := strings.Count(e.out, "loan_draft/G-1,"); format == "csv" && n != 2 || strings.Contains(e.out, "confirm") && strings.Contains(e.out, "http") {
			t.Errorf("the export:\n%.2000s", e.out)
		}
	}
	if !bytes.Contains(where["the store"], []byte("loan_draft/G-1")) {
		t.Errorf("the store's bytes don't hold the draft's address: they aren't all")
	}
	for name, data := range where {
		for _, field := range slices.Sorted(maps.Keys(planted)) {
			if bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(planted[field]))) {
				t.Errorf("%s holds %s in clear", name, field)
			}
		}
	}
}
