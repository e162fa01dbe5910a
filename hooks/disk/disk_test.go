package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type coded int

func (c coded) Error() string { return fmt.Sprintf("sqlite %d", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestIsFull(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		full bool
	}{
		{"nothing", nil, false},
		{"another", errors.New("no such table"), false},
		{"ours", fmt.Errorf("receive: %w", disk.ErrFull), true},
		{"of the system", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, true},
		{"of the system, another", &os.PathError{Op: "write", Path: "x", Err: syscall.EACCES}, false},
		{"of SQLite", fmt.Errorf("save: %w", coded(13)), true},
		{"of SQLite, the shared memory", coded(10 | 19<<8), true},
		{"of SQLite, a failed read", coded(10 | 1<<8), false},
		{"of SQLite, busy", coded(5), false},
		{"within an answer", router.NewInternalServerError("sorry", fmt.Errorf("save: %w", coded(13))), true},
		{"within an answer, another", router.NewInternalServerError("sorry", errors.New("x")), false},
	} {
		if got := disk.IsFull(c.err); got != c.full {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestFloors(t *testing.T) {
	big, small := disk.Space{Total: 100 << 30}, disk.Space{Total: 64 << 20}
	if big.Floor(0) != 200<<20 || big.MailFloor(0) != 500<<20 || small.Floor(0) != small.Total/10 || small.MailFloor(0) != small.Total/10 || small.Floor(3) != 3<<20 {
		t.Errorf("floors %d %d %d %d %d", big.Floor(0), big.MailFloor(0), small.Floor(0), small.MailFloor(0), small.Floor(3))
	}
}

func TestLookTellsOfThisDisk(t *testing.T) {
	s, err := disk.Look(t.TempDir())
	if err != nil || s.Total == 0 || s.Free > s.Total {
		t.Errorf("%+v, %v", s, err)
	}
}

// While there is too little room everybody is told so in their language,
// nothing is stored, and the same message goes in once there is room.
func TestNothingIsTakenInBelowTheFloor(t *testing.T) {
	var free atomic.Uint64
	free.Store(51 << 20)
	app := hookstest.New(t, func(d *hooks.Deps) {
		d.Space = func(string) (disk.Space, error) { return disk.Space{Free: free.Load(), Total: 100 << 30}, nil }
	})
	app.Shop(map[string]any{schema.ShopDiskFloor: 50})
	owner := app.Agent("asha", schema.RoleOwner)
	base := app.Serve()
	guest := &hookstest.Client{TB: t, Base: base}
	var start struct{ Token string }
	guest.Do(http.MethodPost, "/api/chat/start", map[string]any{}).JSON(t, &start)
	visitor := &hookstest.Client{TB: t, Base: base, Token: start.Token}
	say := func(id, lang string) hookstest.Answer {
		return visitor.Do(http.MethodPost, "/api/chat/messages?lang="+lang, map[string]any{"client_id": id, "text": "where is my parcel"})
	}
	if a := say("client-id-1", "en"); a.Status != http.StatusOK {
		t.Fatalf("with room: %d %s", a.Status, a.Body)
	}
	free.Store(49 << 20)
	time.Sleep(1100 * time.Millisecond)
	for lang, words := range map[string]string{"en": "no room", "bn": "জায়গা নেই"} {
		if a := say("client-id-2", lang); a.Status != http.StatusInsufficientStorage || !strings.Contains(string(a.Body), words) || a.Header.Get("Retry-After") == "" {
			t.Errorf("without room, %s: %d %s", lang, a.Status, a.Body)
		}
	}
	// An agent's answer and a file neither.
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(owner)}
	var conv string
	if err := app.DB().NewQuery(`SELECT id FROM conversations`).Row(&conv); err != nil {
		t.Fatal(err)
	}
	if a := desk.Do(http.MethodPost, "/api/desk/conversations/"+conv+"/reply", map[string]any{"text": "on its way", "kind": "reply"}); a.Status != http.StatusInsufficientStorage {
		t.Errorf("an answer: %d %s", a.Status, a.Body)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("files", "label.txt")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("hello"))
	w.WriteField("client_id", "client-id-3")
	w.Close()
	if a := visitor.Do(http.MethodPost, "/api/chat/messages", hookstest.Form{Body: &body, Type: w.FormDataContentType()}); a.Status != http.StatusInsufficientStorage {
		t.Errorf("a file: %d %s", a.Status, a.Body)
	}
	// What makes room goes on.
	if a := desk.Do(http.MethodPatch, "/api/collections/shop/records/shop00000000001", map[string]any{schema.ShopDiskFloor: 40}); a.Status != http.StatusOK {
		t.Errorf("the owner lowers the floor: %d %s", a.Status, a.Body)
	}
	if a := say("client-id-2", "en"); a.Status != http.StatusOK {
		t.Errorf("with room again: %d %s", a.Status, a.Body)
	}
	var n int
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE kind = 'incoming'`).Row(&n); err != nil || n != 2 {
		t.Errorf("%d messages are stored, want 2 (%v)", n, err)
	}
}

// A write that finds no room although the disk seemed to have some (SQLite's
// own limit of pages stands for it) is undone, told, and goes in later.
func TestAWriteThatFindsNoRoomIsUndoneAndTold(t *testing.T) {
	app := hookstest.New(t)
	base := app.Serve()
	guest := &hookstest.Client{TB: t, Base: base}
	var start struct{ Token string }
	guest.Do(http.MethodPost, "/api/chat/start", map[string]any{}).JSON(t, &start)
	visitor := &hookstest.Client{TB: t, Base: base, Token: start.Token}
	limit := func(pages string) {
		t.Helper()
		if _, err := app.NonconcurrentDB().NewQuery(`PRAGMA max_page_count = ` + pages).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // as many as there are
	text := strings.Repeat("where is my parcel? ", 400)
	refused := 0
	for i := range 200 {
		a := visitor.Do(http.MethodPost, "/api/chat/messages?lang=en", map[string]any{"client_id": fmt.Sprintf("client-id-%04d", i), "text": text})
		switch a.Status {
		case http.StatusOK:
			continue
		case http.StatusInsufficientStorage:
			refused++
		case http.StatusTooManyRequests:
			time.Sleep(200 * time.Millisecond)
			continue
		default:
			t.Fatalf("message %d: %d %s", i, a.Status, a.Body)
		}
		break
	}
	if refused == 0 {
		t.Fatal("the database never was full")
	}
	var before int
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM messages`).Row(&before); err != nil {
		t.Fatal(err)
	}
	limit("1000000")
	if a := visitor.Do(http.MethodPost, "/api/chat/messages?lang=en", map[string]any{"client_id": "client-id-last", "text": text}); a.Status != http.StatusOK {
		t.Fatalf("with room again: %d %s", a.Status, a.Body)
	}
	var after int
	var check string
	if err := app.DB().NewQuery(`SELECT COUNT(*) FROM messages`).Row(&after); err != nil || after != before+1 {
		t.Errorf("%d messages, then %d (%v)", before, after, err)
	}
	if err := app.DB().NewQuery(`PRAGMA integrity_check`).Row(&check); err != nil || check != "ok" {
		t.Errorf("integrity: %s, %v", check, err)
	}
}
