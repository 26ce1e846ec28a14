package oauth

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- HMAC-SHA1 is what Kiva's OAuth 1.0a uses
	"encoding/base64"
	"errors"
	"kivaform/kiva/sandbox/internal/exchange"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxDrift bounds the age of a signed request's timestamp.
const maxDrift = 5 * time.Minute

// checkSignature checks a request's OAuth 1.0a signature and returns the
// parameters of its header. secretOf returns the secret of a token. Source: RFC
// 5849, 3.
func (s *Server) checkSignature(c *exchange.Call, secretOf func(token string) (string, bool)) (map[string]string, error) {
	signed, err := parseAuthorization(c.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	secret, known := secretOf(signed["oauth_token"])
	switch {
	case signed["oauth_consumer_key"] != ConsumerKey:
		return nil, errors.New("the application isn't known")
	case signed["oauth_signature_method"] != "HMAC-SHA1":
		return nil, errors.New("the signature method must be HMAC-SHA1")
	case !known:
		return nil, errors.New("the token isn't known")
	}
	text, err := signatureBase(c, signed)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha1.New, []byte(percentEncode(ConsumerSecret)+"&"+percentEncode(secret)))
	mac.Write([]byte(text))
	if !equalSecrets(base64.StdEncoding.EncodeToString(mac.Sum(nil)), signed["oauth_signature"]) {
		return nil, errors.New("the signature is wrong")
	}
	return signed, s.logins.checkFresh(signed["oauth_timestamp"], signed["oauth_nonce"], time.Now())
}

// checkFresh refuses an old or repeated request.
func (l *logins) checkFresh(timestamp, nonce string, now time.Time) error {
	n, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(n, 0)).Abs() > maxDrift || nonce == "" {
		return errors.New("the timestamp or the nonce is wrong")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for old, at := range l.nonces {
		if now.Sub(at) > 2*maxDrift {
			delete(l.nonces, old)
		}
	}
	if _, used := l.nonces[timestamp+nonce]; used {
		return errors.New("the request came before")
	}
	if l.nonces == nil {
		l.nonces = map[string]time.Time{}
	}
	l.nonces[timestamp+nonce] = now
	return nil
}

// parseAuthorization parses the header: OAuth a="b", c="d", with escaped values.
func parseAuthorization(header string) (map[string]string, error) {
	kind, list, _ := strings.Cut(header, " ")
	if !strings.EqualFold(kind, "OAuth") {
		return nil, errors.New("an OAuth header is needed")
	}
	signed := map[string]string{}
	for pair := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value, err := url.PathUnescape(strings.Trim(value, `"`))
		if _, twice := signed[name]; err != nil || twice {
			return nil, errors.New("the OAuth header can't be read")
		}
		signed[name] = value
	}
	return signed, nil
}

// signatureBase returns the text to sign. Source: RFC 5849, 3.4.1.
func signatureBase(c *exchange.Call, signed map[string]string) (string, error) {
	type pair struct{ name, value string }
	var pairs []pair
	add := func(values url.Values) {
		for name, all := range values {
			for _, v := range all {
				pairs = append(pairs, pair{percentEncode(name), percentEncode(v)})
			}
		}
	}
	add(c.URL.Query())
	if kind, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(c.Data))
		if err != nil {
			return "", errors.New("the form can't be read")
		}
		add(form)
	}
	for name, v := range signed {
		if name != "oauth_signature" && name != "realm" {
			add(url.Values{name: {v}})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	written := make([]string, len(pairs))
	for i, p := range pairs {
		written[i] = p.name + "=" + p.value
	}
	address := exchange.BaseURL(c.Request) + c.URL.EscapedPath()
	return c.Method + "&" + percentEncode(address) + "&" + percentEncode(strings.Join(written, "&")), nil
}

// percentEncode escapes every byte but letters, digits and -._~, by RFC 3986.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
