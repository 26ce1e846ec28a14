package s3store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

// Options bound the trust in an address. It stands in a file that any
// contributor may change; the process's environment doesn't.
type Options struct {
	// Insecure allows http to any host.
	Insecure bool
	// Allows reports whether the process's environment allows secrets to go to
	// an endpoint. Nil allows none.
	Allows func(endpoint string) bool
}

// AllowInsecure is the variable, with its value, that sets Insecure.
const AllowInsecure = "KIVAFORM_ALLOW_INSECURE=s3"

// A bucketAddress is a parsed address.
type bucketAddress struct {
	bucket, path     string
	region, endpoint string
}

// regionName matches names of regions, which become part of the host's name.
var regionName = regexp.MustCompile(`^[A-Za-z0-9-]{1,63}$`)

func readAddress(text string) (bucketAddress, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return bucketAddress{}, errors.New("the address of a bucket has the form s3://BUCKET/PREFIX?endpoint=ADDRESS&region=NAME")
	}
	parameters := u.Query()
	for name, values := range parameters {
		if name != "region" && name != "endpoint" {
			return bucketAddress{}, hint.With(fmt.Errorf("the address of a bucket has no parameter %q", name), "region and endpoint are known")
		}
		if len(values) > 1 {
			return bucketAddress{}, fmt.Errorf("the address of the bucket has %s twice", name)
		}
	}
	a := bucketAddress{bucket: u.Host, path: u.Path, region: parameters.Get("region"), endpoint: parameters.Get("endpoint")}
	if a.region != "" && !regionName.MatchString(a.region) {
		return a, fmt.Errorf("%q isn't the name of a region", a.region)
	}
	return a, nil
}

// applyTo sets the options of the address.
func (a bucketAddress) applyTo(o *s3.Options) {
	// Many servers don't support the newer checksums.
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	if a.region != "" {
		o.Region = a.region
	}
	if a.endpoint == "" {
		return
	}
	o.BaseEndpoint, o.UsePathStyle = aws.String(a.endpoint), true
	if o.Region == "" {
		o.Region = "us-east-1" // such servers accept any
	}
}

// checkEndpoint refuses an endpoint without TLS on another host, wherever it is
// named. AWS's own needs no check.
func checkEndpoint(endpoint *string, insecure bool) error {
	if endpoint == nil {
		return nil
	}
	u, err := url.Parse(*endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the endpoint of the bucket isn't an address as https://s3.example.org")
	}
	if u.Scheme == "http" && !insecure && !ledger.IsLoopback(u.Hostname()) {
		return hint.With(fmt.Errorf("the bucket at %s would be reached without TLS", u.Host), "write https://; %s in the environment allows http", AllowInsecure)
	}
	return nil
}

// guardToken keeps a session token, which each request contains in clear, from an
// endpoint that only the address names, on this machine too: anyone's program
// may listen there.
func (a bucketAddress) guardToken(o *s3.Options, allows func(endpoint string) bool) {
	if a.endpoint == "" || o.Credentials == nil || allows != nil && allows(a.endpoint) {
		return
	}
	given := o.Credentials
	o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := given.Retrieve(ctx)
		if err == nil && c.SessionToken != "" {
			return aws.Credentials{}, &TokenError{Endpoint: a.endpoint}
		}
		return c, err
	})
}

// A TokenError reports that AWS's session token wasn't sent to an endpoint.
type TokenError struct{ Endpoint string }

func (e *TokenError) Error() string {
	return fmt.Sprintf("the credentials have a session token, which doesn't go to %s: the address of the ledger names it", e.Endpoint)
}

// Hint returns the remedy.
func (e *TokenError) Hint() string { return "add its host to KIVAFORM_ALLOW_HOSTS" }
