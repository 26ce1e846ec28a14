package s3store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/ledgertest"
	"kivaform/apply/ledger/s3store"
	"kivaform/kiva/hint"
)

// A relay stands before a server, and fails at the puts of one key as a test
// says.
type relay struct {
	next http.Handler

	mu    sync.Mutex
	key   string
	fault func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func (p *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	fault := p.fault
	if fault != nil && r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, p.key) {
		p.fault = nil
	} else {
		fault = nil
	}
	p.mu.Unlock()
	if fault != nil {
		fault(w, r, p.next)
		return
	}
	p.next.ServeHTTP(w, r)
}

// relayed returns a relay to a server, and the address of a bucket behind it.
func relayed(t *testing.T, address string) (*relay, string) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil {
		t.Fatal(err)
	}
	p := &relay{next: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, "s3://" + u.Host + u.Path + "?endpoint=" + server.URL
}

// The answer to a create is lost, or the request is; or the server fails after
// it stored the object. Another program creates the same bytes in between.
func TestAnswerLost(t *testing.T) {
	server := ledgertest.S3(t)
	abort := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	fail := func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }
	for i, tt := range []struct {
		name     string
		arrives  bool
		end      func(http.ResponseWriter)
		other    bool
		otherErr error
		want     error
	}{
		{name: "request lost", end: abort},
		{name: "request lost, and another is faster", end: abort, other: true, want: ledger.ErrExists},
		{name: "answer lost", arrives: true, end: abort},
		{name: "answer lost, and another comes too late", arrives: true, end: abort, other: true, otherErr: ledger.ErrExists},
		{name: "500 though it was stored", arrives: true, end: fail},
		{name: "500, and nothing was stored", end: fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := server.Bucket(t, fmt.Sprintf("lost-%d", i))
			p, through := relayed(t, address)
			s, other := open(t, through), open(t, address)
			p.key = "/a.json"
			p.fault = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if tt.arrives {
					next.ServeHTTP(httptest.NewRecorder(), r)
				}
				if tt.other {
					if err := other.Create(context.Background(), "a.json", []byte("bytes of both")); !errors.Is(err, tt.otherErr) {
						t.Errorf("the other: %v, want %v", err, tt.otherErr)
					}
				}
				tt.end(w)
			}
			if err := s.Create(t.Context(), "a.json", []byte("bytes of both")); !errors.Is(err, tt.want) {
				t.Errorf("Create: %v, want %v", err, tt.want)
			}
			if p.fault != nil {
				t.Error("nothing failed")
			}
			if got, err := other.Get(t.Context(), "a.json"); err != nil || string(got) != "bytes of both" {
				t.Errorf("Get: %q, %v", got, err)
			}
		})
	}
}

// answering returns a store whose server gives one answer to everything.
func answering(t *testing.T, status int) *s3store.Store {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(server.Close)
	return open(t, "s3://bucket/ledger?endpoint="+server.URL)
}

// A server that takes an object in place of another is refused before anything
// is created.
func TestServerIgnoresTheCondition(t *testing.T) {
	if err := answering(t, http.StatusOK).Create(t.Context(), "a.json", nil); !errors.Is(err, s3store.ErrUnconditional) {
		t.Errorf("%v", err)
	}
}

func TestNoRights(t *testing.T) {
	s := answering(t, http.StatusForbidden)
	if err := s.Create(t.Context(), "a.json", nil); err == nil || !strings.Contains(hint.Text(err), "hint: the ledger needs s3:PutObject") {
		t.Errorf("Create: %v", err)
	}
	if _, err := s.Get(t.Context(), "a.json"); err == nil || errors.Is(err, ledger.ErrNotExist) {
		t.Errorf("Get: %v", err)
	}
}

// A bucket that isn't there is not an empty ledger.
func TestNoBucket(t *testing.T) {
	server := ledgertest.S3(t)
	s := open(t, "s3://nowhere/ledger?endpoint="+server.Endpoint)
	if _, err := s.Get(t.Context(), "a.json"); err == nil || errors.Is(err, ledger.ErrNotExist) {
		t.Errorf("Get: %v", err)
	}
	for key, err := range s.List(t.Context(), "") {
		if err == nil {
			t.Errorf("lists %q", key)
		}
	}
}

