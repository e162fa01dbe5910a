package replica_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup/depot"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/bucket"
	"github.com/shohay/shohay/hooks/replica"
	"github.com/shohay/shohay/hooks/schema"
)

const passphrase = "correct horse battery"

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type shop struct {
	*hookstest.App
	t *testing.T
}

// open is a shop whose place the change makes continuous, with its loops.
func open(t *testing.T, change map[string]any) *shop {
	t.Helper()
	s := &shop{hookstest.New(t), t}
	s.place(change)
	s.Rooms.Group.Start()
	return s
}

func (s *shop) place(change map[string]any) {
	s.t.Helper()
	r, err := s.FindRecordById(schema.BackupPlaces, "shohay_place001")
	if err != nil {
		s.t.Fatal(err)
	}
	r.Load(change)
	r.Set(schema.PlaceContinuous, true)
	if err := s.Save(r); err != nil {
		s.t.Fatal(err)
	}
}

// receive takes in a message with a file.
func (s *shop) receive(id string) {
	s.t.Helper()
	_, err := conversation.Receive(s.App, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v1", Keys: []string{id}, ClientID: "client-" + id, Visitor: "v1",
		From: []conversation.Identity{{Kind: schema.KindVisitor, Value: "v1"}}, Text: "আমার অর্ডার কোথায়? " + id,
		Files: []conversation.File{{Name: "note.txt", Size: int64(len(id)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(id)), nil }}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// mail keeps a mail as the mail room does.
func (s *shop) mail(words string) {
	s.t.Helper()
	name := filepath.Join(s.DataDir(), "mail", "ab", fmt.Sprintf("%x.eml", words))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(words), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// good waits until everything is there.
func (s *shop) good() {
	s.t.Helper()
	hookstest.Until(s.t, "the replica to be complete", 90*time.Second, func() bool {
		st := s.Rooms.Replica.Status()
		return st.Fault == "" && !st.Good.IsZero()
	})
}

// messages are the texts of a data folder's messages.
func messages(t *testing.T, dir string) map[string]bool {
	t.Helper()
	records, err := hookstest.Open(t, dir).FindAllRecords(schema.Messages)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, r := range records {
		all[r.GetString(schema.MsgText)] = true
	}
	return all
}

func TestAShopComesBackFromTheReplicaOfAStoppedMachine(t *testing.T) {
	for _, secret := range []string{"", passphrase} {
		where := filepath.Join(t.TempDir(), "other disk")
		s := open(t, map[string]any{schema.PlaceFolder: where, schema.PlacePassphrase: secret})
		for i := range 20 {
			s.receive(fmt.Sprint("m", i))
		}
		s.mail("From: a@b.example\r\n\r\nHello")
		s.good()
		s.receive("last")
		s.Stop() // the last changes go with it

		d := depot.Folder(where)
		if secret != "" {
			if _, err := replica.Restore(t.Context(), d, "", filepath.Join(t.TempDir(), "x"), time.Time{}); !errors.Is(err, replica.ErrPassphraseWanted) {
				t.Errorf("without the passphrase: %v", err)
			}
			if _, err := replica.Restore(t.Context(), d, "another passphrase", filepath.Join(t.TempDir(), "x"), time.Time{}); !errors.Is(err, replica.ErrPassphrase) {
				t.Errorf("another passphrase: %v", err)
			}
			all, err := d.List(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				if raw, err := os.ReadFile(d.Where(o.Key)); err != nil || bytes.Contains(raw, []byte("অর্ডার")) || bytes.Contains(raw, []byte("Hello")) {
					t.Errorf("%s can be read by anybody (%v)", o.Key, err)
				}
			}
		}
		dir := filepath.Join(t.TempDir(), "new")
		back, err := replica.Restore(t.Context(), d, secret, dir, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if back.Files < 22 {
			t.Errorf("%d files came back", back.Files)
		}
		hookstest.Same(t, s.DataDir(), dir, schema.BackupPlaces)
		if got := messages(t, dir); len(got) != 21 || !got["আমার অর্ডার কোথায়? last"] {
			t.Errorf("%d messages came back", len(got))
		}
	}
}

// A program that runs for a moment only leaves a whole replica too.
func TestAShopThatIsStoppedAtOnceIsCopied(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	s := open(t, map[string]any{schema.PlaceFolder: where, schema.PlacePassphrase: passphrase})
	s.receive("only")
	s.Stop()
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := replica.Restore(t.Context(), depot.Folder(where), passphrase, dir, time.Time{}); err != nil {
		t.Fatal(err)
	}
	hookstest.Same(t, s.DataDir(), dir, schema.BackupPlaces)
}

func TestLittleIsLostWhenTheMachineVanishesUnderLoad(t *testing.T) {
	b := bucket.Serve(t)
	s := open(t, map[string]any{
		schema.PlaceKind: schema.PlaceKindBucket, schema.PlaceEndpoint: b.URL, schema.PlaceBucket: bucket.Name, schema.PlaceRegion: bucket.Region,
		schema.PlaceAccessKey: bucket.AccessKey, schema.PlaceSecretKey: bucket.SecretKey, schema.PlacePathStyle: true,
		schema.PlacePrefix: "shops/one", schema.PlacePassphrase: passphrase,
	})
	s.good()
	const n = 100
	var sent [n]time.Time
	for i := range n {
		sent[i] = time.Now()
		s.receive(fmt.Sprint("m", i))
		time.Sleep(20 * time.Millisecond)
	}
	b.Fail(func(*http.Request) int { return http.StatusServiceUnavailable }) // from now on nothing gets out
	vanished := time.Now()
	s.Stop()
	b.Fail(nil)

	d := depot.Bucket{Name: bucket.Name, Region: bucket.Region, Endpoint: b.URL, AccessKey: bucket.AccessKey, SecretKey: bucket.SecretKey, Prefix: "shops/one/", PathStyle: true}
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := replica.Restore(t.Context(), d, passphrase, dir, time.Time{}); err != nil {
		t.Fatal(err)
	}
	got := messages(t, dir)
	for i := range n {
		if !got["আমার অর্ডার কোথায়? m"+fmt.Sprint(i)] {
			lost := vanished.Sub(sent[i])
			t.Logf("%d of %d messages came back; the oldest lost one was sent %s before", len(got), n, lost.Round(10*time.Millisecond))
			if lost > 10*time.Second { // the aim of 2 s is measured on a calm machine
				t.Errorf("%s are lost", lost)
			}
			break
		}
	}
	if len(got) == 0 {
		t.Error("nothing came back")
	}
}

func TestAReplicaOfAnotherShopIsNotTouched(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	s := open(t, map[string]any{schema.PlaceFolder: where})
	s.good()
	before, err := os.ReadFile(filepath.Join(where, "live", "head.json"))
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	other := open(t, map[string]any{schema.PlaceFolder: where})
	if err := os.WriteFile(filepath.Join(other.DataDir(), "shohay.key"), bytes.Repeat([]byte{7}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	other.Stop()
	again := &shop{hookstest.Open(t, other.DataDir()), t}
	again.Rooms.Group.Start()
	hookstest.Until(t, "the refusal", 30*time.Second, func() bool {
		return again.Rooms.Replica.Status().Fault == replica.ErrOtherShop.Error()
	})
	if after, err := os.ReadFile(filepath.Join(where, "live", "head.json")); err != nil || !bytes.HasPrefix(after, before[:40]) {
		t.Errorf("the head of the first shop was changed: %s %v", after, err)
	}
}

func TestAStandbyMachineTakesOver(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	first := open(t, map[string]any{schema.PlaceFolder: where})
	first.receive("one")
	first.good()

	dir := filepath.Join(t.TempDir(), "standby")
	followed := make(chan error, 1)
	go func() {
		followed <- replica.Follow(context.Background(), depot.Folder(where), "", where, dir, func(words string) { t.Log(words) })
	}()
	first.receive("two")
	hookstest.Until(t, "a database at the stand-by machine", time.Minute, func() bool {
		_, err := os.Stat(filepath.Join(dir, "data.db-txid"))
		return err == nil
	})
	base := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	replica.Register(base, replica.Deps{Group: first.Rooms.Group})
	if err := base.Bootstrap(); !errors.Is(err, replica.ErrStandby) {
		t.Errorf("a folder that follows was opened: %v", err)
	}
	first.receive("three")
	first.Stop()
	time.Sleep(3 * time.Second) // the changes are there; a follower looks once a second

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := replica.TakeOver(ctx, dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	second := &shop{hookstest.Open(t, dir), t}
	records, err := second.FindAllRecords(schema.Messages)
	if err != nil || len(records) != 3 {
		t.Fatalf("%d messages at the new machine: %v", len(records), err)
	}
	second.Rooms.Group.Start()
	second.receive("four")
	second.good()

	// The first machine comes back from the dead, and does not write.
	back := &shop{hookstest.Open(t, first.DataDir()), t}
	back.Rooms.Group.Start()
	hookstest.Until(t, "the first machine to see that another took over", 30*time.Second, func() bool {
		return strings.Contains(back.Rooms.Replica.Status().Fault, "another machine")
	})
	back.Stop()
	second.Stop()
	again := filepath.Join(t.TempDir(), "again")
	if _, err := replica.Restore(t.Context(), depot.Folder(where), "", again, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, again); len(got) != 4 || !got["আমার অর্ডার কোথায়? four"] {
		t.Errorf("the replica has %d messages", len(got))
	}
}

// followedOnce makes a folder that followed a replica and does no longer.
func followedOnce(t *testing.T, where, dir string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	followed := make(chan error, 1)
	go func() {
		followed <- replica.Follow(ctx, depot.Folder(where), "", where, dir, func(words string) { t.Log(words) })
	}()
	hookstest.Until(t, "a database at the stand-by machine", time.Minute, func() bool {
		_, err := os.Stat(filepath.Join(dir, "data.db-txid"))
		return err == nil
	})
	stop()
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
}

// When nobody follows, whoever takes over asks the replica for what is missing:
// for all of it in a new folder.
func TestWhoTakesOverAloneHasWhatTheReplicaHas(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	first := open(t, map[string]any{schema.PlaceFolder: where})
	first.receive("one")
	first.good()
	old := filepath.Join(t.TempDir(), "standby")
	followedOnce(t, where, old)
	first.receive("two")
	first.Stop()

	unreachable := func(string) (depot.Depot, string, error) {
		return depot.Folder(filepath.Join(where, "not mounted")), "", nil
	}
	asked := ""
	source := func(from string) (depot.Depot, string, error) {
		asked = from
		return depot.Folder(where), "", nil
	}
	busy := t.TempDir()
	if err := os.WriteFile(filepath.Join(busy, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir    string
		source replica.Source
		words  string
	}{
		{old, unreachable, "no replica"},
		{filepath.Join(t.TempDir(), "new"), nil, "--from"},
		{busy, source, "not empty"},
		{first.DataDir(), source, "shohay serve"},
	} {
		if err := replica.TakeOver(t.Context(), c.dir, c.source); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.dir, err)
		}
	}
	for _, dir := range []string{old, filepath.Join(t.TempDir(), "new")} {
		asked = ""
		if err := replica.TakeOver(t.Context(), dir, source); err != nil {
			t.Fatal(err)
		}
		if (asked == where) != (dir == old) {
			t.Errorf("the place that was followed: %q", asked)
		}
		hookstest.Same(t, first.DataDir(), dir, schema.BackupPlaces)
		if got := messages(t, dir); len(got) != 2 {
			t.Errorf("%d messages", len(got))
		}
	}
	// It writes the replica at once, whoever did before.
	second := &shop{hookstest.Open(t, old), t}
	second.Rooms.Group.Start()
	second.receive("three")
	second.good()
}

// Where the replica is gone too, the folder is served with what it has.
func TestWhoTakesOverCanTakeTheFolderAsItIs(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	first := open(t, map[string]any{schema.PlaceFolder: where})
	first.receive("one")
	first.good()
	first.Stop()
	dir := filepath.Join(t.TempDir(), "standby")
	followedOnce(t, where, dir)
	if err := os.RemoveAll(where); err != nil {
		t.Fatal(err)
	}
	if err := replica.TakeOver(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, dir); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

// Attachments in a bucket are not copied: who brings the shop back finds them
// there, for the settings that say where come along.
func TestAShopWhoseAttachmentsLieInABucketComesBack(t *testing.T) {
	store := bucket.Serve(t)
	where := filepath.Join(t.TempDir(), "other disk")
	s := &shop{hookstest.New(t), t}
	s.receive("before") // its file is on the disk
	settings := s.Settings()
	settings.S3 = core.S3Config{
		Enabled: true, Bucket: bucket.Name, Region: bucket.Region, Endpoint: store.URL, AccessKey: bucket.AccessKey, Secret: bucket.SecretKey, ForcePathStyle: true,
	}
	if err := s.Save(settings); err != nil {
		t.Fatal(err)
	}
	s.place(map[string]any{schema.PlaceFolder: where})
	s.Rooms.Group.Start()
	s.receive("after")
	s.mail("From: a@b.example\r\n\r\nHello")
	s.good()
	s.receive("last")
	s.Stop()

	copied, err := depot.Folder(where).List(t.Context(), "live/files/")
	if err != nil {
		t.Fatal(err)
	}
	attachments, mails, keys := 0, 0, 0
	for _, o := range copied {
		switch {
		case strings.HasSuffix(o.Key, ".txt"):
			attachments++
		case strings.HasSuffix(o.Key, ".eml"):
			mails++
		case strings.HasSuffix(o.Key, "shohay.key"):
			keys++
		}
	}
	if attachments != 1 || mails != 1 || keys != 1 {
		t.Errorf("%d attachments, %d mails and %d keys are copied", attachments, mails, keys)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := replica.Restore(t.Context(), depot.Folder(where), "", dir, time.Time{}); err != nil {
		t.Fatal(err)
	}
	back := hookstest.Open(t, dir)
	sys, err := back.NewFilesystem()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close()
	records, err := back.FindAllRecords(schema.Messages)
	if err != nil || len(records) != 3 {
		t.Fatalf("%d messages came back: %v", len(records), err)
	}
	for _, r := range records {
		_, want, _ := strings.Cut(r.GetString(schema.MsgText), "? ")
		if want == "before" {
			continue // from before the bucket: shohay files move brings it there
		}
		f, err := sys.GetReader(r.BaseFilesPath() + "/" + r.GetStringSlice(schema.MsgFiles)[0])
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		raw, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil || string(raw) != want {
			t.Errorf("%s: %q %v", want, raw, err)
		}
	}
}

// What is written anew under its name, at the same length, is copied again; what
// is being written is not copied at all.
func TestAFileThatIsWrittenAnewIsCopiedAgain(t *testing.T) {
	where := filepath.Join(t.TempDir(), "other disk")
	s := open(t, map[string]any{schema.PlaceFolder: where})
	s.mail("From: a@b.example\r\n\r\nHello")
	model := filepath.Join(s.DataDir(), "mail", "spam.model")
	write := func(name, words string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	is := func(words string) func() bool {
		return func() bool {
			raw, err := os.ReadFile(filepath.Join(where, "live", "files", "mail", "spam.model"))
			return err == nil && string(raw) == words
		}
	}
	write(filepath.Join(s.DataDir(), "mail", ".new-123"), "half")
	write(model, "one")
	s.good()
	hookstest.Until(t, "the copy", time.Minute, is("one"))
	write(model, "two")
	hookstest.Until(t, "the new copy", time.Minute, is("two"))
	s.Stop()
	if _, err := os.Stat(filepath.Join(where, "live", "files", "mail", ".new-123")); err == nil {
		t.Error("what was being written is there")
	}
}
