package s3store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const lists = 16 // concurrent requests for pages

// List reads keys page by page. A page has at most 1,000 keys, and only the page
// tells where the next begins; so a list of several pages is read by folders,
// several at a time.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		g, ctx := errgroup.WithContext(ctx)
		l := &lister{Store: s, group: g, requests: make(chan struct{}, lists), found: make(chan []string)}
		g.Go(func() error { return l.listBelow(ctx, prefix) })
		ended := make(chan error, 1)
		go func() {
			ended <- g.Wait()
			close(l.found)
		}()
		defer func() {
			cancel()
			for range l.found { // until all requests have ended
			}
		}()
		for keys := range l.found {
			for _, key := range keys {
				if !yield(key, nil) {
					return
				}
			}
		}
		if err := <-ended; err != nil {
			yield("", addRemedy(err))
		}
	}
}

// A lister is one call of List.
type lister struct {
	*Store
	group    *errgroup.Group
	requests chan struct{}
	found    chan []string
}

var errEndless = errors.New("the server says that there are more keys, and not where they begin")

// listBelow finds all keys below a prefix: in one page, or else by its folders.
func (l *lister) listBelow(ctx context.Context, prefix string) error {
	page, err := l.readPage(ctx, &s3.ListObjectsV2Input{Prefix: aws.String(l.prefix + prefix)})
	if err != nil {
		return err
	}
	if !aws.ToBool(page.IsTruncated) {
		return l.emitKeys(ctx, page)
	}
	in := &s3.ListObjectsV2Input{Prefix: aws.String(l.prefix + prefix), Delimiter: aws.String("/")}
	for more := true; more; in.ContinuationToken = page.NextContinuationToken {
		if page, err = l.readPage(ctx, in); err != nil {
			return err
		}
		for _, folder := range page.CommonPrefixes {
			below := strings.TrimPrefix(aws.ToString(folder.Prefix), l.prefix)
			l.group.Go(func() error { return l.listBelow(ctx, below) })
		}
		if err := l.emitKeys(ctx, page); err != nil {
			return err
		}
		more = aws.ToBool(page.IsTruncated)
		if more && aws.ToString(page.NextContinuationToken) == "" {
			return errEndless
		}
	}
	return nil
}

func (l *lister) readPage(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	select {
	case l.requests <- struct{}{}:
		defer func() { <-l.requests }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	in.Bucket = &l.bucket
	return l.client.ListObjectsV2(ctx, in)
}

// emitKeys passes the keys of a page to the caller.
func (l *lister) emitKeys(ctx context.Context, page *s3.ListObjectsV2Output) error {
	keys := make([]string, 0, len(page.Contents))
	for _, object := range page.Contents {
		if key := strings.TrimPrefix(aws.ToString(object.Key), l.prefix); key != probeName {
			keys = append(keys, key)
		}
	}
	l.rememberVersions(page)
	select {
	case l.found <- keys:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// rememberVersions keeps the versions of a page's objects.
func (s *Store) rememberVersions(page *s3.ListObjectsV2Output) {
	s.listing.Lock()
	defer s.listing.Unlock()
	for _, object := range page.Contents {
		s.listed[strings.TrimPrefix(aws.ToString(object.Key), s.prefix)] = versionOf(object)
	}
}

// Versions returns the versions that List saw, without a request.
func (s *Store) Versions(_ context.Context, keys []string) (map[string]string, error) {
	s.listing.Lock()
	defer s.listing.Unlock()
	versions := make(map[string]string, len(keys))
	for _, key := range keys {
		if v := s.listed[key]; v != "" {
			versions[key] = v
		}
	}
	return versions, nil
}

// versionOf distinguishes objects under one key: the ETag changes with the bytes.
// Some servers give one ETag to all objects that were stored by other means, so
// the size and the time count as well.
func versionOf(o types.Object) string {
	if aws.ToString(o.ETag) == "" {
		return ""
	}
	return fmt.Sprintf("%s %d %d", *o.ETag, aws.ToInt64(o.Size), aws.ToTime(o.LastModified).UnixNano())
}
