package partnerapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// decodeBody decodes a body of JSON in UTF-8 that begins with the byte first,
// '{' or '['. It ignores unknown fields, as Kiva does.
func decodeBody(body []byte, first byte, v any) error {
	if !utf8.Valid(body) {
		return errors.New("the body isn't UTF-8")
	}
	start := bytes.TrimLeft(body, " \t\r\n")
	if len(start) == 0 || start[0] != first {
		return fmt.Errorf("the body must be JSON that begins with %c", first)
	}
	err := json.Unmarshal(body, v)
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return fmt.Errorf("%s: a %s can't stand here", wrong.Field, wrong.Value)
	}
	if err != nil {
		return fmt.Errorf("the body can't be read: %w", err)
	}
	return nil
}
