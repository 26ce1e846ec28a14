// Command floor does the least that any program must do with a workspace's
// files, or to send what is in them, and prints how many things it read or
// sent. kivaform is measured against it.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"
)

// A draft is a document as the YAML library alone would give it to a program.
type draft struct {
	Kind    string
	Entreps []struct {
		LoanID    string `yaml:"loan_id"`
		ClientID  string `yaml:"client_id"`
		FirstName string `yaml:"first_name"`
		LastName  string `yaml:"last_name"`
		Gender    string
		Amount    string
	}
	ActivityID            string `yaml:"activity_id"`
	ThemeTypeID           string `yaml:"theme_type_id"`
	DescriptionLanguageID string `yaml:"description_language_id"`
	ClientWaiverSigned    bool   `yaml:"client_waiver_signed"`
	Currency              string
	Location              string
	LoanUse               string
	DisburseTime          string `yaml:"disburse_time"`
	Description           string
	Image                 string
	Schedule              []struct{ Date, Principal, Interest string }
}

func main() {
	floors := map[string]func(string) (int, error){"yaml": decode, "csv": readRows, "hash": hash, "drafts": sendDrafts, "rows": sendRows, "nothing": doNothing}
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: floor yaml|csv|hash|nothing DIR, or floor [flags] drafts|rows ADDRESS")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 || floors[flag.Arg(0)] == nil {
		flag.Usage()
		os.Exit(2)
	}
	n, err := floors[flag.Arg(0)](flag.Arg(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
	fmt.Println(n)
}

// doNothing shows how long a program with these libraries takes to start.
func doNothing(string) (int, error) { return 0, nil }

// decode reads all files of loans into structs, and keeps them.
func decode(dir string) (int, error) {
	return each(filepath.Join(dir, "loans", "*.yaml"), func(data []byte) ([]draft, error) {
		var drafts []draft
		d := yaml.NewDecoder(bytes.NewReader(data))
		for {
			var one draft
			if err := d.Decode(&one); errors.Is(err, io.EOF) {
				return drafts, nil
			} else if err != nil {
				return nil, err
			}
			drafts = append(drafts, one)
		}
	})
}

// readRows reads the report's rows and keeps them.
func readRows(dir string) (int, error) {
	return each(filepath.Join(dir, "repayments", "*.csv"), func(data []byte) ([][]string, error) {
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		return rows[min(1, len(rows)):], err
	})
}

// hash reads and hashes the photos, and keeps the digests.
func hash(dir string) (int, error) {
	return each(filepath.Join(dir, "photos", "*.jpg"), func(data []byte) ([][sha256.Size]byte, error) {
		return [][sha256.Size]byte{sha256.Sum256(data)}, nil
	})
}

// each reads files side by side, keeps what of makes of them, and returns how
// many things that are.
func each[T any](pattern string, of func([]byte) ([]T, error)) (int, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return 0, err
	}
	var mu sync.Mutex
	var all []T
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, file := range files {
		g.Go(func() error {
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			some, err := of(data)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, some...)
			return err
		})
	}
	err = g.Wait()
	return len(all), err
}
