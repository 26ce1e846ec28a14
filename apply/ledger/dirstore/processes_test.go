package dirstore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/dirstore"
)

// The test's own program stands in for other programs that have the same
// store: these variables tell it which one to be.
const (
	rolePlace  = "DIRSTORE_TEST_PLACE"  // the store's directory
	roleWriter = "DIRSTORE_TEST_WRITER" // writes the keys of everyone, in its own order
	roleLoop   = "DIRSTORE_TEST_LOOP"   // writes on until it is killed
)

func TestMain(m *testing.M) {
	store := dirstore.New(os.Getenv(rolePlace))
	if writer := os.Getenv(roleWriter); writer != "" {
		os.Exit(writeAll(store, writer))
	}
	if loop := os.Getenv(roleLoop); loop != "" {
		os.Exit(writeOn(store, loop))
	}
	os.Exit(m.Run())
}

const (
	processes  = 16
	sharedKeys = 40
)

func sharedKey(i int) string { return fmt.Sprintf("staging/145/journals/all.%d.intent.json", i+1) }

// writeAll creates every key, and prints those that it has won. It begins when
// its input ends, so that all begin at once.
func writeAll(store *dirstore.Store, writer string) int {
	os.Stdin.Read(make([]byte, 1))
	n, _ := strconv.Atoi(writer)
	for _, i := range rand.New(rand.NewPCG(6, uint64(n/2))).Perm(sharedKeys) { // every order twice
		switch err := store.Create(context.Background(), sharedKey(i), ownBytes(writer, i)); {
		case err == nil:
			fmt.Println(i)
		case !errors.Is(err, ledger.ErrExists):
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// ownBytes differ between writers, also in length.
func ownBytes(writer string, key int) []byte {
	n, _ := strconv.Atoi(writer)
	return bytes.Repeat(fmt.Appendf(nil, "writer %s, key %d\n", writer, key), 1+n*20)
}

// Sixteen programs create the same keys at once: each key has one winner, and
// holds what the winner wrote.
func TestSixteenProcesses(t *testing.T) {
	rounds := 3
	if os.Getenv("KIVAFORM_LONG") != "" {
		rounds = 15
	}
	winners := make(map[string]bool)
	for range rounds {
		root := filepath.Join(t.TempDir(), "ledger")
		won := race(t, root)
		store := dirstore.New(root)
		for i := range sharedKeys {
			if len(won[i]) != 1 {
				t.Errorf("%s was won by %q", sharedKey(i), won[i])
				continue
			}
			winners[won[i][0]] = true
			if got, err := store.Get(t.Context(), sharedKey(i)); err != nil || !bytes.Equal(got, ownBytes(won[i][0], i)) {
				t.Errorf("%s was won by %s and holds %.60q (%v)", sharedKey(i), won[i][0], got, err)
			}
		}
		if keys := objects(t, store); len(keys) != sharedKeys {
			t.Errorf("%d objects, want %d: %q", len(keys), sharedKeys, keys)
		}
	}
	t.Logf("%d rounds of %d keys by %d processes, %d of which won something", rounds, sharedKeys, processes, len(winners))
	if len(winners) < 2 {
		t.Error("one process won everything: they weren't at it at once")
	}
}

// race lets all processes write, and returns who won each key.
func race(t *testing.T, root string) map[int][]string {
	t.Helper()
	gate, open, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var runs [processes]*exec.Cmd
	var outs [processes]bytes.Buffer
	for w := range runs {
		runs[w] = role(t, root, roleWriter, strconv.Itoa(w))
		runs[w].Stdin, runs[w].Stdout = gate, &outs[w]
		if err := runs[w].Start(); err != nil {
			t.Fatal(err)
		}
	}
	gate.Close()
	open.Close()
	won := make(map[int][]string)
	for w, run := range runs {
		if err := run.Wait(); err != nil {
			t.Errorf("writer %d: %v", w, err)
		}
		for _, field := range strings.Fields(outs[w].String()) {
			i, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			won[i] = append(won[i], strconv.Itoa(w))
		}
	}
	return won
}

// role makes a command that runs this program as another.
func role(t *testing.T, root, role, value string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	// Under the race detector each process would end a second later.
	c.Env = append(os.Environ(), rolePlace+"="+root, role+"="+value, "GORACE=atexit_sleep_ms=0")
	c.Stderr = os.Stderr
	return c
}

func objects(t *testing.T, store *dirstore.Store) []string {
	t.Helper()
	var keys []string
	for key, err := range store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

// mostObjects bounds what a writer leaves behind that nobody kills.
const mostObjects = 300

// writeOn creates objects of many sizes until it is killed, and prints the key
// of each that stands.
func writeOn(store *dirstore.Store, loop string) int {
	n, _ := strconv.Atoi(loop)
	random := rand.New(rand.NewPCG(7, uint64(n)))
	for i := range mostObjects {
		key := fmt.Sprintf("e/%d/%02x/%d.json", n, i%16, i)
		if err := store.Create(context.Background(), key, sealed(random.IntN(1<<16))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(key)
	}
	return 0
}

// sealed returns data that says whether it is whole.
func sealed(size int) []byte {
	data := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)
	sum := sha256.Sum256(data)
	return append([]byte(hex.EncodeToString(sum[:])+"\n"), data...)
}

func whole(data []byte) bool {
	seal, rest, _ := bytes.Cut(data, []byte("\n"))
	sum := sha256.Sum256(rest)
	return string(seal) == hex.EncodeToString(sum[:])
}

// A program that is killed while it writes leaves whole objects or none: what
// it said to be there is there, and no list shows an unfinished file.
func TestKilledWhileWriting(t *testing.T) {
	kills := 20
	if os.Getenv("KIVAFORM_LONG") != "" {
		kills = 150
	}
	root := t.TempDir()
	random := rand.New(rand.NewPCG(8, 0))
	promised := make(map[string]bool)
	for i := range kills {
		for _, key := range killedAfter(t, root, i, random.IntN(12), time.Duration(random.IntN(3000))*time.Microsecond) {
			promised[key] = true
		}
	}
	store := dirstore.New(root)
	keys := objects(t, store)
	for _, key := range keys {
		if data, err := store.Get(t.Context(), key); err != nil || !whole(data) {
			t.Errorf("%s is broken: %d bytes, %v", key, len(data), err)
		}
		if !strings.HasSuffix(key, ".json") {
			t.Errorf("%s is listed and is no object", key)
		}
		delete(promised, key)
	}
	for key := range promised {
		t.Errorf("%s was created, and isn't listed", key)
	}
	files := filesIn(t, root)
	t.Logf("%d kills: %d whole objects, %d unfinished files that no list shows", kills, len(keys), files-len(keys))
	if len(keys) == 0 || files == len(keys) {
		t.Error("no kill came at a moment that mattered")
	}
}

// killedAfter kills a writer some time after it has printed so many keys, and
// returns all that it has printed.
func killedAfter(t *testing.T, root string, loop, lines int, more time.Duration) []string {
	t.Helper()
	run := role(t, root, roleLoop, strconv.Itoa(loop))
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	printed := bufio.NewScanner(out)
	for len(keys) < lines && printed.Scan() {
		keys = append(keys, printed.Text())
	}
	time.Sleep(more)
	run.Process.Kill()
	for printed.Scan() {
		keys = append(keys, printed.Text())
	}
	run.Wait()
	return keys
}

func filesIn(t *testing.T, root string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
