package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A forge answers as much of GitHub's and GitLab's API as the examples for
// pipelines ask, and keeps what they send.
type forge struct {
	*httptest.Server
	mu       sync.Mutex
	comments []*comment        // of pull requests and merge requests
	merged   map[string]string // the head of the merged request, by the commit that the merge made
	runs     []forgeRun
	files    map[string][]byte // saved plans, by run or request, and name
	next     int
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

func newForge(t *testing.T) *forge {
	f := &forge{merged: make(map[string]string), files: make(map[string][]byte), next: 1000}
	mux := http.NewServeMux()
	const github, gitlab = "/repos/example/kiva-files", "/projects/7"
	mux.HandleFunc("GET "+github+"/issues/{request}/comments", f.list)
	mux.HandleFunc("POST "+github+"/issues/{request}/comments", f.post)
	mux.HandleFunc("PATCH "+github+"/issues/comments/{id}", f.edit)
	mux.HandleFunc("GET "+github+"/commits/{sha}/pulls", func(w http.ResponseWriter, r *http.Request) {
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
	mux.HandleFunc("GET "+github+"/actions/workflows/kiva-plan.yml/runs", func(w http.ResponseWriter, r *http.Request) {
		good := []forgeRun{}
		for _, run := range f.runs {
			if run.good && run.Head == r.FormValue("head_sha") && r.FormValue("status") == "success" {
				good = append(good, run)
			}
		}
		slices.SortFunc(good, func(a, b forgeRun) int { return cmp.Compare(b.ID, a.ID) }) // newest first
		f.answer(w, map[string]any{"total_count": len(good), "workflow_runs": good})
	})
	mux.HandleFunc("GET "+gitlab+"/merge_requests/{request}/notes", f.list)
	mux.HandleFunc("POST "+gitlab+"/merge_requests/{request}/notes", f.post)
	mux.HandleFunc("PUT "+gitlab+"/merge_requests/{request}/notes/{id}", f.edit)
	mux.HandleFunc("GET "+gitlab+"/repository/commits/{sha}/merge_requests", func(w http.ResponseWriter, r *http.Request) {
		list := []map[string]any{{"state": "closed", "iid": 3}}
		if iid := f.merged[r.PathValue("sha")]; iid != "" {
			list = append(list, map[string]any{"state": "merged", "iid": json.Number(iid)})
		}
		f.answer(w, list)
	})
	mux.HandleFunc("GET "+gitlab+"/jobs/artifacts/{ref}/raw/{file}", func(w http.ResponseWriter, r *http.Request) {
		data, ok := f.files[r.PathValue("ref")+" "+r.FormValue("job")+" "+r.PathValue("file")]
		if !ok {
			http.NotFound(w, r)
		}
		w.Write(data)
	})
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer forge-token" && r.Header.Get("PRIVATE-TOKEN") != "forge-token" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
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
