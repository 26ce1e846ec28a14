package ledgertest

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// An S3Server is an S3-compatible server of a test's own.
type S3Server struct {
	Endpoint string // its address
	dir      string
}

// S3 starts a server that lives as long as the test, and sets the variables by
// which its clients are let in.
func S3(t testing.TB) *S3Server {
	t.Helper()
	program := Need(t, "versitygw", "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	dir := t.TempDir()
	s := &S3Server{dir: filepath.Join(dir, "buckets")}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	s.Endpoint = "http://" + address
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--port", address, "--access", "test", "--secret", "not-a-secret", "--quiet", "posix", "--sidecar", sidecar(t, dir), s.dir)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
	})
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if answer, err := http.Get(s.Endpoint); err == nil {
			answer.Body.Close()
			return s
		}
	}
	said, _ := os.ReadFile(log.Name())
	t.Fatalf("the S3 server doesn't start:\n%s", said)
	return nil
}

// sidecar is where the server keeps metadata, as not every file system can.
func sidecar(t testing.TB, dir string) string {
	name := filepath.Join(dir, "metadata")
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Bucket makes a bucket and returns its address.
func (s *S3Server) Bucket(t testing.TB, name string) string {
	t.Helper()
	if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
		t.Fatal(err)
	}
	return "s3://" + name + "/ledger?endpoint=" + s.Endpoint
}

// Files returns the folder in which the server keeps a bucket.
func (s *S3Server) Files(bucket string) string { return filepath.Join(s.dir, bucket) }
