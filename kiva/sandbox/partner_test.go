package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A workspace of any partner has a sandbox of its own partner.
func TestAnyPartner(t *testing.T) {
	s, err := Open(Options{PartnerID: "319"})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	defer web.Close()
	resp, err := http.PostForm(web.URL+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "audience": {web.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if _, err := io.Copy(&b, resp.Body); err != nil || !strings.Contains(b.String(), `"partnerId":"319"`) {
		t.Errorf("%s %v", b.String(), err)
	}
}
