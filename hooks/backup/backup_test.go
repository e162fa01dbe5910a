package backup_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/bucket"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

// shop is an app with a conversation and a file.
type shop struct {
	*hookstest.App
	t *testing.T
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{hookstest.New(t), t}
	s.receive("one", "আমার অর্ডার কোথায়?")
	return s
}

func (s *shop) receive(id, text string) {
	s.t.Helper()
	_, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v1", Keys: []string{id}, ClientID: "client-" + id, Visitor: "v1",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "v1"}}, Text: text,
		Files: []conversation.File{{Name: "note.txt", Size: int64(len(id)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(id)), nil }}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// place is the place that every shop has, changed.
func (s *shop) place(change map[string]any) *backup.Place {
	s.t.Helper()
	r, err := s.FindRecordById(schema.BackupPlaces, "shohay_place001")
	if err != nil {
		s.t.Fatal(err)
	}
	r.Load(change)
	if err := s.Save(r); err != nil {
		s.t.Fatal(err)
	}
	if r, err = s.FindRecordById(schema.BackupPlaces, r.Id); err != nil {
		s.t.Fatal(err)
	}
	p := new(backup.Place)
	p.SetProxyRecord(r)
	return p
}

func (s *shop) make(p *backup.Place) *backup.Made {
	s.t.Helper()
	made, err := s.Rooms.Backup.Make(context.Background(), s.App, p)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

func TestLastNightsBackupComesBackInAFreshFolder(t *testing.T) {
	for _, passphrase := range []string{"", "correct horse battery"} {
		s := open(t)
		made := s.make(s.place(map[string]any{schema.PlacePassphrase: passphrase}))
		if strings.HasSuffix(made.Name, ".age") != (passphrase != "") {
			t.Fatalf("%q with passphrase %q", made.Name, passphrase)
		}
		raw, err := os.ReadFile(made.Where)
		if err != nil {
			t.Fatal(err)
		}
		if passphrase != "" && (bytes.Contains(raw, []byte("SQLite format")) || bytes.HasPrefix(raw, []byte("PK"))) {
			t.Error("the backup is not encrypted")
		}
		dir := filepath.Join(t.TempDir(), "new")
		if passphrase != "" {
			if _, err := backup.Restore(t.Context(), made.Where, dir, "another passphrase"); !errors.Is(err, backup.ErrPassphrase) {
				t.Errorf("another passphrase: %v", err)
			}
		}
		if _, err := backup.Restore(t.Context(), made.Where, dir, passphrase); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		hookstest.Same(t, s.DataDir(), dir, schema.BackupPlaces)
		again := hookstest.Open(t, dir)
		records, err := again.FindAllRecords(schema.Messages)
		if err != nil || len(records) != 1 || records[0].GetString(schema.MsgText) != "আমার অর্ডার কোথায়?" {
			t.Fatalf("%d messages, %v", len(records), err)
		}
	}
}

func TestABackupIsOneInstantOfABusyShop(t *testing.T) {
	s := open(t)
	p := s.place(nil)
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan int)
	go func() {
		n := 1
		for ; ctx.Err() == nil; n++ {
			s.receive(core.GenerateDefaultRandomId(), "again")
		}
		written <- n
	}()
	made := s.make(p)
	stop()
	total := <-written
	dir := filepath.Join(t.TempDir(), "new")
	m, err := backup.Restore(t.Context(), made.Where, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	again := hookstest.Open(t, dir)
	records, err := again.FindRecordsByFilter(schema.Messages, "", "seq", 0, 0)
	if err != nil || int64(len(records)) != m.Rows[schema.Messages] || len(records) < 1 || len(records) > total {
		t.Fatalf("%d messages of %d, the manifest says %d: %v", len(records), total, m.Rows[schema.Messages], err)
	}
	for _, r := range records {
		for _, f := range r.GetStringSlice(schema.MsgFiles) {
			if _, err := os.Stat(filepath.Join(dir, "storage", r.BaseFilesPath(), f)); err != nil {
				t.Errorf("a file that a message names is not there: %v", err)
			}
		}
	}
}

func TestADamagedBackupIsRefusedAndLeavesNothing(t *testing.T) {
	s := open(t)
	made := s.make(s.place(nil))
	raw, err := os.ReadFile(made.Where)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	at, err := z.File[0].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(raw)
	flipped[at+100] ^= 0x40
	for what, b := range map[string][]byte{
		"cut short": raw[:len(raw)*2/3], "one bit": flipped, "empty": {}, "no backup": []byte("hello"),
		"climbs out": rezip(t, raw, func(name string) string { return strings.Replace(name, "storage/", "../storage/", 1) }),
		"lacks one":  rezip(t, raw, func(name string) string { return strings.Replace(name, "shohay.key", "", 1) }),
	} {
		parent := t.TempDir()
		file, dir := filepath.Join(parent, "b.zip"), filepath.Join(parent, "new")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), file, dir, ""); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
		if left, _ := os.ReadDir(parent); len(left) != 1 {
			t.Errorf("%s: it leaves %v", what, left)
		}
	}
}

