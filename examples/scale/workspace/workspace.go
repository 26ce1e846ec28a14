// Package workspace writes workspaces of any size, the same for the same
// options.
package workspace

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// Options say what a workspace holds.
type Options struct {
	Drafts int       // loan drafts of 27 lines and about 1 KB
	Rows   int       // rows of one repayment report, in a CSV file of three columns
	Photos int       // drafts with a photo of about 2 MB; at most Drafts
	Each   int       // drafts in a file
	Seed   uint64    // what the random choices begin with
	Today  time.Time // the day on which the dates are right; the sandbox lives in it

	// API is the address of a stand-in for Kiva, which kiva.yaml then names as
	// an environment. The sandbox if empty.
	API string
}

// Check returns what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.Drafts < 0 || o.Rows < 0 || o.Photos < 0:
		return errors.New("less than nothing can't be written")
	case o.Photos > o.Drafts:
		return errors.New("each photo needs a draft")
	case o.Each < 1:
		return errors.New("a file holds one draft or more")
	}
	return nil
}

// Environment is what kiva.yaml calls the environment of a stand-in.
const Environment = "standin"

// PartnerID is the partner of every workspace.
const PartnerID = "145"

// What the random choices of each part begin with, beside the seed: so that no
// part changes with the size of another.
const (
	draftStream = iota + 1
	rowStream
	photoStream
)

// Write writes a workspace into a directory.
func Write(dir string, o Options) error {
	if err := create(filepath.Join(dir, "kiva.yaml"), o.writeSettings); err != nil {
		return err
	}
	return errors.Join(o.writeDrafts(dir), o.writeReport(dir), o.writePhotos(dir))
}

func (o Options) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(o.Seed, stream)) }

func (o Options) writeSettings(w *bufio.Writer) error {
	environment, own := "sandbox", fmt.Sprintf("sandbox: {today: %s}", o.Today.Format(time.DateOnly))
	if o.API != "" {
		environment = Environment
		own = fmt.Sprintf("%s: {token_url: %q, audience: %q, api_url: %q}", Environment, o.API+"/oauth/token", o.API, o.API)
	}
	_, err := fmt.Fprintf(w, `version: 1
partner_id: %q
environment: %s
csv_format: three-column
repayment_amounts: cumulative-principal
environments:
  %s
`, PartnerID, environment, own)
	return err
}

func (o Options) writeReport(dir string) error {
	if o.Rows == 0 {
		return nil
	}
	period := o.Today.Format("2006-01")
	file := filepath.Join(dir, "repayments", period)
	err := create(file+".yaml", func(w *bufio.Writer) error {
		_, err := fmt.Fprintf(w, "kind: RepaymentReport\nperiod: %[1]s\ncsv: %[1]s.csv\n", period)
		return err
	})
	if err != nil {
		return err
	}
	random := o.random(rowStream)
	return create(file+".csv", func(w *bufio.Writer) error {
		fmt.Fprintln(w, "loan_id,client_id,amount")
		for i := range o.Rows {
			fmt.Fprintf(w, "%s,%07d,%d.%02d\n", RowLoanID(i), i, 100+random.IntN(50_000), random.IntN(100))
		}
		return nil
	})
}

// RowLoanID is the loan that row i of a report is about.
func RowLoanID(i int) string { return fmt.Sprintf("R-%07d", i) }

// create writes a file. The errors of w come back when it is flushed.
func create(file string, write func(*bufio.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(write(w), w.Flush(), f.Close())
}
