package load

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"

	"kivaform/spec"
	"kivaform/spec/code"
	"kivaform/spec/yamldoc"
)

// readID returns an id: a quoted one as written, a plain one only if YAML can't
// have changed it.
func readID(o *yamldoc.Object, key string) string {
	n := o.Scalar(key)
	if n == nil {
		return ""
	}
	if problem, hint := idProblem(n); problem != "" {
		o.Fault(code.ID, n, key, problem, hint)
		return ""
	}
	if problem, hint := formProblem(n.Value); problem != "" {
		o.Fault(code.IDForm, n, key, problem, hint) // the id is kept: it may have been sent before
	}
	return n.Value
}

func idProblem(n *yaml.Node) (problem, hint string) {
	if strings.ContainsFunc(n.Value, unicode.IsControl) {
		return "an id can't hold a line break or another control character", "write it in one line"
	}
	if strings.TrimSpace(n.Value) != n.Value {
		return "an id can't begin or end with a space", "remove the space"
	}
	if !yamldoc.IsPlain(n) || yamldoc.IsWholeNumber(n.Value) {
		return "", ""
	}
	quote := `quote it: "` + n.Value + `"`
	switch {
	case yamldoc.IsDigits(n.Value):
		return "an id with a leading zero needs quotes, or YAML programs drop the zero", quote
	case n.Tag != "!!str":
		return "without quotes, YAML reads this id as " + yamlType(n.Tag), quote
	}
	return "", ""
}