func TestGivesUpInTime(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	s := open(t, "s3://bucket/ledger?endpoint="+server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Create(ctx, "a.json", nil); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// A list of more keys than a page holds.
func TestManyPages(t *testing.T) {
	s := open(t, ledgertest.S3(t).Bucket(t, "pages"))
	var wg sync.WaitGroup
	work := make(chan int)
	for range 16 {
		wg.Go(func() {
			for i := range work {
				if err := s.Create(t.Context(), fmt.Sprintf("e/%04d.json", i), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	const objects = 1100
	for i := range objects {
		work <- i
	}
	close(work)
	wg.Wait()
	n := 0
	for _, err := range s.List(t.Context(), "e/") {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != objects {
		t.Errorf("%d keys, want %d", n, objects)
	}
}

// Whatever a page says of an object makes another version, and an object without
// an ETag has none.
func TestVersions(t *testing.T) {
	page := `<ListBucketResult>`
	for i, object := range []string{
		`<ETag>"1"</ETag><Size>3</Size><LastModified>2026-11-01T10:00:00.000Z</LastModified>`,
		`<ETag>"2"</ETag><Size>3</Size><LastModified>2026-11-01T10:00:00.000Z</LastModified>`,
		`<ETag>"1"</ETag><Size>4</Size><LastModified>2026-11-01T10:00:00.000Z</LastModified>`,
		`<ETag>"1"</ETag><Size>3</Size><LastModified>2026-11-01T10:00:00.001Z</LastModified>`,
		`<ETag></ETag><Size>3</Size><LastModified>2026-11-01T10:00:00.000Z</LastModified>`,
		`<Size>3</Size><LastModified>2026-11-01T10:00:00.000Z</LastModified>`,
	} {
		page += fmt.Sprintf(`<Contents><Key>ledger/%d.json</Key>%s</Contents>`, i, object)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, page+`</ListBucketResult>`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	s := open(t, "s3://bucket/ledger?endpoint="+server.URL)
	var keys []string
	for key, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	versions, err := s.Versions(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, version := range versions {
		seen[version] = true
	}
	if len(keys) != 6 || len(versions) != 4 || len(seen) != 4 {
		t.Errorf("%d keys with versions %q; want 6, and 4 versions", len(keys), versions)
	}
}

func TestAddresses(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	for address, want := range map[string]string{
		"s3:///p":                                                           "has the form",
		"s3://key:secret@b/p":                                               "has the form",
		"s3://b/p?endpont=http://x":                                         `no parameter "endpont"`,
		"s3://b/p":                                                          "region",
		"s3://b/p?region=eu-west-1":                                         "",
		"s3://b/p?endpoint=http://[::1]:9000":                               "",
		"s3://b/p?endpoint=http://127.0.0.1":                                "",
		"s3://b/p?endpoint=https://s3.example.org":                          "",
		"s3://b/p?endpoint=http://s3.example.org":                           "KIVAFORM_ALLOW_INSECURE=s3",
		"s3://b/p?endpoint=HTTP://s3.example.org":                           "KIVAFORM_ALLOW_INSECURE=s3",
		"s3://b/p?endpoint=http://localhost.example.org":                    "KIVAFORM_ALLOW_INSECURE=s3",
		"s3://b/p?endpoint=ftp://s3.example.org":                            "isn't an address",
		"s3://b/p?endpoint=https://localhost@example.org":                   "isn't an address",
		"s3://b/p?endpoint=http://localhost&endpoint=http://s3.example.org": "twice",
		"s3://b/p?region=example.org/":                                      "isn't the name of a region",
	} {
		_, err := s3store.New(address, s3store.Options{})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(hint.Text(err), want) || strings.Contains(hint.Text(err), "secret")) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// An endpoint of the environment needs TLS, too, unless the environment says that
// it needs none.
func TestEndpointOfTheEnvironment(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://s3.example.org")
	if _, err := s3store.New("s3://b/p?region=eu-west-1", s3store.Options{}); err == nil || !strings.Contains(hint.Text(err), "KIVAFORM_ALLOW_INSECURE=s3") {
		t.Errorf("without TLS: %v", err)
	}
	if _, err := s3store.New("s3://b/p?region=eu-west-1", s3store.Options{Insecure: true}); err != nil {
		t.Error(err)
	}
}

// A session token doesn't go to an endpoint that only the address names.
func TestSessionToken(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	t.Setenv("AWS_SESSION_TOKEN", "session-token")
	t.Setenv("AWS_REGION", "eu-west-1")
	const foreign = "https://s3.example.invalid"
	allows := func(endpoint string) bool { return endpoint == foreign }
	for _, tt := range []struct {
		name, address, environment string
		allows                     func(string) bool
		kept                       bool
	}{
		{name: "named by the address", address: "s3://b/p?endpoint=" + foreign, kept: true},
		{name: "allowed", address: "s3://b/p?endpoint=" + foreign, allows: allows},
		{name: "another is allowed", address: "s3://b/p?endpoint=https://other.example.invalid", allows: allows, kept: true},
		{name: "loopback", address: "s3://b/p?endpoint=https://127.0.0.1:1", kept: true},
		{name: "loopback, allowed", address: "s3://b/p?endpoint=https://127.0.0.1:1", allows: func(string) bool { return true }},
		{name: "named by the environment", address: "s3://b/p", environment: foreign},
		{name: "named by both", address: "s3://b/p?endpoint=" + foreign, environment: foreign, kept: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL_S3", tt.environment)
			s, err := s3store.New(tt.address, s3store.Options{Allows: tt.allows})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if _, err = s.Get(ctx, "a.json"); errors.As(err, new(*s3store.TokenError)) != tt.kept || err == nil {
				t.Errorf("Get: %v", err)
			}
		})
	}
}

// A server can't lead requests, and the session token in them, to another one.
func TestRedirects(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
	t.Setenv("AWS_SESSION_TOKEN", "session-token")
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		first := httptest.NewServer(http.RedirectHandler(other.URL, status))
		s, err := s3store.New("s3://b/p?endpoint="+first.URL, s3store.Options{Allows: func(string) bool { return true }})
		if err != nil {
			t.Fatal(err)
		}
		_, getErr := s.Get(t.Context(), "a.json")
		var listErr error
		for _, listErr = range s.List(t.Context(), "") {
		}
		for name, err := range map[string]error{"Get": getErr, "List": listErr, "Create": s.Create(t.Context(), "a.json", []byte("{}"))} {
			if err == nil || !strings.Contains(hint.Text(err), "leads to another address") {
				t.Errorf("%d: %s: %v", status, name, err)
			}
		}
		first.Close()
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests went to the other server", n)
	}
}
