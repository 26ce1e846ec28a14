package workspace

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"path/filepath"
)

// pictures is how many different pictures there are. Encoding one takes much
// longer than writing it; a comment makes each file another one.
const pictures = 2

func photoFile(i int) string { return fmt.Sprintf("photos/%06d.jpg", i) }

func (o Options) writePhotos(dir string) error {
	random := o.random(photoStream)
	var encoded [][]byte
	for range min(o.Photos, pictures) {
		data, err := encode(random)
		if err != nil {
			return err
		}
		encoded = append(encoded, data)
	}
	for i := range o.Photos {
		err := create(filepath.Join(dir, photoFile(i)), func(w *bufio.Writer) error {
			return writePhoto(w, encoded[i%pictures], fmt.Sprintf("photo %d", i))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writePhoto writes a JPEG with a comment after its first marker.
func writePhoto(w *bufio.Writer, picture []byte, comment string) error {
	start, rest := picture[:2], picture[2:]
	w.Write(start)
	w.Write([]byte{0xff, 0xfe})
	w.Write(binary.BigEndian.AppendUint16(nil, uint16(2+len(comment))))
	w.WriteString(comment)
	_, err := w.Write(rest)
	return err
}

// encode makes a picture of 2000 by 1500 pixels whose noise brings it near
// 2 MB.
func encode(random *rand.Rand) ([]byte, error) {
	picture := image.NewYCbCr(image.Rect(0, 0, 2000, 1500), image.YCbCrSubsampleRatio420)
	for i := range picture.Y {
		picture.Y[i] = uint8(i>>14) + uint8(random.Uint32()&0x7f)
	}
	for i := range picture.Cb {
		picture.Cb[i], picture.Cr[i] = uint8(i>>12), 255-uint8(i>>12)
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}
