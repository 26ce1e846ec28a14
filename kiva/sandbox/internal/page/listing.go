package page

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pageSize is how many things a page of a list shows.
const pageSize = 100

// A listing is the place of one page within a long list.
type listing struct {
	Number int // of the page, from 1
	Total  int // things in the whole list

	path  string
	query url.Values // that every page of the list has
}

// newListing reads which page is asked for. The keys are those of the query
// that every page of the list keeps.
func newListing(r *http.Request, keys ...string) *listing {
	l := &listing{Number: 1, path: r.URL.Path, query: url.Values{}}
	asked := r.URL.Query()
	if n, err := strconv.Atoi(asked.Get("page")); err == nil {
		l.Number = max(n, 1)
	}
	for _, k := range keys {
		if v := strings.TrimSpace(asked.Get(k)); v != "" {
			l.query.Set(k, v)
		}
	}
	return l
}

// take counts one more thing, and reports whether it is on this page.
func (l *listing) take() bool {
	l.Total++
	return (l.Total-1)/pageSize == l.Number-1
}

// selectLatest returns those elements of a list that pass and are on the page, the
// last of the list first.
func selectLatest[T any](l *listing, list []T, pass func(T) bool) (shown []T) {
	for _, e := range slices.Backward(list) {
		if pass(e) && l.take() {
			shown = append(shown, e)
		}
	}
	return shown
}

// First and Last are the numbers of the things on the page, from 1.
func (l *listing) First() int { return min((l.Number-1)*pageSize, l.Total) + 1 }
func (l *listing) Last() int  { return min(l.Number*pageSize, l.Total) }

func (l *listing) pages() int { return max(1, (l.Total+pageSize-1)/pageSize) }

// Previous and Next are the addresses of the pages beside this one, empty where
// there is none. Before a page beyond the end comes the last one.
func (l *listing) Previous() string { return l.address(min(l.Number-1, l.pages())) }
func (l *listing) Next() string     { return l.address(l.Number + 1) }

func (l *listing) address(number int) string {
	if number < 1 || number > l.pages() {
		return ""
	}
	q := url.Values{"page": {strconv.Itoa(number)}}
	for k, v := range l.query {
		q[k] = v
	}
	return l.path + "?" + q.Encode()
}
