package session

import (
	"os"
	"strings"
	"testing"

	"kivaform/kiva/hint"
)

// A disk that can only be read has folders that say that they can be written.
func TestTryToWrite(t *testing.T) {
	dir := t.TempDir()
	if err := tryToWrite(dir); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left there: %v, %v", left, err)
	}
	if err := tryToWrite("/proc"); err == nil || !strings.Contains(hint.Text(err), "; hint: set KIVAFORM_CACHE_DIR") {
		t.Error(err)
	}
}
