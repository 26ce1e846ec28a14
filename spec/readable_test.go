package spec

import "testing"

func TestIsReadable(t *testing.T) {
	for _, c := range "aé ❤🐄🏾𝒜🇰" {
		if !IsReadable(c) {
			t.Errorf("%q isn't readable", c)
		}
	}
	for _, c := range []rune{'\n', 0x1B, 0x202E, 0xE000, 0xFEFF, 0xFE0F, 0x1BCA0, 0xE0067, 0xE0100, 0xF0000, 0x10FFFF, 0x3FFFF} {
		if IsReadable(c) {
			t.Errorf("%U is readable", c)
		}
	}
}
