package sandbox

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"net/http"
)

// refuseStrangers guards everything: the API, the OAuth servers, the public API,
// and PA2. It refuses requests to a name that another site pointed here (DNS
// rebinding), and requests from another site's pages. Programs send neither
// Origin nor Sec-Fetch-Site.
func refuseStrangers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !exchange.IsLoopback(r.Host) || repeatsOrigin(r) || isFromOtherPage(r) {
			a := exchange.Refusal(http.StatusForbidden, "forbidden", "only programs and pages of this sandbox, on this machine").Encode(Style{})
			a.Write(w, len(a.Raw))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// repeatsOrigin reports whether a request repeats a header that identifies its
// origin: only the first would be checked. net/http refuses a second Host.
func repeatsOrigin(r *http.Request) bool {
	for _, name := range []string{"Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"} {
		if len(r.Header.Values(name)) > 1 {
			return true
		}
	}
	return false
}

// isFromOtherPage reports whether another site's page sends a request. Following
// a link from such a page is allowed: opening a page changes nothing.
func isFromOtherPage(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != exchange.BaseURL(r) {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if site == "" || site == "same-origin" || site == "none" {
		return false
	}
	opens := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !opens || r.Method != http.MethodGet && r.Method != http.MethodHead
}
