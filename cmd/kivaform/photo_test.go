package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kivaform/apply/ledger/ledgertest"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/kiva/sandbox"
)

// phonePhoto is a picture as a phone makes it: lying on its side, with the place
// where it was taken. Its upper left quarter, as stored, is red.
func phonePhoto(t *testing.T) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			c := color.RGBA{20, 40, 200, 255}
			if x < 200 && y < 150 {
				c = color.RGBA{220, 20, 20, 255}
			}
			picture.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	const start = 2 // after the marker that begins a JPEG
	exif := append([]byte("Exif\x00\x00"), tiff()...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return bytes.Join([][]byte{b.Bytes()[:start], segment, exif, b.Bytes()[start:]}, nil)
}

// tiff is the metadata: orientation 6 (turn right), and a place.
func tiff() []byte {
	le := binary.LittleEndian
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := le.AppendUint16(le.AppendUint16(nil, tag), kind)
		return le.AppendUint32(le.AppendUint32(b, count), value)
	}
	const header, entries = 8, 2 + 2*12 + 4
	b := append([]byte("II*\x00"), 8, 0, 0, 0, 2, 0)
	b = append(b, entry(0x0112, 3, 1, 6)...)              // Orientation
	b = append(b, entry(0x8825, 4, 1, header+entries)...) // where the GPS part is
	b = append(b, 0, 0, 0, 0, 1, 0)
	b = append(b, entry(0x001b, 2, 24, header+entries+2+12+4)...) // GPSProcessingMethod
	return append(append(b, 0, 0, 0, 0), "UNMISTAKABLE-1.28S36.82E"...)
}

// What Kiva receives of a phone's photo stands upright and tells nothing but the
// picture, as a decoder says that isn't Go's.
func TestAPhonesPhotoArrivesUprightAndBare(t *testing.T) {
	djpeg := ledgertest.Need(t, "djpeg", "Debian's package libjpeg-turbo-progs")
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyQuickstart(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "photos", "L-1042.jpg"), phonePhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	code := run(t.Context(), []string{"-C", dir, "apply", "--auto-approve"}, cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, func(string) string { return "" })
	if code != cli.ExitDone {
		t.Fatalf("exit %d", code)
	}
	received := receivedPhoto(t, dir, "L-1042")
	for _, secret := range []string{"UNMISTAKABLE", "Exif", "GPS"} {
		if bytes.Contains(received, []byte(secret)) {
			t.Errorf("the photo holds %q", secret)
		}
	}
	width, height, pixel := decodePPM(t, djpeg, received)
	if width != 300 || height != 400 {
		t.Errorf("%d by %d, want 300 by 400", width, height)
	}
	if r, _, b := pixel(250, 50); r < 180 || b > 80 {
		t.Errorf("the upper right is not red: %d %d", r, b)
	}
	if r, _, b := pixel(50, 50); r > 80 || b < 150 {
		t.Errorf("the upper left is not blue: %d %d", r, b)
	}
}

// receivedPhoto returns the photo that the sandbox has of a loan's draft.
func receivedPhoto(t *testing.T, dir, loanID string) []byte {
	t.Helper()
	s, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(dir, session.DataFolder, "sandbox")})
	if err != nil {
		t.Fatal(err)
	}
	_, list := step(s, "GET", "/pa2/drafts", "")
	var drafts []map[string]any
	if err := json.Unmarshal(list, &drafts); err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		if d["loan_id"] != loanID {
			continue
		}
		_, draft := step(s, "GET", fmt.Sprintf("/pa2/drafts/%s", d["uuid"]), "")
		_, rest, ok := strings.Cut(string(draft), `/pa2/photos/`)
		if !ok {
			_, rest, ok = strings.Cut(string(draft), `"digest":"`)
		}
		if !ok {
			t.Fatalf("no photo in %s", draft)
		}
		digest, _, _ := strings.Cut(rest, `"`)
		status, data := step(s, "GET", "/pa2/photos/"+digest, "")
		if status != 200 {
			t.Fatalf("photo %s: %d %s", digest, status, data)
		}
		return data
	}
	t.Fatalf("no draft of %s", loanID)
	return nil
}

// decodePPM decodes a JPEG by another program.
func decodePPM(t *testing.T, djpeg string, data []byte) (width, height int, pixel func(x, y int) (r, g, b byte)) {
	t.Helper()
	c := exec.Command(djpeg, "-ppm")
	c.Stdin = bytes.NewReader(data)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(bytes.NewReader(out))
	var depth int
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &width, &height, &depth); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return width, height, func(x, y int) (byte, byte, byte) {
		at := 3 * (y*width + x)
		return rest[at], rest[at+1], rest[at+2]
	}
}