func yamlType(tag string) string {
	switch tag {
	case "!!int", "!!float":
		return "another number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "something else"
}

// readListedID returns an id of one of Kiva's configuration lists: a whole
// number. Zero means none, as in Kiva's own samples for an absent theme.
func readListedID(o *yamldoc.Object, key string) string {
	n := o.Scalar(key)
	switch {
	case n == nil || n.Value == "0":
		return ""
	case !yamldoc.IsWholeNumber(n.Value):
		o.Fault(code.ID, n, key, "not an id of Kiva's list: those are whole numbers", "write the number, or the name under "+strings.TrimSuffix(strings.TrimSuffix(key, "_id"), "_type"))
		return ""
	}
	return n.Value
}

// readDate returns a date, or the zero date if the key is absent.
func readDate(o *yamldoc.Object, key string) spec.Date {
	n := o.Scalar(key)
	if n == nil {
		return 0
	}
	d, err := spec.ParseDate(n.Value)
	if err != nil {
		o.Fault(code.Date, n, key, err.Error(), dateHint(n.Value))
	}
	return d
}

var (
	dayFirst  = regexp.MustCompile(`^[0-9]{1,2}[./ -][0-9]{1,2}[./ -][0-9]{2,4}$`)
	yearFirst = regexp.MustCompile(`^[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}$`)
)

func dateHint(s string) string {
	switch {
	case dayFirst.MatchString(s):
		return "write the year first, then month and day: 2026-12-31"
	case yearFirst.MatchString(s):
		return "write month and day with two digits each, of a day that exists: 2026-02-07"
	case len(s) > len(time.DateOnly) && (s[10] == 'T' || s[10] == ' '):
		return "leave the time out"
	}
	return "for example 2026-12-31"
}

func readCurrency(o *yamldoc.Object) string {
	value := o.Text("currency")
	if value != "" && !isCurrency(value) {
		o.Fault(code.Choice, o.Find("currency"), "currency", "not a currency of ISO 4217", "write its three letters: KES")
		return ""
	}
	return value
}

// readGender returns one of the three values in Kiva's samples and its partners'
// programs, in lower case as in most of them.
func readGender(o *yamldoc.Object) string {
	switch value := o.Text("gender"); strings.ToLower(value) {
	case "":
		return ""
	case "male", "female", "unknown":
		return strings.ToLower(value)
	}
	o.Fault(code.Choice, o.Find("gender"), "gender", "is none of male, female, unknown", "write male, female or unknown")
	return ""
}

// readInlineImage returns a photo in a body of Kiva's own form: a data URI, or
// bare base64.
func readInlineImage(o *yamldoc.Object) string {
	value := o.Text("image_encoded")
	if value == "" {
		return ""
	}
	data := value
	if header, encoded, ok := strings.Cut(value, ";base64,"); ok && strings.HasPrefix(header, "data:image/") {
		data = encoded
	}
	if _, err := base64.StdEncoding.DecodeString(data); err != nil {
		o.Fault(code.Photo, o.Find("image_encoded"), "image_encoded", "not base64", "name the photo's file instead: image: photos/L-1042.jpg")
		return ""
	}
	return value
}

// readFilePath returns a file's path relative to the workspace; the document
// gives it relative to itself. It returns "" if the path leaves the workspace.
func readFilePath(o *yamldoc.Object, key string) string {
	value := o.Text(key)
	if value == "" {
		return ""
	}
	at := o.Find(key)
	if strings.Contains(value, `\`) {
		o.Fault(code.Path, at, key, "a backslash doesn't separate folders here", "write / instead")
		return ""
	}
	file := path.Join(path.Dir(o.File()), value)
	if path.IsAbs(value) || file == ".." || strings.HasPrefix(file, "../") {
		o.Fault(code.Path, at, key, "leaves the workspace", "keep the file in the workspace and name it relative to this file")
		return ""
	}
	return file
}

// readURL returns a web address as written.
func readURL(o *yamldoc.Object, key string) string {
	value := o.Text(key)
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		o.Fault(code.URL, o.Find(key), key, "not a web address", "write it in full, with https://")
		return ""
	}
	return value
}

func isCurrency(s string) bool {
	for _, c := range []byte(s) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(s) == 3
}

// isOfForm reports whether a fault is of an id's form. Such faults are pending:
// an id that Kiva has in an odd form must stay as it is.
func isOfForm(f *spec.Fault) bool { return f.Code == code.IDForm.String() }

// formProblem reports a letter in another Unicode form, or an invisible
// character. Kiva and the ledger compare ids byte by byte, so two ids that look
// alike would be sent twice. An ASCII id costs one pass over its bytes.
func formProblem(id string) (problem, hint string) {
	if spec.IsASCII(id) {
		return "", ""
	}
	switch i := strings.IndexFunc(id, isOdd); {
	case i >= 0:
		c, _ := utf8.DecodeRuneInString(id[i:])
		problem = fmt.Sprintf("an id can't hold a character that isn't seen (U+%04X)", c)
		if unicode.IsSpace(c) {
			problem = fmt.Sprintf("an id can't hold a space of another kind (U+%04X)", c)
		}
	case !norm.NFC.IsNormalString(id):
		problem = fmt.Sprintf("an id can't hold a letter that is written as %s: it is taken for another id", oddLetter(id))
	default:
		return "", ""
	}
	if usual := usualForm(id); usual != "" {
		return problem, `type it anew, or copy it from here: "` + usual + `"`
	}
	return problem, "type it anew"
}

// isOdd reports whether a character may not be in an id: an invisible one, or a
// space other than U+0020.
func isOdd(r rune) bool {
	return spec.IsUnseen(r) || r != ' ' && unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs)
}

// usualForm returns the most probable intended form of an id.
func usualForm(id string) string {
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case !isOdd(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, id)))
}

// oddLetter returns the code points of the first letter in an unusual form, with
// its marks: U+004E U+0303.
func oddLetter(id string) string {
	want := []rune(norm.NFC.String(id))
	have := []rune(id)
	i := 0
	for i < min(len(have), len(want)) && have[i] == want[i] {
		i++
	}
	codes := make([]string, 0, 2)
	for k, r := range have[i:] {
		if k > 0 && !unicode.IsMark(r) {
			break
		}
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(codes, " ")
}
