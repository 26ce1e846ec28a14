//go:build unix

package ledgertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A PostgresServer is a PostgreSQL of a test's own.
type PostgresServer struct {
	Socket string // its folder of sockets
	User   string
	psql   string
	names  int
}

// Postgres starts a PostgreSQL that lives as long as the test. It listens on a
// socket in a temporary folder only.
func Postgres(t testing.TB) *PostgresServer {
	t.Helper()
	const install = "apt-get install postgresql"
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Reverse(folders)
	initdb := Need(t, "initdb", install, folders...)
	server := Need(t, "postgres", install, folders...)
	s := &PostgresServer{psql: Need(t, "psql", install, folders...), User: "kivaform"}
	dir, err := os.MkdirTemp("/tmp", "kivaform-pg-") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.Socket = dir
	as := ordinaryUser(t, dir)
	data := filepath.Join(dir, "data")
	start := func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.SysProcAttr, cmd.Dir = as, dir
		return cmd
	}
	if out, err := start(initdb, "-D", data, "-U", s.User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := start(server, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGQUIT)
		cmd.Wait()
		log.Close()
	})
	s.await(t, log.Name())
	return s
}

// ordinaryUser returns how to start a program that refuses to run as root, and
// gives it a folder.
func ordinaryUser(t testing.TB, dir string) *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil { // a machine may have the programs and not the user
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (s *PostgresServer) await(t testing.TB, log string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if exec.Command(s.psql, "-h", s.Socket, "-U", s.User, "-d", "postgres", "-c", "select 1").Run() == nil {
			return
		}
	}
	said, _ := os.ReadFile(log)
	t.Fatalf("PostgreSQL doesn't start:\n%s", said)
}

// Database makes a new database and returns its address.
func (s *PostgresServer) Database(t testing.TB) string {
	t.Helper()
	s.names++
	name := fmt.Sprintf("test%d", s.names)
	s.Psql(t, "postgres", "CREATE DATABASE "+name)
	return s.Address(name)
}

// Address returns the address of a database.
func (s *PostgresServer) Address(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", s.User, database, s.Socket)
}

// Psql runs a statement in a database, and returns what it prints.
func (s *PostgresServer) Psql(t testing.TB, database, statement string) string {
	t.Helper()
	out, err := exec.Command(s.psql, "-X", "-q", "-A", "-t", "-h", s.Socket, "-U", s.User, "-d", database, "-c", statement).CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// Dial connects to the server as a client does.
func (s *PostgresServer) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", filepath.Join(s.Socket, ".s.PGSQL.5432"))
}
