package load

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"gopkg.in/yaml.v3"
)

const benchSettings = `version: 1
environment: sandbox
csv_format: three-column
repayment_amounts: cumulative-principal
environments: {sandbox: {today: 2026-11-20}}
`

// benchDraft is a document of 27 lines and about 1 KB.
func benchDraft(i int) string {
	return fmt.Sprintf(`kind: LoanDraft
entreps:
  - loan_id: L-%06d
    client_id: "%06d"
    first_name: Mary
    last_name: Wanjiku
    gender: female
    amount: 50000
activity_id: 61
theme_type_id: 48
description_language_id: 1
client_waiver_signed: true
currency: KES
location: "Nakuru: Kenya"
loanuse: to buy a second dairy cow and feed for the dry season
disburse_time: 2026-12-01
description: >
  Mary keeps two cows on the land of her family and sells the milk to a
  cooperative that collects it every morning. She is known for keeping her
  records in order, and has paid back three loans before this one. With the
  new loan she will buy another cow. The income pays for the school of her
  three children, and for the repair of the roof before the long rains come.
schedule:
  - {date: 2027-01-05, principal: 12500, interest: 750.50}
  - {date: 2027-02-05, principal: 12500, interest: 562.88}
  - {date: 2027-03-05, principal: 12500, interest: 375.25}
  - {date: 2027-04-05, principal: 12500, interest: 187.63}
`, i, i)
}

// benchWorkspace writes n drafts, 100 to a file.
func benchWorkspace(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	write(b, filepath.Join(dir, "kiva.yaml"), benchSettings)
	for at := 0; at < n; at += 100 {
		var text bytes.Buffer
		for i := at; i < min(at+100, n); i++ {
			text.WriteString("---\n" + benchDraft(i))
		}
		write(b, filepath.Join(dir, fmt.Sprintf("loans/%05d.yaml", at/100)), text.String())
	}
	return dir
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("drafts=%d", n), func(b *testing.B) {
			benchLoad(b, benchWorkspace(b, n), n)
		})
	}
	b.Run("rows=100000", func(b *testing.B) {
		dir := b.TempDir()
		write(b, filepath.Join(dir, "kiva.yaml"), benchSettings+"---\nkind: RepaymentReport\nperiod: 2026-11\ncsv: rows.csv\n")
		var text bytes.Buffer
		for i := range 100_000 {
			fmt.Fprintf(&text, "L-%06d,%06d,%d.50\n", i, i, i)
		}
		write(b, filepath.Join(dir, "rows.csv"), text.String())
		benchLoad(b, dir, 100_000)
	})
}

func benchLoad(b *testing.B, dir string, n int) {
	b.ReportAllocs()
	for b.Loop() {
		set, err := Workspace(b.Context(), dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := set.Err(nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkFloor is what loading is held against: the same files into structs
// by the YAML library alone, on as many goroutines as there are processors.
func BenchmarkFloor(b *testing.B) {
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
		Activity    string `yaml:"activity_id"`
		Theme       string `yaml:"theme_type_id"`
		Language    string `yaml:"description_language_id"`
		Waiver      bool   `yaml:"client_waiver_signed"`
		Currency    string
		Location    string
		LoanUse     string
		Disbursal   string `yaml:"disburse_time"`
		Description string
		Schedule    []struct{ Date, Principal, Interest string }
	}
	files, _ := filepath.Glob(filepath.Join(benchWorkspace(b, 10_000), "loans", "*"))
	b.ReportAllocs()
	for b.Loop() {
		var next atomic.Int64
		var workers sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
					data, _ := os.ReadFile(files[i])
					decoder := yaml.NewDecoder(bytes.NewReader(data))
					for d := (draft{}); decoder.Decode(&d) == nil; d = (draft{}) {
					}
				}
			})
		}
		workers.Wait()
	}
}
