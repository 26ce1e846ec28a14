package s3store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

func statusOf(err error) int {
	if failed := (*smithyhttp.ResponseError)(nil); errors.As(err, &failed) {
		return failed.HTTPStatusCode()
	}
	return 0
}

// isRefused reports whether the server answers that the key is taken.
func isRefused(err error) bool { return statusOf(err) == 412 }

// notExist returns ledger.ErrNotExist for a missing object. A missing bucket is
// another error.
func notExist(err error) error {
	failed := smithy.APIError(nil)
	if statusOf(err) == 404 && !(errors.As(err, &failed) && failed.ErrorCode() == "NoSuchBucket") {
		return ledger.ErrNotExist
	}
	return err
}

// mayPass reports whether to try again: the answer was lost, or the server is
// busy, or others are writing the key.
func mayPass(err error) bool {
	if errors.Is(err, context.Canceled) || err == nil || errors.As(err, new(*TokenError)) {
		return false
	}
	switch status := statusOf(err); {
	case status >= 200 && status < 300, status >= 500, status == 408, status == 409, status == 412, status == 429:
		return true
	case status != 0:
		return false
	}
	failed := smithy.APIError(nil)
	lost := (*smithyhttp.RequestSendError)(nil)
	return errors.As(err, &lost) || !errors.As(err, &failed)
}

// waitForTry waits longer with each try, and returns an error if time is over.
func waitForTry(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond << min(try, 5)):
		return nil
	}
}

// addRemedy adds the remedy.
func addRemedy(err error) error {
	switch status := statusOf(err); status {
	case 301, 302, 303, 307, 308:
		return hint.With(fmt.Errorf("the bucket's server leads to another address (%d), and no request follows: %w", status, err),
			"name the bucket's own region and endpoint")
	case 401, 403:
		return hint.With(err, "the ledger needs s3:PutObject and s3:GetObject on the bucket's objects, and s3:ListBucket on the bucket")
	case 404:
		return hint.With(err, "make the bucket first")
	}
	return err
}
