//go:build unix

package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/pgstore"
	"kivaform/kiva/hint"
)

// through returns the address of a database by way of a wire.
func through(t *testing.T, w *ledgertest.Wire, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = w.Address, "sslmode=disable"
	return u.String()
}

// What may go wrong, with one real server.
func TestServer(t *testing.T) {
	server := ledgertest.Postgres(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *ledgertest.PostgresServer)
	}{
		{"connection lost", connectionLost},
		{"reads survive a lost connection", readsSurviveALostConnection},
		{"table is made once", tableIsMadeOnce},
		{"rights", rights},
		{"commits are durable", commitsAreDurable}, // changes the server, so it is the last
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, server) })
	}
}

// The connection is cut at an insert: before the server has it, or when it
// answers. Others try to create the same meanwhile.
func connectionLost(t *testing.T, server *ledgertest.PostgresServer) {
	for _, tt := range []struct {
		name     string
		after    bool // the insert arrives
		other    bool // another program creates the key before we can look
		otherErr error
		want     error
	}{
		{name: "before", want: nil},
		{name: "before, and another is faster", other: true, want: ledger.ErrExists},
		{name: "after", after: true, want: nil},
		{name: "after, and another comes too late", after: true, other: true, otherErr: ledger.ErrExists, want: nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := server.Database(t)
			direct := open(t, address)
			if err := direct.Create(t.Context(), "kivaform-ledger.json", nil); err != nil {
				t.Fatal(err)
			}
			w := ledgertest.NewWire(t, server.Dial)
			s := open(t, through(t, w, address))
			data := []byte("bytes of both")
			interfere := func() {
				if !tt.other {
					return
				}
				if err := direct.Create(context.Background(), "a.json", data); !errors.Is(err, tt.otherErr) {
					t.Errorf("the other: %v, want %v", err, tt.otherErr)
				}
			}
			if tt.after {
				w.CutAfter("INSERT INTO", interfere)
			} else {
				w.CutBefore("INSERT INTO", interfere)
			}
			if err := s.Create(t.Context(), "a.json", data); !errors.Is(err, tt.want) {
				t.Errorf("Create: %v, want %v", err, tt.want)
			}
			if !w.Cut() {
				t.Error("nothing was cut")
			}
			if got, err := s.Get(t.Context(), "a.json"); err != nil || string(got) != string(data) {
				t.Errorf("Get: %q, %v", got, err)
			}
		})
	}
}

// Reads go on by another connection.
func readsSurviveALostConnection(t *testing.T, server *ledgertest.PostgresServer) {
	w := ledgertest.NewWire(t, server.Dial)
	s := open(t, through(t, w, server.Database(t)))
	if err := s.Create(t.Context(), "a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	w.CutAfter("SELECT key, data", nil)
	if got, err := s.Get(t.Context(), "a.json"); err != nil || string(got) != "x" {
		t.Errorf("Get: %q, %v", got, err)
	}
	w.CutBefore("SELECT key FROM", nil)
	n := 0
	for key, err := range s.List(t.Context(), "") {
		if n++; err != nil || key != "a.json" {
			t.Errorf("List: %q, %v", key, err)
		}
	}
	if n != 1 || !w.Cut() {
		t.Errorf("%d keys", n)
	}
}

// A server that can't be reached is an error before long, and at once where the
// caller's time is over.
func TestNobodyWaitsForEver(t *testing.T) {
	hole, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	s := open(t, "postgres://kivaform@"+hole.Addr().String()+"/test?sslmode=disable&connect_timeout=1")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Create(ctx, "a.json", nil); err == nil {
		t.Error("created")
	}
	if _, err := s.Get(ctx, "a.json"); err == nil {
		t.Error("read")
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}

// Two programs make the table at once.
func tableIsMadeOnce(t *testing.T, server *ledgertest.PostgresServer) {
	address := server.Database(t)
	var wg sync.WaitGroup
	for i := range 8 {
		s := open(t, address)
		wg.Go(func() {
			if err := s.Create(t.Context(), fmt.Sprintf("%d.json", i), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// What a user may do decides: reading needs no table, creating needs INSERT, and
// nothing needs more than the rights that are documented.
func rights(t *testing.T, server *ledgertest.PostgresServer) {
	address := server.Database(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	database := strings.TrimPrefix(u.Path, "/")
	server.Psql(t, database, `CREATE ROLE clerk LOGIN`)
	server.Psql(t, database, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	u.User = url.User("clerk")
	clerk := open(t, u.String())
	for key, err := range clerk.List(t.Context(), "") {
		t.Errorf("List without a table: %q, %v", key, err)
	}
	if err := clerk.Create(t.Context(), "a.json", nil); err == nil || !strings.Contains(hint.Text(err), "hint: the user needs SELECT and INSERT") {
		t.Errorf("Create without rights: %v", err)
	}
	server.Psql(t, database, pgstore.Table)
	server.Psql(t, database, `GRANT SELECT ON kivaform_ledger TO clerk`)
	if err := clerk.Create(t.Context(), "a.json", nil); err == nil || !strings.Contains(hint.Text(err), "hint:") {
		t.Errorf("Create without INSERT: %v", err)
	}
	server.Psql(t, database, `GRANT INSERT ON kivaform_ledger TO clerk`)
	if err := clerk.Create(t.Context(), "a.json", nil); err != nil {
		t.Errorf("Create with SELECT and INSERT: %v", err)
	}
}

// A database whose commits don't wait for the disk is told to, for the ledger
// alone.
func commitsAreDurable(t *testing.T, server *ledgertest.PostgresServer) {
	address := server.Database(t)
	server.Psql(t, "postgres", `ALTER SYSTEM SET synchronous_commit = off`)
	server.Psql(t, "postgres", `SELECT pg_reload_conf()`)
	s := open(t, address)
	u, _ := url.Parse(address)
	database := strings.TrimPrefix(u.Path, "/")
	server.Psql(t, database, pgstore.Table)
	server.Psql(t, database, `ALTER TABLE kivaform_ledger ADD durable text DEFAULT current_setting('synchronous_commit')`)
	if err := s.Create(t.Context(), "a.json", nil); err != nil {
		t.Fatal(err)
	}
	if got := server.Psql(t, database, `SELECT durable FROM kivaform_ledger`); got != "on" {
		t.Errorf("synchronous_commit was %s", got)
	}
	if got := server.Psql(t, database, `SHOW synchronous_commit`); got != "off" {
		t.Errorf("the server's is %s", got)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"postgres://u:hunter2@h/d", "postgres://u@h/d?password=hunter2"} {
		_, err := pgstore.New(address, pgstore.Options{})
		if !errors.Is(err, pgstore.ErrPassword) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := pgstore.New("postgres://u@h:port/d", pgstore.Options{}); err == nil {
		t.Error("a port that is none was taken")
	}
}
