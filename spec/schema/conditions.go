package schema

// givenValue accepts any value that isn't empty.
var givenValue = object{"not": object{"enum": []any{nil, ""}}}

// notBoth refuses two keys that give the same value in two ways.
func notBoth(a, b string) object {
	return object{
		"if":   object{"required": []string{a, b}, "properties": object{a: givenValue, b: givenValue}},
		"then": object{"properties": object{b: object{"const": "", "errorMessage": "stands beside " + a + ": keep one of the two"}}},
	}
}

// oneOf refuses a mapping that has neither key.
func oneOf(a, b string) object {
	return object{"anyOf": []object{hasKey(a), hasKey(b)}}
}

func hasKey(key string) object {
	return object{"required": []string{key}, "properties": object{key: givenValue}}
}
