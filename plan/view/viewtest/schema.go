package viewtest

import (
	"bytes"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Strict returns a checker of JSON against a schema, more strictly than the
// schema says: a member that it doesn't describe is an error, too. The
// published schemas allow those, so that things can be added.
func Strict(schema string) (check func(data []byte) error, err error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		return nil, err
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		return nil, err
	}
	return func(data []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return compiled.Validate(doc)
	}, nil
}

// closeObjects allows no more members than are described. What is a choice of
// schemas is closed in each of them.
func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			closeObjects(e)
		}
	case map[string]any:
		for _, e := range v {
			closeObjects(e)
		}
		_, isObject := v["properties"].(map[string]any)
		if _, isChoice := v["oneOf"]; isObject && !isChoice {
			v["additionalProperties"] = false
		}
	}
}
