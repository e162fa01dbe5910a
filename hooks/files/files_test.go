package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/files"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/hookstest/bucket"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/spf13/cobra"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type shop struct {
	*hookstest.App
	t     *testing.T
	store *bucket.Server
	to    string
	links map[string]string // of attachments, with what they hold
}

func open(t *testing.T, n int) *shop {
	t.Helper()
	t.Setenv("SHOHAY_S3_ACCESS_KEY", bucket.AccessKey)
	t.Setenv("SHOHAY_S3_SECRET_KEY", bucket.SecretKey)
	s := &shop{App: hookstest.New(t), t: t, store: bucket.Serve(t), links: map[string]string{}}
	s.to = "s3://" + bucket.Name + "?region=auto&path_style=1&endpoint=" + s.store.URL
	for i := range n {
		s.send(fmt.Sprint("file ", i))
	}
	return s
}

// send takes in an attachment.
func (s *shop) send(content string) {
	s.t.Helper()
	got, err := conversation.Receive(s, conversation.Incoming{
		Channel: schema.ChannelChat, Account: "chat:v", Keys: []string{content}, ClientID: "c " + content, Visitor: "v", Text: "see",
		From:  []conversation.Identity{{Kind: schema.KindVisitor, Value: "v", Verified: true}},
		Files: []conversation.File{{Name: "note.txt", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	name := got.Message.GetStringSlice(schema.MsgFiles)[0]
	s.links[got.Message.Collection().Id+"/"+got.Message.Id+"/"+name] = content
}

func (s *shop) move(ctx context.Context, to string, deleteOld bool) (string, error) {
	var out bytes.Buffer
	err := files.Move(ctx, s, to, deleteOld, &out)
	return out.String(), err
}

// read looks that every attachment can be had with its type.
func (s *shop) read() {
	s.t.Helper()
	sys, err := s.NewFilesystem()
	if err != nil {
		s.t.Fatal(err)
	}
	defer sys.Close()
	for key, content := range s.links {
		r, err := sys.GetReader(key)
		if err != nil {
			s.t.Errorf("%s: %v", key, err)
			continue
		}
		raw, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || string(raw) != content {
			s.t.Errorf("%s holds %q, %v", key, raw, err)
		}
		about, err := sys.Attributes(key)
		if err != nil || !strings.HasPrefix(about.ContentType, "text/plain") || about.Metadata["original-filename"] != "note.txt" {
			s.t.Errorf("%s: %v %+v", key, err, about)
		}
	}
}

func (s *shop) onDisk() (n int) {
	s.t.Helper()
	for key := range s.links {
		if _, err := os.Stat(filepath.Join(s.DataDir(), "storage", filepath.FromSlash(key))); err == nil {
			n++
		}
	}
	return n
}

func TestAttachmentsGoToTheBucketAndComeBack(t *testing.T) {
	s := open(t, 8)
	s.store.Put("backups/other.zip", []byte("of somebody else"))
	out, err := s.move(t.Context(), s.to, false)
	if err != nil || !strings.Contains(out, "8 files") || !strings.Contains(out, "no backup and no replica") || !strings.Contains(out, "--delete-old") {
		t.Fatalf("%v\n%s", err, out)
	}
	if !s.Settings().S3.Enabled || len(s.store.Keys()) != 9 || s.onDisk() != 8 {
		t.Errorf("in the bucket %v, on the disk %d", s.store.Keys(), s.onDisk())
	}
	s.read()
	if out, err = s.move(t.Context(), s.to, false); err != nil || !strings.Contains(out, "Nothing was done") {
		t.Errorf("repeated: %v %s", err, out)
	}
	// Deleting later, what came to differ stays.
	s.send("new in the bucket")
	var odd string
	for key := range s.links {
		if s.links[key] == "file 3" {
			odd = key
		}
	}
	if err := os.WriteFile(filepath.Join(s.DataDir(), "storage", filepath.FromSlash(odd)), []byte("FILE 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err = s.move(t.Context(), "s3", true); err != nil || !strings.Contains(out, "7 old files") || !strings.Contains(out, "1 stay") || s.onDisk() != 1 {
		t.Errorf("%v %s, on the disk %d", err, out, s.onDisk())
	}
	s.read()

	out, err = s.move(t.Context(), "disk", true)
	if err != nil || !strings.Contains(out, "9 files") || s.Settings().S3.Enabled || s.onDisk() != 9 {
		t.Fatalf("%v\n%s on the disk %d", err, out, s.onDisk())
	}
	s.read()
	if keys := s.store.Keys(); len(keys) != 1 || keys[0] != "backups/other.zip" {
		t.Errorf("left in the bucket: %v", keys)
	}
	if out, err = s.move(t.Context(), "disk", true); err != nil || !strings.Contains(out, "0 old files") {
		t.Errorf("repeated: %v %s", err, out)
	}
}

// Interrupted at any request, nothing is switched, nothing lost, and the next
// try goes on.
func TestAMoveThatIsInterruptedGoesOn(t *testing.T) {
	s := open(t, 5)
	for after := int64(0); ; after++ {
		var n atomic.Int64
		s.store.Fail(func(*http.Request) int {
			if n.Add(1) > after {
				return http.StatusForbidden
			}
			return 0
		})
		out, err := s.move(t.Context(), s.to, true)
		s.store.Fail(nil)
		if err == nil {
			if !strings.Contains(out, "5 files") {
				t.Error(out)
			}
			break
		}
		if s.Settings().S3.Enabled || s.onDisk() != 5 {
			t.Fatalf("after %d requests: %v, on the disk %d", after, err, s.onDisk())
		}
		if after > 400 {
			t.Fatal("it never ends: ", err)
		}
	}
	if !s.Settings().S3.Enabled || s.onDisk() != 0 || len(s.store.Keys()) != 5 {
		t.Errorf("on the disk %d, in the bucket %v", s.onDisk(), s.store.Keys())
	}
	s.read()
}

// A storage that keeps other bytes than it was given is found out.
func TestAFileThatArrivesBrokenSwitchesNothing(t *testing.T) {
	s := open(t, 3)
	s.store.Garble(func(string, []byte) []byte { return []byte("file X") })
	out, err := s.move(t.Context(), s.to, true)
	if err == nil || !strings.Contains(err.Error(), "not the same") || s.Settings().S3.Enabled || s.onDisk() != 3 {
		t.Errorf("%v %s", err, out)
	}
	s.store.Garble(nil)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.move(ctx, s.to, false); err == nil || s.Settings().S3.Enabled {
		t.Errorf("told to stop: %v", err)
	}
}

func TestPlacesThatAreNone(t *testing.T) {
	s := open(t, 1)
	for _, to := range []string{"", "tape", "s3", "s3://", "s3://files", "s3://files/prefix?region=a&endpoint=http://x", "s3://files?region=auto&endpoint=nonsense nonsense"} {
		if out, err := s.move(t.Context(), to, false); err == nil {
			t.Errorf("%q is taken: %s", to, out)
		}
	}
	t.Setenv("SHOHAY_S3_SECRET_KEY", "")
	if _, err := s.move(t.Context(), s.to, false); err == nil || !strings.Contains(err.Error(), "SHOHAY_S3_SECRET_KEY") {
		t.Errorf("without keys: %v", err)
	}
	if out, err := s.move(t.Context(), "disk", true); err != nil || !strings.Contains(out, "never was") {
		t.Errorf("to where they are: %v %s", err, out)
	}
}

// The command wants the server stopped.
func TestTheServerHasToBeStopped(t *testing.T) {
	s := open(t, 2)
	run := func() (string, error) {
		root := &cobra.Command{SilenceUsage: true, SilenceErrors: true}
		root.AddCommand(files.Command(s, func() error { return s.Bootstrap() }))
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetArgs([]string{"files", "move", "--to", s.to})
		return out.String(), root.ExecuteContext(t.Context())
	}
	if _, err := run(); err == nil || err.Error() != files.ErrRunning.Error() {
		t.Errorf("beside a running server: %v", err)
	}
	if s.Settings().S3.Enabled {
		t.Error("it was switched all the same")
	}
	if err := s.ClearBootstrap(); err != nil {
		t.Fatal(err)
	}
	if _, err := run(); err != nil {
		t.Fatal(err)
	}
	if !s.Settings().S3.Enabled || len(s.store.Keys()) != 2 {
		t.Errorf("in the bucket: %v", s.store.Keys())
	}
}

// With attachments in a bucket a backup is whole as far as it says: the
// database and the keys, and a restored shop reads them from the bucket.
func TestABackupWithoutAttachments(t *testing.T) {
	s := open(t, 2)
	if _, err := s.move(t.Context(), s.to, true); err != nil {
		t.Fatal(err)
	}
	owner := &hookstest.Client{TB: t, Base: s.Serve(), Token: s.Token(s.Agent("mina", schema.RoleOwner))}
	var list struct {
		Places []struct{ ID, Where string }
		Bucket string
	}
	owner.Must(200, "GET", "/api/desk/backups", nil).JSON(t, &list)
	if list.Bucket != bucket.Name {
		t.Errorf("the desk says they are in %q", list.Bucket)
	}
	owner.Do("POST", "/api/desk/backups/"+list.Places[0].ID+"/now", nil)
	var made []string
	hookstest.Until(t, "the backup", 0, func() bool {
		made, _ = filepath.Glob(filepath.Join(list.Places[0].Where, "shohay-*.zip"))
		return len(made) == 1
	})
	z, err := zip.OpenReader(made[0])
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "storage/") {
			t.Errorf("the backup holds %s, which lies in the bucket", f.Name)
		}
	}
	s.read()
}
