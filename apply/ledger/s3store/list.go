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

const lists = 16 // requests for pages side by side

// List reads keys page by page. A server gives 1,000 keys in a page, and only
// the page tells where the next one begins; so what takes several pages is
// listed by folders, side by side.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		g, ctx := errgroup.WithContext(ctx)
		l := &lister{Store: s, group: g, requests: make(chan struct{}, lists), found: make(chan []string)}
		g.Go(func() error { return l.list(ctx, prefix) })
		ended := make(chan error, 1)
		go func() {
			ended <- g.Wait()
			close(l.found)
		}()
		defer func() {
			cancel()
			for range l.found { // until nothing is under way
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
			yield("", explain(err))
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

// list finds all keys below a prefix: by one page, or else by its folders.
func (l *lister) list(ctx context.Context, prefix string) error {
	page, err := l.page(ctx, &s3.ListObjectsV2Input{Prefix: aws.String(l.prefix + prefix)})
	if err != nil {
		return err
	}
	if !aws.ToBool(page.IsTruncated) {
		return l.emit(ctx, page)
	}
	in := &s3.ListObjectsV2Input{Prefix: aws.String(l.prefix + prefix), Delimiter: aws.String("/")}
	for more := true; more; in.ContinuationToken = page.NextContinuationToken {
		if page, err = l.page(ctx, in); err != nil {
			return err
		}
		for _, folder := range page.CommonPrefixes {
			below := strings.TrimPrefix(aws.ToString(folder.Prefix), l.prefix)
			l.group.Go(func() error { return l.list(ctx, below) })
		}
		if err := l.emit(ctx, page); err != nil {
			return err
		}
		more = aws.ToBool(page.IsTruncated)
		if more && aws.ToString(page.NextContinuationToken) == "" {
			return errEndless
		}
	}
	return nil
}

func (l *lister) page(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
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

// emit gives the keys of a page to the caller.
func (l *lister) emit(ctx context.Context, page *s3.ListObjectsV2Output) error {
	keys := make([]string, 0, len(page.Contents))
	for _, object := range page.Contents {
		if key := strings.TrimPrefix(aws.ToString(object.Key), l.prefix); key != probeName {
			keys = append(keys, key)
		}
	}
	l.remember(page)
	select {
	case l.found <- keys:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// remember notes what a page says of its objects.
func (s *Store) remember(page *s3.ListObjectsV2Output) {
	s.listing.Lock()
	defer s.listing.Unlock()
	for _, object := range page.Contents {
		s.listed[strings.TrimPrefix(aws.ToString(object.Key), s.prefix)] = version(object)
	}
}

// Versions returns the versions that List saw, which cost no request.
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

// version tells an object from another one under the same key: the ETag changes
// with the bytes. Some servers give one ETag to all that was put in by other
// ways, so the size and the time count as well.
func version(o types.Object) string {
	if aws.ToString(o.ETag) == "" {
		return ""
	}
	return fmt.Sprintf("%s %d %d", *o.ETag, aws.ToInt64(o.Size), aws.ToTime(o.LastModified).UnixNano())
}
