package public

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// paged is the part of an answer with the number of pages. Kiva doesn't promise
// a constant size of pages, so nothing here relies on one.
type paged struct {
	Paging struct {
		Page  int `json:"page"`
		Pages int `json:"pages"`
	} `json:"paging"`
}

func (p paged) pages() int { return p.Paging.Pages }

// eachPage yields the items of all pages, each id once. It ends at the last page
// that the latest answer names, or at an empty one.
func eachPage[A interface{ pages() int }, T any](ctx context.Context, c *Client, path string, query url.Values, items func(A) []T, id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := make(map[string]bool)
		for page := 1; ; page++ {
			q := url.Values(http.Header(query).Clone())
			q.Set("page", strconv.Itoa(page))
			var answer A
			if err := c.getJSON(ctx, path, q, &answer); err != nil {
				var none T
				yield(none, err)
				return
			}
			all := items(answer)
			for _, t := range all {
				key := id(t)
				if key != "" && seen[key] {
					continue
				}
				seen[key] = true
				if !yield(t, nil) {
					return
				}
			}
			if len(all) == 0 || page >= answer.pages() {
				return
			}
		}
	}
}
