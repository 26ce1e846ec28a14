package page

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pageSize is the number of items on a page of a list.
const pageSize = 100

// A listing is one page of a long list.
type listing struct {
	Number int // of the page, from 1
	Total  int // items in the whole list

	path  string
	query url.Values // of every page of the list
}

// newListing reads the page's number from the query. keys are the query's keys
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

// countItem counts an item, and reports whether it is on this page.
func (l *listing) countItem() bool {
	l.Total++
	return (l.Total-1)/pageSize == l.Number-1
}

// selectLatest returns the elements that pass and are on the page, last of the
// list first.
func selectLatest[T any](l *listing, list []T, pass func(T) bool) (shown []T) {
	for _, e := range slices.Backward(list) {
		if pass(e) && l.countItem() {
			shown = append(shown, e)
		}
	}
	return shown
}

// First and Last are the numbers of the items on the page, from 1.
func (l *listing) First() int { return min((l.Number-1)*pageSize, l.Total) + 1 }
func (l *listing) Last() int  { return min(l.Number*pageSize, l.Total) }

func (l *listing) countPages() int { return max(1, (l.Total+pageSize-1)/pageSize) }

// Previous and Next are the addresses of the neighbouring pages, or "". The last
// page precedes any page beyond the end.
func (l *listing) Previous() string { return l.addressOf(min(l.Number-1, l.countPages())) }
func (l *listing) Next() string     { return l.addressOf(l.Number + 1) }

func (l *listing) addressOf(number int) string {
	if number < 1 || number > l.countPages() {
		return ""
	}
	q := url.Values{"page": {strconv.Itoa(number)}}
	for k, v := range l.query {
		q[k] = v
	}
	return l.path + "?" + q.Encode()
}
