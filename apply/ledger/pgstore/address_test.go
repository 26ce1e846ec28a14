package pgstore

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kivaform/kiva/hint"

	"github.com/jackc/pgx/v5/pgxpool"
)

const secret = "a-password-of-the-pipeline"

// cleanEnvironment takes what libpq would read from this machine away.
func cleanEnvironment(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"PGHOST", "PGPORT", "PGUSER", "PGSSLMODE", "PGREQUIREAUTH", "PGSSLROOTCERT", "PGSERVICE", "PGCHANNELBINDING", "PGOPTIONS"} {
		t.Setenv(name, "")
	}
	t.Setenv("PGPASSWORD", secret)
}

func TestAddressesAreRefused(t *testing.T) {
	cleanEnvironment(t)
	for address, want := range map[string]string{
		"postgres://u@db.example.org/d?sslmode=disable":                                    "KIVAFORM_ALLOW_INSECURE=postgres",
		"postgres://u@db.example.org/d?sslmode=allow":                                      "db.example.org",
		"postgres://u@db.example.org/d?sslmode=prefer":                                     "sslmode=prefer",
		"postgres://u@db.example.org/d?sslmode=require":                                    "verify-full",
		"postgres://u@db.example.org/d?sslmode=verify-ca":                                  "verify-full",
		"postgres://u@localhost,db.example.org/d?sslmode=disable":                          "db.example.org",
		"postgres://u@/d?host=127.0.0.1,db.example.org&port=1,2&sslmode=prefer":            "db.example.org",
		"postgres://u@localhost/d?host=db.example.org&sslmode=disable":                     "db.example.org",
		"postgres://u@localhost.example.org/d?sslmode=disable":                             "localhost.example.org",
		"postgres://u@127.0.0.1.example.org/d?sslmode=disable":                             "127.0.0.1.example.org",
		"postgres://u@127.1/d?sslmode=disable":                                             "127.1",
		"postgres://u@0.0.0.0/d?sslmode=disable":                                           "0.0.0.0",
		"postgres://u@db.example.org/d?require_auth=password":                              "require_auth=password",
		"postgres://u@db.example.org/d?require_auth=md5":                                   "require_auth=md5",
		"postgres://u@db.example.org/d?require_auth=scram-sha-256,md5":                     "scram-sha-256",
		"postgres://u@127.0.0.1/d?sslmode=disable&require_auth=password":                   "require_auth=password",
		"postgres://u@localhost/d?require_auth=scram-sha-256,md5":                          "require_auth=scram-sha-256,md5",
		"postgres://u@/d?host=/run/postgresql&require_auth=!none":                          "require_auth=!none",
		"postgres:///d?host=localhost&require_auth=gss":                                    "require_auth=gss",
		"postgres://u@db.example.org/d?require_auth=!none":                                 "scram-sha-256",
		"postgres://u@db.example.org/d?sslmode=verify-full&sslmode=disable":                "twice",
		"postgres://u@db.example.org/d?sslmode=verify-full;sslmode=disable":                "can't be read",
		"postgres://u@db.example.org/d?sslmode=verify-full&ssl%6dode=disable":              "twice",
		"postgres://u@db.example.org/d#?sslmode=disable":                                   "can't be read",
		"postgres://u@db.example.org/d?passfile=/etc/pgpass":                               "PGPASSFILE",
		"postgres://u@db.example.org/d?service=x":                                          "PGSERVICE",
		"postgres://u@db.example.org/d?servicefile=x":                                      "PGSERVICEFILE",
		"postgres://u@db.example.org/d?sslcert=a&sslkey=b":                                 "PGSSLCERT",
		"postgres://u@db.example.org/d?sslkey=b":                                           "PGSSLKEY",
		"postgres://u@db.example.org/d?sslpassword=b":                                      "PGSSLPASSWORD",
		"postgres://u@db.example.org/d?ssl=true":                                           `unknown parameter "ssl"`,
		"postgres://u@db.example.org/d?hostaddr=203.0.113.5":                               `unknown parameter "hostaddr"`,
		"postgres://u@db.example.org/d?session_replication_role=replica":                   "unknown parameter",
		"postgres://u@db.example.org/d?sslrootcert=/dev/zero":                              "no file of certificates",
		"postgres://u@db.example.org/d?sslrootcert=/no/such/file":                          "no such file",
		"postgres://u:" + secret + "@db.example.org/d":                                     "PGPASSWORD",
		"postgres://u@db.example.org/d?pass%77ord=" + secret + "&sslmode=disable":          "PGPASSWORD",
		"postgres://u@db.example.org/d?password=" + secret + "&sslmode=x&application_name": "PGPASSWORD",
	} {
		_, err := New(address, Options{})
		if err == nil || !strings.Contains(hint.Text(err), want) || strings.Contains(hint.Text(err), secret) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

func TestSettingsOfAddresses(t *testing.T) {
	authority := newAuthority(t)
	for _, tt := range []struct {
		name, address string
		environment   map[string]string
		insecure      bool
		verified      bool
		auth          string
	}{
		{name: "another host", address: "postgres://u@db.example.org/d", verified: true, auth: "scram-sha-256"},
		{name: "its parameters", address: "postgres://u@db.example.org/d?search_path=a+b&options=-c%20x=1", verified: true, auth: "scram-sha-256"},
		{name: "a private authority", address: "postgres://u@db.example.org/d?sslmode=verify-full&sslrootcert=" + authority.file, verified: true, auth: "scram-sha-256"},
		{name: "the system's", address: "postgres://u@db.example.org/d?sslrootcert=system", verified: true, auth: "scram-sha-256"},
		{name: "certificates in place of passwords", address: "postgres://u@db.example.org/d?require_auth=none", verified: true, auth: "none"},
		{name: "this machine", address: "postgres://u@localhost/d?sslmode=disable", auth: "scram-sha-256,none"},
		{name: "this machine, by address", address: "postgres://u@[::1]:5433/d?sslmode=disable", auth: "scram-sha-256,none"},
		{name: "this machine, with certificates", address: "postgres://u@127.0.0.1/d?sslmode=disable&require_auth=none", auth: "none"},
		{name: "this machine asks for the password", address: "postgres://u@127.0.0.1/d?sslmode=disable", environment: map[string]string{"PGREQUIREAUTH": "password"}, auth: "password"},
		{name: "this machine asks for the password, which is allowed", address: "postgres://u@127.0.0.1/d?sslmode=disable&require_auth=password", insecure: true, auth: "password"},
		{name: "a socket", address: "postgres://u@/d?host=/run/postgresql", auth: "scram-sha-256,none"},
		{name: "here and there", address: "postgres://u@localhost,db.example.org/d", verified: true, auth: "scram-sha-256"},
		{name: "allowed", address: "postgres://u@db.example.org/d?sslmode=disable", insecure: true},
		{name: "allowed, and asks for the password", address: "postgres://u@db.example.org/d?sslmode=disable&require_auth=password", insecure: true, auth: "password"},
		{name: "the environment's host", address: "postgres:///d", environment: map[string]string{"PGHOST": "db.example.org"}, verified: true, auth: "scram-sha-256"},
		{name: "the environment's host asks for the password", address: "postgres:///d", environment: map[string]string{"PGHOST": "db.example.org", "PGREQUIREAUTH": "password"}, verified: true, auth: "password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cleanEnvironment(t)
			for name, value := range tt.environment {
				t.Setenv(name, value)
			}
			c, err := configureFor(tt.address, Options{Dir: t.TempDir(), Insecure: tt.insecure})
			if err != nil {
				t.Fatal(err)
			}
			if c.ConnConfig.RequireAuth != tt.auth {
				t.Errorf("require_auth is %q, want %q", c.ConnConfig.RequireAuth, tt.auth)
			}
			for _, h := range listHosts(c) {
				if isVerified(h.TLSConfig) != tt.verified || tt.verified && h.TLSConfig.ServerName != h.Host {
					t.Errorf("%s: verified: %t, want %t", h.Host, !tt.verified, tt.verified)
				}
			}
		})
	}
}

// What the environment says of another host that the address names is no consent
// to send the password there.
func TestEnvironmentIsNoConsent(t *testing.T) {
	for name, value := range map[string]string{"PGSSLMODE": "disable", "PGREQUIREAUTH": "password"} {
		cleanEnvironment(t)
		t.Setenv(name, value)
		if _, err := New("postgres://u@db.example.org/d", Options{}); err == nil || !strings.Contains(hint.Text(err), AllowInsecure) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

// An authority that came with the files is refused by every name that it has.
func TestAuthorityInTheWorkTree(t *testing.T) {
	cleanEnvironment(t)
	pem, err := os.ReadFile(newAuthority(t).file)
	if err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	tree := filepath.Join(outside, "clone")
	workspace := filepath.Join(tree, "partner")
	for _, dir := range []string{workspace, filepath.Join(tree, ".git")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Join(workspace, "ca.pem"), filepath.Join(tree, "ca.pem"), filepath.Join(outside, "ca.pem")} {
		if err := os.WriteFile(name, pem, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(tree, "ca.pem"), filepath.Join(outside, "link.pem")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(workspace)
	for name, refused := range map[string]bool{
		"ca.pem": true, filepath.Join(workspace, "ca.pem"): true, filepath.Join(tree, "ca.pem"): true, "../ca.pem": true,
		filepath.Join(outside, "link.pem"): true, workspace + "/../../clone/ca.pem": true,
		filepath.Join(outside, "ca.pem"): false, "../../ca.pem": false,
	} {
		_, err := New("postgres://u@db.example.org/d?sslrootcert="+name, Options{Dir: workspace})
		if (err != nil) != refused || err != nil && !strings.Contains(hint.Text(err), "PGSSLROOTCERT") {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("PGSSLROOTCERT", filepath.Join(workspace, "ca.pem"))
	if _, err := New("postgres://u@db.example.org/d", Options{Dir: workspace}); err != nil {
		t.Errorf("the environment's authority: %v", err)
	}
}

// A server under a name that isn't this machine gets no password, however it asks,
// unless the environment allows it.
func TestServersThatAskForThePassword(t *testing.T) {
	cleanEnvironment(t)
	authority := newAuthority(t)
	address := "postgres://u@db.example.org/d?sslrootcert=" + authority.file
	for _, tt := range []struct {
		name    string
		asks    []byte // of AuthenticationRequest
		options Options
		tls     bool
		told    bool
	}{
		{name: "in the clear", asks: cleartext, tls: true},
		{name: "by its digest", asks: md5, tls: true},
		{name: "not at all", asks: ok, tls: true},
		{name: "without TLS", asks: cleartext},
		{name: "in the clear, which is allowed", asks: cleartext, tls: true, options: Options{Insecure: true}, told: true},
		{name: "without TLS, which is allowed", asks: cleartext, options: Options{Insecure: true}, told: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := &greedyServer{asks: tt.asks}
			if tt.tls {
				server.tls = authority.certificate(t, "db.example.org")
			}
			c, err := configureFor(address, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			server.connect(t, c)
			if got := server.heard(); bytes.Contains(got, []byte(secret)) != tt.told || !tt.told && bytes.ContainsRune(got, 'p') {
				t.Errorf("it was told %q", got)
			}
		})
	}
}

// A server without the certificate of its name gets nothing at all.
func TestServersThatArentVerified(t *testing.T) {
	cleanEnvironment(t)
	authority := newAuthority(t)
	for name, certificate := range map[string]*tls.Certificate{
		"of another name":      authority.certificate(t, "other.example.org"),
		"of another authority": newAuthority(t).certificate(t, "db.example.org"),
	} {
		server := &greedyServer{asks: cleartext, tls: certificate}
		c, err := configureFor("postgres://u@db.example.org/d?sslrootcert="+authority.file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.connect(t, c); mayPass(err) {
			t.Errorf("%s: it is tried again: %v", name, err)
		}
		if got := server.heard(); len(got) != 0 {
			t.Errorf("%s: it was told %q", name, got)
		}
	}
}

// AuthenticationRequest of each kind.
var (
	ok        = []byte{'R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, 'I'}
	cleartext = []byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}
	md5       = []byte{'R', 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4}
)

// A greedyServer asks its clients for the password, and keeps what they say after
// the startup message.
type greedyServer struct {
	asks []byte
	tls  *tls.Certificate // nil: it has no TLS

	mu   sync.Mutex
	said []byte
}

func (s *greedyServer) heard() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said
}

// connect lets a client connect once, whatever its host is called.
func (s *greedyServer) connect(t *testing.T, c *pgxpool.Config) error {
	t.Helper()
	var served sync.WaitGroup
	c.ConnConfig.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"203.0.113.5"}, nil }
	c.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		served.Go(func() { s.serve(server) })
		return client, nil
	}
	c.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := pool.Acquire(ctx)
	if err == nil {
		conn.Release()
		t.Error("it is connected")
	}
	pool.Close()
	served.Wait()
	return err
}

func (s *greedyServer) serve(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	const sslRequest = 80877103
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		if binary.BigEndian.Uint32(head[4:]) == sslRequest {
			if s.tls == nil {
				conn.Write([]byte("N"))
				continue
			}
			conn.Write([]byte("S"))
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.tls}})
			continue
		}
		io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head))-8)
		conn.Write(s.asks)
		answer := make([]byte, 1000)
		n, _ := conn.Read(answer)
		s.mu.Lock()
		s.said = append(s.said, answer[:n]...)
		s.mu.Unlock()
		return
	}
}

// An authority vouches for servers.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{filepath.Join(t.TempDir(), "ca.pem"), cert, key}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) certificate(t *testing.T, name string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
