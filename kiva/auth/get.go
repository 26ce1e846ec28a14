package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxDocument bounds an issuer's document, in bytes.
const maxDocument = 256 << 10

// A statusError reports a status other than 200.
type statusError struct {
	url    string
	status int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.url, e.status, http.StatusText(e.status))
}

// getJSON reads a public document of at most maxDocument bytes.
func getJSON(ctx context.Context, watch Watch, url string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return doJSON(req, watch, v)
}

// doJSON sends a request and decodes the answer. It doesn't follow redirects,
// which would let one site speak for another.
func doJSON(req *http.Request, watch Watch, v any) error {
	ctx, cancel := context.WithTimeout(req.Context(), defaultTimeout)
	defer cancel()
	req.Header.Set("Accept", "application/json")
	client := &http.Client{Transport: watch.wrap(transport), CheckRedirect: refuseRedirect}
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", req.URL.Redacted(), err)
	case resp.StatusCode != http.StatusOK:
		return &statusError{req.URL.Redacted(), resp.StatusCode}
	case len(data) > maxDocument:
		return fmt.Errorf("read %s: more than %d bytes", req.URL.Redacted(), maxDocument)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", req.URL.Redacted(), errors.Join(errNoJSON, err))
	}
	return nil
}

var errNoJSON = errors.New("the answer isn't the JSON that was expected")
