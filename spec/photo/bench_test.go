package photo_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"testing"

	"kivaform/spec/photo"
)

// twoMegabytes writes a photo of that size.
func twoMegabytes(b *testing.B) string {
	data := asJPEG(noise(1024, 768))
	return write(b, append(data, bytes.Repeat([]byte{1}, max(0, 2<<20-len(data)))...))
}

// BenchmarkInspectAgain is a second plan; compare it with
// [BenchmarkReadAndHash].
func BenchmarkInspectAgain(b *testing.B) {
	file, dir := twoMegabytes(b), b.TempDir()
	if _, err := inspectFile(file, photo.Limits{}, dir); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(2 << 20)
	for b.Loop() {
		if _, err := inspectFile(file, photo.Limits{}, dir); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAndHash(b *testing.B) {
	file := twoMegabytes(b)
	b.SetBytes(2 << 20)
	for b.Loop() {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		sha256.Sum256(data)
	}
}

// BenchmarkEncode converts a common phone's photo of 12 megapixels.
func BenchmarkEncode(b *testing.B) {
	file := write(b, asJPEG(quarters(4000, 3000)))
	for b.Loop() {
		if _, _, err := encodeFile(file, photo.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
