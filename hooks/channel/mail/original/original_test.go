package original_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/original"
)

// keep stores mails and waits until each lies in its file.
func keep(data string, pieces []original.Piece) error {
	placed, err := original.Keep(data, pieces)
	if err != nil {
		return err
	}
	return placed()
}

func read(t *testing.T, data, sha string) string {
	t.Helper()
	m, err := original.Open(data, sha)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return string(m.Bytes)
}

func TestMailsAreKeptTogether(t *testing.T) {
	data := t.TempDir()
	large := filepath.Join(data, "fetched")
	if err := os.WriteFile(large, bytes.Repeat([]byte("0123456789abcde\n"), 1<<17), 0o600); err != nil { // 2 MB: mapped when read
		t.Fatal(err)
	}
	pieces := []original.Piece{{File: large}}
	for i := range 60 {
		pieces = append(pieces, original.Piece{Raw: fmt.Append(nil, "mail ", i%50)}) // ten of them twice
	}
	if err := keep(data, pieces); err != nil {
		t.Fatal(err)
	}
	again := append(pieces[1:], original.Piece{Raw: []byte("one more")}) // the others are there already
	if err := keep(data, again); err != nil {
		t.Fatal(err)
	}
	for i, p := range again[:60] {
		if got := read(t, data, p.SHA); got != fmt.Sprint("mail ", i%50) {
			t.Errorf("mail %d reads %q", i, got)
		}
	}
	if got := read(t, data, again[60].SHA); got != "one more" {
		t.Errorf("the last reads %q", got)
	}
	left, err := filepath.Glob(filepath.Join(data, original.Folder, "*", "*"))
	if err != nil || len(left) != 52 { // bundles lie beside the folders
		t.Errorf("%d files, %v", len(left), err)
	}
	if _, err := os.Stat(large); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the fetched file was not moved: %v", err)
	}
	if raw := read(t, data, sumOfLarge(t, data)); len(raw) != 2<<20 || !strings.HasSuffix(raw, "0123456789abcde\n") {
		t.Errorf("the large one has %d bytes", len(raw))
	}
}

// sumOfLarge is the name of the only file above a megabyte.
func sumOfLarge(t *testing.T, data string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(data, original.Folder, "*", "*.eml"))
	for _, f := range files {
		if st, err := os.Stat(f); err == nil && st.Size() > 1<<20 {
			return strings.TrimSuffix(filepath.Base(f), ".eml")
		}
	}
	t.Fatal("no large file")
	return ""
}

func TestTheSameMailIsKeptByManyAtOnce(t *testing.T) {
	data := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := keep(data, []original.Piece{{Raw: []byte("same")}, {Raw: []byte("same")}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(data, original.Folder, "*", "*")); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

func TestOnlyNamesOfOriginalsAreOpened(t *testing.T) {
	for _, sha := range []string{"", "..", "../../data.db", strings.Repeat("A", 64), strings.Repeat("a", 63), strings.Repeat("0", 64)} {
		if m, err := original.Open(t.TempDir(), sha); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v, %v", sha, m, err)
		}
	}
}

func TestAFullDiskIsAnError(t *testing.T) {
	data := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(data, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	if err := keep(data, []original.Piece{{Raw: []byte("mail")}}); err == nil {
		t.Error("kept nowhere without an error")
	}
}

func bundles(t *testing.T, data string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(data, original.Folder, ".bundle-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAPowerCutCostsNoMailThatWasKept(t *testing.T) {
	data := t.TempDir()
	var pieces []original.Piece
	for i := range 25 {
		pieces = append(pieces, original.Piece{Raw: fmt.Append(nil, "Subject: ", i, "\r\n\r\n", strings.Repeat("x\n", i*100))})
	}
	if err := keep(data, pieces); err != nil {
		t.Fatal(err)
	}
	made := bundles(t, data)
	if len(made) != 1 {
		t.Fatalf("bundles %v", made)
	}
	// What the system may not have written: a file, its bytes, a folder.
	for i, p := range pieces[:6] {
		name, err := original.Path(data, p.SHA)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 3 {
		case 0:
			err = os.Remove(name)
		case 1:
			err = os.Truncate(name, 0)
		case 2:
			err = os.RemoveAll(filepath.Dir(name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// A bundle that was being written then was never said to be kept.
	whole, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(data, original.Folder, ".bundle-torn")
	if err := os.WriteFile(torn, append(whole[:200:200], make([]byte, 5000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := original.Recover(data); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range pieces {
		if read(t, data, p.SHA) != string(p.Raw) {
			t.Errorf("mail %d is not as it came", i)
		}
	}
	if left := bundles(t, data); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestBundlesGoWhenTheirMailsAreWritten(t *testing.T) {
	data := t.TempDir()
	pieces := []original.Piece{{Raw: []byte("a")}, {Raw: []byte("b")}, {Raw: []byte("c")}}
	if err := keep(data, pieces); err != nil {
		t.Fatal(err)
	}
	if err := original.Settle(data); err != nil || len(bundles(t, data)) != 1 {
		t.Errorf("bundles %v, %v", bundles(t, data), err)
	}
	past := time.Now().Add(-2 * time.Minute)
	if err := os.Chtimes(bundles(t, data)[0], past, past); err != nil {
		t.Fatal(err)
	}
	name, err := original.Path(data, pieces[1].SHA)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil { // the shop keeps no originals
		t.Fatal(err)
	}
	if err := original.Settle(data); err != nil || len(bundles(t, data)) != 0 {
		t.Errorf("bundles %v, %v", bundles(t, data), err)
	}
	if read(t, data, pieces[2].SHA) != "c" {
		t.Error("a mail went with its bundle")
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what was removed is back")
	}
}
