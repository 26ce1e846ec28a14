// Package s3store keeps a ledger's objects in a bucket of S3, or of anything
// that speaks its protocol.
//
// # What it promises
//
// An object is created by a PUT with the condition "If-None-Match: *", which
// the server refuses where the key is taken. Before the first create of a
// program the store makes sure that the server honours the condition, and
// refuses one that doesn't. An object is as durable as the bucket.
//
// Each create has a random number of its own, kept as metadata of the object.
// Where an answer was lost, or a repeated request was refused, the object is
// read back: it is ours if it has our number. If it isn't there, the same
// create is tried again. Where no answer is to be had in time, Create returns
// an error, and the object may be there or not.
//
// # What it needs
//
// s3:PutObject and s3:GetObject on the bucket's objects below the prefix, and
// s3:ListBucket on the bucket. Without s3:ListBucket a server answers 403 for
// what isn't there. Nothing is ever changed or removed, so s3:DeleteObject need
// not be granted; a bucket with versions or a lock against deletion is a good
// home. Credentials come from where AWS's own tools find them (AWS_ACCESS_KEY_ID
// and so on), never from the address.
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
	createTime  = 2 * time.Minute  // for everything that a create does
	writerKey   = "kivaform-writer"
	connections = 64                // kept open: as many as read side by side
	probeName   = ".kivaform-probe" // no key begins with a dot
)

// A Store is a part of a bucket. It is a [ledger.Store], safe for use by any
// number of programs.
type Store struct {
	client *s3.Client
	bucket string
	prefix string // "" or with a slash at its end

	probing sync.Mutex
	probed  bool // the server honours the condition

	listing sync.Mutex
	listed  map[string]string // the version of each key that was listed
}

// ErrUnconditional says that a server took an object in place of another, which
// it was told not to.
var ErrUnconditional = hint.With(errors.New("the server ignores If-None-Match, so two runs could send the same thing"), "keep the ledger elsewhere, or use a newer server")

// New returns the store of an address: s3://BUCKET/PREFIX, with the parameters
// region and endpoint, the latter for servers other than AWS's. It makes no
// request. Other hosts than this machine are reached by https.
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
	bucket := s3.NewFromConfig(settings, a.apply, func(to *s3.Options) { a.guard(to, o.Allows) })
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

// refuseRedirect keeps requests, which hold the session token, at the host that
// was named. The answer that leads elsewhere is explained.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Create puts an object where none is.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if !ledger.ValidKey(key) {
		return fmt.Errorf("%q is not a ledger's key", key)
	}
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	if err := s.probe(ctx); err != nil {
		return err
	}
	ours, err := s.put(ctx, key, data)
	if err == nil && !ours {
		err = fmt.Errorf("%s: %w", key, ledger.ErrExists)
	}
	return err
}

// put creates an object, and reports whether it is ours.
func (s *Store) put(ctx context.Context, name string, data []byte) (bool, error) {
	writer := rand.Text()
	for try := 0; ; try++ {
		err := s.putOnce(ctx, name, data, writer)
		if err == nil {
			return true, nil
		}
		// A refusal may be of a request that the client repeated; another fault
		// may have come after the object was stored.
		ours, lookErr := s.isOurs(ctx, name, writer)
		switch {
		case lookErr == nil:
			return ours, nil
		case !errors.Is(lookErr, ledger.ErrNotExist) && !mayPass(lookErr):
			return false, explain(errors.Join(err, lookErr))
		case !mayPass(err) || wait(ctx, try) != nil:
			return false, explain(err)
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

// isOurs reads whose an object is. It returns ledger.ErrNotExist where there is
// none.
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

// probe makes sure, once, that the server refuses to create what is there. The
// object that it tries with stays for the next time.
func (s *Store) probe(ctx context.Context) error {
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
			return explain(err)
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
		case try == rereads || !mayPass(err) || wait(ctx, try) != nil:
			return nil, explain(err)
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
