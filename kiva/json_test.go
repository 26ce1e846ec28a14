package kiva

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestSnake(t *testing.T) {
	names := map[string]string{
		"total_records": "total_records", "totalRecords": "total_records", "TotalRecords": "total_records", "loan_ID": "loan_id",
		"confirmURL": "confirm_url", "URLToConfirm": "url_to_confirm", "UUID": "uuid", "kivaId": "kiva_id", "a1B": "a1_b",
		"": "", "A": "a", "_A": "_a", `kiva\u0049d`: "kiva_id", "Añu": "añu",
	}
	for name, want := range names {
		if got := string(toSnakeCase(value(`"` + name + `"`))); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// FuzzValues compares the reading of objects and arrays with encoding/json's.
func FuzzValues(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":"x\"}","c":[1,{"d":null}],"e":{}}`, ` [ 1 , "]" , [ ] , { } , true ] `, `{"a\u0062":"\ud83d\ude00","a":null}`, "[1]\n",
		`{"kivaId":7,"kiva_id":8}`, "\"\xdd\xdd\"", "{\"\x80\":0}", `"text"`, `7.0`, `[[[[]]]]`, "\ufeff{}", `{"":""}`, `[1e5,-0.0,1.50]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := parseJSON(body)
		if err != nil {
			return
		}
		if v.isArray() {
			compareArray(t, v)
		}
		if v.isObject() {
			compareObject(t, v)
		}
		if s := ""; v.isString() && json.Unmarshal([]byte(v), &s) == nil && s != v.text() {
			t.Errorf("text %q, want %q", v.text(), s)
		}
	})
}

func compareArray(t *testing.T, v value) {
	var want []json.RawMessage
	if err := json.Unmarshal([]byte(v), &want); err != nil {
		t.Fatal(err)
	}
	n := 0
	for e := range v.elements() {
		if n >= len(want) || string(e) != string(want[n]) {
			t.Fatalf("element %d of %s is %s", n, v, e)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d elements of %s, want %d", n, v, len(want))
	}
}

func compareObject(t *testing.T, v value) {
	d := json.NewDecoder(strings.NewReader(string(v)))
	d.Token() // {
	for _, m := range object(nil).appendMembers(v) {
		name, _ := d.Token()
		quoted, _ := json.Marshal(name)
		var want json.RawMessage
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%s has more members than it should: %v", v, err)
		}
		if m.name != toSnakeCase(value(quoted)) || string(m.value) != string(want) {
			t.Fatalf("%s: %q: %s, want %q: %s", v, m.name, m.value, name, want)
		}
	}
	if d.More() {
		t.Errorf("%s has more members", v)
	}
}

// FuzzAnswers feeds every decoder with anything.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		success, `{"data":[{"kiva_id":1,"create_time":1e12,"loan_price":"1.5"}],"total_records":"3"}`, `[{"loan_draft_uuid":null}]`,
		`{"upload_id":1,"problems":[{"loan_id":1},null,"x"]}`, `{"errors":[{"field":"a","message":"b"},"c"],"error":{"code":"d"}}`,
		`{"errors":{"a":["b","c"]}}`, `<html>`, ``, `{"themes":{},"as_of_date_time":"2026-01-09T15:48:12Z"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := decodeLoanPage(body)
		if len(page.Loans) > len(body) || err != nil && page.Loans != nil {
			t.Errorf("%d loans, %v", len(page.Loans), err)
		}
		decodeConfig(body, "themes", decodeTheme)
		a := answer{status: 200, body: body}
		receipts, err := decodeReceipts(a, decodeRepaymentReceipt)
		if err == nil && (len(receipts) == 0 || !json.Valid(bytes.TrimPrefix(body, []byte("\ufeff")))) {
			t.Errorf("%q is accepted", body)
		}
		e := request{op: "loan_draft", body: []byte("{}")}.answered(a, Unknown, err)
		if text := e.Error(); len([]rune(text)) > 2000 || bytes.ContainsAny([]byte(text), "\n\r\x1b\x00") || len(e.Body) > 2<<10 {
			t.Errorf("%q", text)
		}
	})
}
