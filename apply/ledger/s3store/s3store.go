// Package s3store keeps a ledger's objects in a bucket of S3, or of any server
// with its protocol.
//
// # Guarantees
//
// An object is created by a PUT with the condition "If-None-Match: *", which the
// server refuses if the key is taken. Before a program's first create the store
// checks that the server honours the condition, and refuses one that doesn't. An
// object is as durable as the bucket.
//
// Each create has a random number, stored as metadata of the object. If an
// answer was lost, or a repeated request was refused, the object is read back:
// it is ours if it has our number. If it is absent, the same create is repeated.
// If no answer comes in time, Create returns an error, and the object may exist
// or not.
//
// # Requirements
//
// s3:PutObject and s3:GetObject on the bucket's objects below the prefix, and
// s3:ListBucket on the bucket. Without s3:ListBucket a server answers 403 for a
// missing object. Nothing is ever changed or removed, so s3:DeleteObject need
// not be granted; a bucket with versions or a lock against deletion suits well.
// Credentials come from the sources of AWS's own tools (AWS_ACCESS_KEY_ID and so
// on), never from the address.
package s3store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

const (
	requestTime = 30 * time.Second // for one exchange, with its repetitions
	createTime  = 2 * time.Minute  // for a create with its repetitions
	writerKey   = "kivaform-writer"
	connections = 64                // open connections: as many as concurrent reads
	probeName   = ".kivaform-probe" // no key begins with a dot
)

// A Store is a part of a bucket. It is a [ledger.Store], safe for any number of
// programs.
type Store struct {
	client *s3.Client
	bucket string
	prefix string // "" or with a slash at its end

	probing sync.Mutex
	probed  bool // the server honours the condition

	listing sync.Mutex
	listed  map[string]string // the version of each listed key
}

// ErrUnconditional reports a server that overwrote an object despite the
// condition.
var ErrUnconditional = hint.With(errors.New("the server ignores If-None-Match, so two runs could send the same thing"), "keep the ledger elsewhere, or use a newer server")

// New returns the store of an address: s3://BUCKET/PREFIX, with the parameters
// region and endpoint, the latter for servers other than AWS's. It makes no
// request. Other hosts than this machine require https.
func New(address string, o Options) (*Store, error) {
	a, err := readAddress(address)
	if err != nil {
		return nil, err
	}
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = connections })
	settings, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(4), config.WithHTTPClient(client))
	if err != nil {
		return nil, fmt.Errorf("settings of S3: %w", err)
	}
	if built, can := settings.HTTPClient.(*awshttp.BuildableClient); can { // with the authorities of AWS_CA_BUNDLE
		settings.HTTPClient = &http.Client{Transport: built.GetTransport(), CheckRedirect: refuseRedirect}
	}
	bucket := s3.NewFromConfig(settings, a.applyTo, func(to *s3.Options) { a.guardToken(to, o.Allows) })
	if err := checkEndpoint(bucket.Options().BaseEndpoint, o.Insecure); err != nil {
		return nil, err
	}
	if bucket.Options().Region == "" {
		return nil, hint.With(errors.New("the region of the bucket isn't known"), "add ?region=NAME to the address, or set AWS_REGION")
	}
	s := &Store{client: bucket, bucket: a.bucket, prefix: strings.Trim(a.path, "/"), listed: make(map[string]string)}
	if s.prefix != "" {
		s.prefix += "/"
	}
	return s, nil
}

// refuseRedirect keeps requests, which contain the session token, at the named
// host.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Create stores an object under a free key.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if !ledger.ValidKey(key) {
		return fmt.Errorf("%q is not a ledger's key", key)
	}
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	if err := s.checkConditional(ctx); err != nil {
		return err
	}
	ours, err := s.putUntilKnown(ctx, key, data)
	if err == nil && !ours {
		err = fmt.Errorf("%s: %w", key, ledger.ErrExists)
	}
	return err
}

// putUntilKnown puts an object, again if an answer was lost, and reports whether it is
// ours.
func (s *Store) putUntilKnown(ctx context.Context, name string, data []byte) (bool, error) {
	writer := rand.Text()
	for try := 0; ; try++ {
		err := s.putOnce(ctx, name, data, writer)
		if err == nil {
			return true, nil
		}
		// The refused request may repeat one of the client's own; another error
		// may have come after the object was stored.
		ours, lookErr := s.isOurs(ctx, name, writer)
		switch {
		case lookErr == nil:
			return ours, nil
		case !errors.Is(lookErr, ledger.ErrNotExist) && !mayPass(lookErr):
			return false, addRemedy(errors.Join(err, lookErr))
		case !mayPass(err) || waitForTry(ctx, try) != nil:
			return false, addRemedy(err)
		}
	}
}

func (s *Store) putOnce(ctx context.Context, name string, data []byte, writer string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: aws.String(s.prefix + name), Body: bytes.NewReader(data),
		IfNoneMatch: aws.String("*"), ContentType: aws.String("application/json"),
		Metadata: map[string]string{writerKey: writer},
	})
	return err
}

// isOurs reports whether an object has our number, or returns
// ledger.ErrNotExist.
func (s *Store) isOurs(ctx context.Context, name, writer string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.prefix + name)})
	if err != nil {
		return false, notExist(err)
	}
	defer out.Body.Close()
	return out.Metadata[writerKey] == writer, nil
}

// checkConditional checks, once, that the server refuses to create an existing
// object. Its object stays for the next time.
func (s *Store) checkConditional(ctx context.Context) error {
	s.probing.Lock()
	defer s.probing.Unlock()
	if s.probed {
		return nil
	}
	for range 2 {
		err := s.putOnce(ctx, probeName, nil, rand.Text())
		if isRefused(err) {
			s.probed = true
			return nil
		}
		if err != nil {
			return addRemedy(err)
		}
	}
	return ErrUnconditional
}

// Get reads an object.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if !ledger.ValidKey(key) {
		return nil, fmt.Errorf("%q is not a ledger's key", key)
	}
	for try := 0; ; try++ {
		data, err := s.getOnce(ctx, key)
		switch {
		case err == nil:
			return data, nil
		case errors.Is(err, ledger.ErrNotExist):
			return nil, fmt.Errorf("%s: %w", key, err)
		case try == rereads || !mayPass(err) || waitForTry(ctx, try) != nil:
			return nil, addRemedy(err)
		}
	}
}

const rereads = 4

func (s *Store) getOnce(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.prefix + key)})
	if err != nil {
		return nil, notExist(err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(io.LimitReader(out.Body, ledger.MaxObject+1))
	if err == nil && len(data) > ledger.MaxObject {
		return nil, ledger.TooLarge(key)
	}
	return data, err
}
