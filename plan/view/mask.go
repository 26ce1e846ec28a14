package view

import "kivaform/spec"

// Mask stands for a personal value that isn't shown. It is of one length, so
// that it tells nothing.
const Mask = "••••••"

// MaskSecret returns a secret if personal values are shown, and else the mask
// that stands for it. Where there is none, there is none to mask.
func MaskSecret(secret string, personal bool) string {
	if secret == "" || personal {
		return secret
	}
	return Mask
}

// Harmless returns a text in one line that can't move a terminal's cursor,
// change colours or hide anything.
func Harmless(s string) string { return spec.Harmless(s) }
