package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
)

// namelessColumns lists the columns that have cells and no name. Empty ones are
// ignored: spreadsheets append them.
func (r *reader) namelessColumns() []string {
	if !slices.Contains(r.header, "") {
		return nil
	}
	var all []string
	for i, filled := range r.filledColumns() {
		if filled && r.header[i] == "" {
			all = append(all, fmt.Sprintf("number %d (without a name)", i+1))
		}
	}
	return all
}

// filledColumns reads the whole file and reports which columns have a cell with
// text.
func (r *reader) filledColumns() []bool {
	again := csv.NewReader(bytes.NewReader(r.data))
	again.Comma, again.FieldsPerRecord, again.ReuseRecord = r.csv.Comma, -1, true
	all := make([]bool, len(r.header))
	for {
		record, err := again.Read()
		if err == io.EOF {
			return all
		}
		for i, cell := range record[:min(len(all), len(record))] {
			all[i] = all[i] || trimCell(cell) != ""
		}
	}
}
