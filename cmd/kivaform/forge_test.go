package main

import (
	"cmp"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A forge answers as much of GitHub's and GitLab's API as the examples for
// pipelines ask, serves the repository by https, and keeps what they send. Each
// token has rights of its own.
type forge struct {
	*httptest.Server
	mu        sync.Mutex
	rights    map[string]map[string]string // "read" or "write" by right, by token
	comments  []*comment                   // of pull requests and merge requests
	merged    map[string]string            // the head of the merged request, by the commit that the merge made
	runs      []forgeRun
	artifacts map[string]artifact // of GitHub's runs, by run and name
	files     map[string][]byte   // of GitLab's jobs, by ref, job and name
	next      int
}

type artifact struct {
	name string
	data []byte
}

type comment struct {
	ID      int    `json:"id"`
	Body    string `json:"body"`
	request string
}

// A forgeRun is a workflow's run.
type forgeRun struct {
	ID   int    `json:"id"`
	Head string `json:"head_sha"`
	good bool
}

// newForge serves a bare repository, and the API around it.
func newForge(t *testing.T, bare string) *forge {
	f := &forge{
		rights: make(map[string]map[string]string), merged: make(map[string]string), artifacts: make(map[string]artifact),
		files: make(map[string][]byte), next: 1000,
	}
	mux := http.NewServeMux()
	handle := func(pattern, right, level string, h http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if !f.may(tokenOf(r), right, level) {
				http.Error(w, "this token may not "+level+" "+right, http.StatusForbidden)
				return
			}
			h(w, r)
		})
	}
	const github, gitlab = "/repos/example/kiva-files", "/projects/7"
	handle("GET "+github+"/issues/{request}/comments", "pull-requests", "read", f.list)
	handle("POST "+github+"/issues/{request}/comments", "pull-requests", "write", f.post)
	handle("PATCH "+github+"/issues/comments/{id}", "pull-requests", "write", f.edit)
	handle("GET "+github+"/commits/{sha}/pulls", "pull-requests", "read", func(w http.ResponseWriter, r *http.Request) {
		type pull struct {
			MergedAt *string           `json:"merged_at"`
			Head     map[string]string `json:"head"`
		}
		at, list := "2026-11-20T10:00:00Z", []pull{{nil, map[string]string{"sha": "another"}}}
		if head := f.merged[r.PathValue("sha")]; head != "" {
			list = append(list, pull{&at, map[string]string{"sha": head}})
		}
		f.answer(w, list)
	})
	handle("GET "+github+"/actions/runs/{run}/artifacts", "actions", "read", func(w http.ResponseWriter, r *http.Request) {
		list := []map[string]any{}
		if _, ok := f.artifacts[r.PathValue("run")+" "+r.FormValue("name")]; ok {
			list = append(list, map[string]any{"name": r.FormValue("name"), "expired": false})
		}
		f.answer(w, map[string]any{"total_count": len(list), "artifacts": list})
	})
	handle("GET "+github+"/actions/workflows/kiva-plan.yml/runs", "actions", "read", func(w http.ResponseWriter, r *http.Request) {
		good := []forgeRun{}
		for _, run := range f.runs {
			if run.good && run.Head == r.FormValue("head_sha") && r.FormValue("status") == "success" {
				good = append(good, run)
			}
		}
		slices.SortFunc(good, func(a, b forgeRun) int { return cmp.Compare(b.ID, a.ID) }) // newest first
		f.answer(w, map[string]any{"total_count": len(good), "workflow_runs": good})
	})
	handle("GET "+gitlab+"/merge_requests/{request}/notes", "api", "write", f.list)
	handle("POST "+gitlab+"/merge_requests/{request}/notes", "api", "write", f.post)
	handle("PUT "+gitlab+"/merge_requests/{request}/notes/{id}", "api", "write", f.edit)
	handle("GET "+gitlab+"/repository/commits/{sha}/merge_requests", "api", "write", func(w http.ResponseWriter, r *http.Request) {
		list := []map[string]any{{"state": "closed", "iid": 3}}
		if iid := f.merged[r.PathValue("sha")]; iid != "" {
			list = append(list, map[string]any{"state": "merged", "iid": json.Number(iid)})
		}
		f.answer(w, list)
	})
	handle("GET "+gitlab+"/jobs/artifacts/{ref}/raw/{file}", "api", "write", func(w http.ResponseWriter, r *http.Request) {
		data, ok := f.files[r.PathValue("ref")+" "+r.FormValue("job")+" "+r.PathValue("file")]
		if !ok {
			http.NotFound(w, r)
		}
		w.Write(data)
	})
	repository := repositoryHandler(t, bare)
	mux.Handle("/example/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		level := "read"
		if strings.Contains(r.URL.Path+r.URL.RawQuery, "git-receive-pack") {
			level = "write"
		}
		if !f.may(tokenOf(r), "contents", level) {
			w.Header().Set("WWW-Authenticate", `Basic realm="forge"`)
			http.Error(w, "no right to "+level, http.StatusUnauthorized)
			return
		}
		repository.ServeHTTP(w, r)
	}))
	f.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// repositoryHandler serves a bare repository as kiva-files, with and without
// ".git".
func repositoryHandler(t *testing.T, bare string) http.Handler {
	git(t, bare, "config", "http.receivepack", "true")
	return &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(git(t, bare, "--exec-path")), "git-http-backend"), Root: "/example",
		Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Dir(bare), "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		},
	}
}

// trust returns the variables that make git and curl trust the forge's
// certificate.
func (f *forge) trust(t *testing.T) map[string]string {
	file := filepath.Join(t.TempDir(), "forge.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"GIT_SSL_CAINFO": file, "CURL_CA_BUNDLE": file}
}

// token makes a token.
func (f *forge) token(rights map[string]string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	token := fmt.Sprint("token-", len(f.rights))
	f.rights[token] = rights
	return token
}

// may reports whether a token has a right. The caller holds mu, or no request
// is under way.
func (f *forge) may(token, right, level string) bool {
	has := f.rights[token][right]
	return has == "write" || has != "" && has == level
}

func tokenOf(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	return cmp.Or(r.Header.Get("PRIVATE-TOKEN"), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
}

func (f *forge) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// list gives one page, and what other people said first.
func (f *forge) list(w http.ResponseWriter, r *http.Request) {
	all := []*comment{}
	for i := range 130 {
		all = append(all, &comment{ID: i + 1, Body: fmt.Sprintf("Looks good %d", i)})
	}
	for _, c := range f.comments {
		if c.request == r.PathValue("request") {
			all = append(all, c)
		}
	}
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	page, _ := strconv.Atoi(r.FormValue("page"))
	from := min(size*(page-1), len(all))
	f.answer(w, all[from:min(from+size, len(all))])
}

func (f *forge) post(w http.ResponseWriter, r *http.Request) {
	c := &comment{request: r.PathValue("request")}
	if err := json.NewDecoder(r.Body).Decode(c); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.next++
	c.ID = f.next
	f.comments = append(f.comments, c)
	w.WriteHeader(http.StatusCreated)
	f.answer(w, c)
}

func (f *forge) edit(w http.ResponseWriter, r *http.Request) {
	for _, c := range f.comments {
		if strconv.Itoa(c.ID) != r.PathValue("id") {
			continue
		}
		if err := json.NewDecoder(r.Body).Decode(c); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.answer(w, c)
		return
	}
	http.NotFound(w, r)
}

// bodies returns the comments of a request.
func (f *forge) bodies(request string) []string {
	var list []string
	for _, c := range f.comments {
		if c.request == request {
			list = append(list, strings.TrimSpace(c.Body))
		}
	}
	return list
}