// rezip writes a zip again with other names; "" leaves a file out.
func rezip(t *testing.T, raw []byte, rename func(string) string) []byte {
	t.Helper()
	src, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	dst := zip.NewWriter(&out)
	for _, f := range src.File {
		name := rename(f.Name)
		if name == "" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		w, err := dst.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := dst.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAFolderInUseIsNotRestoredInto(t *testing.T) {
	s := open(t)
	made := s.make(s.place(nil))
	_, err := backup.Restore(t.Context(), made.Where, s.DataDir(), "")
	if err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Error(err)
	}
}

func TestABackupThatCannotBeWrittenIsSaidAndKeepsTheOthers(t *testing.T) {
	s := open(t)
	first := s.make(s.place(nil))
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rooms.Backup.Make(t.Context(), s.App, s.place(map[string]any{schema.PlaceFolder: blocked})); err == nil {
		t.Error("a file is taken for a folder")
	}
	if _, err := os.Stat(first.Where); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.DataDir(), core.LocalTempDirName, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestABucketHoldsBackupsAndIsThinned(t *testing.T) {
	s, storage := open(t), bucket.Serve(t)
	p := s.place(map[string]any{
		schema.PlaceKind: schema.PlaceKindBucket, schema.PlaceEndpoint: storage.URL, schema.PlaceBucket: bucket.Name, schema.PlaceRegion: bucket.Region,
		schema.PlaceAccessKey: bucket.AccessKey, schema.PlaceSecretKey: bucket.SecretKey, schema.PlacePathStyle: true, schema.PlacePrefix: "/rupali",
		schema.PlacePassphrase: "correct horse battery", schema.PlaceDaily: 2, schema.PlaceWeekly: 0, schema.PlaceMonthly: 0,
	})
	storage.Put("rupali/holiday.zip", nil)
	storage.Put("shohay-2020-01-01T030000Z.zip.age", nil) // somebody else's folder
	for day := range 6 {
		storage.Put(fmt.Sprintf("rupali/shohay-2026-01-0%dT030000Z.zip.age", day+1), nil)
	}
	// More than one part, of what deflate makes no smaller.
	noise := make([]byte, 8<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	if err := os.WriteFile(filepath.Join(s.DataDir(), "storage", "noise"), noise, 0o600); err != nil {
		t.Fatal(err)
	}
	made := s.make(p)
	want := []string{"rupali/holiday.zip", "rupali/" + made.Name, "shohay-2020-01-01T030000Z.zip.age"}
	if keys := storage.Keys(); len(keys) != 4 || !slices.Contains(keys, want[0]) || !slices.Contains(keys, want[1]) || !slices.Contains(keys, want[2]) || !slices.Contains(keys, "rupali/shohay-2026-01-06T030000Z.zip.age") {
		t.Errorf("the bucket holds %v", keys)
	}
	file, dir := filepath.Join(t.TempDir(), made.Name), filepath.Join(t.TempDir(), "new")
	if err := os.WriteFile(file, storage.Object("rupali/"+made.Name), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), file, dir, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	hookstest.Same(t, s.DataDir(), dir, schema.BackupPlaces)
}

func TestABucketThatFailsKeepsNoHalfBackup(t *testing.T) {
	s, storage := open(t), bucket.Serve(t)
	p := s.place(map[string]any{
		schema.PlaceKind: schema.PlaceKindBucket, schema.PlaceEndpoint: storage.URL, schema.PlaceBucket: bucket.Name, schema.PlaceRegion: bucket.Region,
		schema.PlaceAccessKey: bucket.AccessKey, schema.PlaceSecretKey: bucket.SecretKey, schema.PlacePathStyle: true, schema.PlacePassphrase: "correct horse battery",
	})
	for what, fail := range map[string]func(r *http.Request) int{
		"refuses": func(r *http.Request) int { return 403 },
		"cannot be read": func(r *http.Request) int {
			return map[bool]int{true: 500}[r.Method == http.MethodGet && !r.URL.Query().Has("list-type")]
		},
		"takes no object": func(r *http.Request) int { return map[bool]int{true: 507}[r.Method == http.MethodPut] },
	} {
		storage.Fail(fail)
		if _, err := s.Rooms.Backup.Make(t.Context(), s.App, p); err == nil {
			t.Errorf("%s: no error", what)
		}
		storage.Fail(nil)
		if keys := storage.Keys(); len(keys) > 0 {
			t.Errorf("%s: it keeps %v", what, keys)
		}
	}
}

func TestOwnersSeeBackupsAndAskForOne(t *testing.T) {
	s := open(t)
	base := s.Serve()
	owner := &hookstest.Client{TB: t, Base: base, Token: s.Token(s.Agent("mina", schema.RoleOwner))}
	owner.Must(404, "POST", "/api/desk/backups/nowhere00000000/now", nil)
	owner.Must(202, "POST", "/api/desk/backups/shohay_place001/now", nil)
	var got struct{ Places []backup.View }
	hookstest.Until(t, "there is a backup", 10*time.Second, func() bool {
		owner.Must(200, "GET", "/api/desk/backups", nil).JSON(t, &got)
		return len(got.Places[0].Files) == 1 && got.Places[0].LastGood != ""
	})
	if p := got.Places[0]; p.Error != "" || p.LastBytes != p.Files[0].Bytes || p.LastFile != p.Files[0].Name || p.Encrypted {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsWrongWithAPlaceIsSaidByField(t *testing.T) {
	s := open(t)
	base := s.Serve()
	owner := &hookstest.Client{TB: t, Base: base, Token: s.Token(s.Agent("mina", schema.RoleOwner))}
	for what, c := range map[string]struct {
		body  map[string]any
		field string
	}{
		"a path of its own":     {map[string]any{"folder": "backups"}, "folder"},
		"inside the data":       {map[string]any{"folder": filepath.Join(s.DataDir(), "storage")}, "folder"},
		"a short passphrase":    {map[string]any{"passphrase": "short"}, "passphrase"},
		"a bucket without":      {map[string]any{"kind": "s3", "endpoint": "https://127.0.0.1:1", "bucket": "b", "region": "x", "access_key": "a", "secret_key": "s"}, "passphrase"},
		"nobody answers there":  {map[string]any{"kind": "s3", "endpoint": "http://127.0.0.1:1", "bucket": "b", "region": "x", "access_key": "a", "secret_key": "s", "passphrase": "long enough words"}, "endpoint"},
		"no folder can be made": {map[string]any{"folder": "/proc/nowhere"}, "folder"},
	} {
		body := map[string]any{"name": what, "kind": "folder", "active": true, "hour": 3}
		for k, v := range c.body {
			body[k] = v
		}
		var said struct {
			Data map[string]struct{ Message string }
		}
		owner.Must(400, "POST", "/api/collections/backup_places/records", body).JSON(t, &said)
		if said.Data[c.field].Message == "" {
			t.Errorf("%s: %v", what, said.Data)
		}
	}
	var kept map[string]any
	owner.Must(200, "PATCH", "/api/collections/backup_places/records/shohay_place001", map[string]any{"passphrase": "long enough words", "passphrase_sealed": "v1.x"}).JSON(t, &kept)
	if kept["passphrase"] != "" || kept["passphrase_sealed"] != nil {
		t.Errorf("the passphrase is shown: %v", kept)
	}
	made := s.make(s.place(nil))
	if !strings.HasSuffix(made.Name, ".age") {
		t.Error("an empty field forgot the passphrase")
	}
}
