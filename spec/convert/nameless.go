package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
)

// nameless says which of the columns without a name hold something. Those that
// don't are what a spreadsheet leaves at the end.
func (r *reader) nameless() []string {
	if !slices.Contains(r.header, "") {
		return nil
	}
	var all []string
	for i, filled := range r.filled() {
		if filled && r.header[i] == "" {
			all = append(all, fmt.Sprintf("number %d (without a name)", i+1))
		}
	}
	return all
}

// filled reads the whole file to tell which columns hold a text in any row.
func (r *reader) filled() []bool {
	again := csv.NewReader(bytes.NewReader(r.data))
	again.Comma, again.FieldsPerRecord, again.ReuseRecord = r.csv.Comma, -1, true
	all := make([]bool, len(r.header))
	for {
		record, err := again.Read()
		if err == io.EOF {
			return all
		}
		for i, cell := range record[:min(len(all), len(record))] {
			all[i] = all[i] || clean(cell) != ""
		}
	}
}
