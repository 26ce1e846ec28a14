package schema

// given accepts every value but an empty one.
var given = object{"not": object{"enum": []any{nil, ""}}}

// notBoth refuses the second of two keys that say one thing in two ways.
func notBoth(a, b string) object {
	return object{
		"if":   object{"required": []string{a, b}, "properties": object{a: given, b: given}},
		"then": object{"properties": object{b: object{"const": "", "errorMessage": "stands beside " + a + ": keep one of the two"}}},
	}
}

// oneOf refuses a mapping that has none of two keys.
func oneOf(a, b string) object {
	return object{"anyOf": []object{has(a), has(b)}}
}

func has(key string) object {
	return object{"required": []string{key}, "properties": object{key: given}}
}
