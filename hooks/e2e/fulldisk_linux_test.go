package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

const smallMB = 64

// smallDisk moves a data folder to a file system of its own that is soon full.
// Where mounting is refused it says so, and the folder stays where it is.
func smallDisk(t *testing.T, s *staff) (mounted bool) {
	t.Helper()
	at := t.TempDir()
	if err := syscall.Mount("tmpfs", at, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, fmt.Sprintf("size=%dm", smallMB)); err != nil {
		t.Logf("this machine lets nobody mount (%v): the floor stands for the full disk", err)
		return false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
			t.Error("unmount: ", err)
		}
	})
	dir := filepath.Join(at, "data")
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	return true
}

// crowd writes a file until so many bytes are free; with 0 until nothing is.
func crowd(t *testing.T, file string, leave uint64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 16<<10)
	for {
		s, err := disk.Look(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		if leave > 0 && s.Free <= leave {
			return
		}
		if _, err := f.Write(block); err != nil {
			if errors.Is(err, syscall.ENOSPC) && leave == 0 {
				return
			}
			t.Fatal(err)
		}
	}
}

// The disk fills under load: what is refused is refused in words and never
// with another error, mail stays on its server, and once there is room
// everything goes in, each message once.
func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	s := prepare(t, 1, nil)
	imap, smtp := mailtest.NewIMAP(t), mailtest.NewSMTP(t)
	s.mailbox(t, imap, smtp)
	mounted := smallDisk(t, s)
	p := serve(t, s.dir)
	boss := p.client(s.admin)
	floor := func(mb int) {
		t.Helper()
		if a := boss.Do(http.MethodPatch, "/api/collections/shop/records/shop00000000001", map[string]any{schema.ShopDiskFloor: mb}); a.Status != http.StatusOK {
			t.Fatalf("set the floor: %d %s", a.Status, a.Body)
		}
	}
	filler := filepath.Join(filepath.Dir(s.dir), "filler")
	if mounted {
		crowd(t, filler, 10<<20) // the floor of a small disk is a tenth
	}

	const writers, each = 6, 40
	text := strings.Repeat("where is my parcel? ", 400)
	var accepted, refused, other atomic.Int64
	var room sync.WaitGroup
	var stop atomic.Bool
	defer stop.Store(true)
	var said sync.Map // client id -> whether it was accepted
	for w := range writers {
		room.Go(func() {
			guest := p.client("")
			var start struct {
				Token string `json:"token"`
			}
			guest.Do(http.MethodPost, "/api/chat/start", map[string]any{}).JSON(t, &start)
			for i := 0; i < each && !stop.Load(); {
				id := fmt.Sprintf("full-%02d-%04d", w, i)
				req, err := http.NewRequest(http.MethodPost, p.Base+"/api/chat/messages?lang=en", strings.NewReader(fmt.Sprintf(`{"client_id":%q,"text":%q}`, id, id+" "+text)))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+start.Token)
				req.Header.Set("Content-Type", "application/json")
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error("the program does not answer: ", err)
					return
				}
				body, _ := io.ReadAll(res.Body)
				res.Body.Close()
				switch res.StatusCode {
				case http.StatusOK:
					accepted.Add(1)
					said.Store(id, true)
					i++
				case http.StatusInsufficientStorage:
					refused.Add(1)
					if !strings.Contains(string(body), "no room") || res.Header.Get("Retry-After") == "" {
						t.Errorf("refused without words: %s", body)
					}
					time.Sleep(50 * time.Millisecond)
				case http.StatusTooManyRequests:
					time.Sleep(200 * time.Millisecond)
				default:
					if other.Add(1) < 5 {
						t.Errorf("%s was answered %d: %s", id, res.StatusCode, body)
					}
					time.Sleep(50 * time.Millisecond)
				}
			}
		})
	}
	hookstest.Until(t, "some accepted messages", time.Minute, func() bool { return accepted.Load() > 10 })
	if !mounted {
		floor(1_000_000)
	}
	hookstest.Until(t, "a full disk", 2*time.Minute, func() bool { return refused.Load() > 20 })
	before := accepted.Load()
	t.Logf("full after %d messages of 8 KB, mounted: %t", before, mounted)

	// The floor goes, and another program takes the rest under our feet: now
	// SQLite itself finds no room.
	for i := range 3 {
		imap.Put(fmt.Sprintf("From: nusrat@example.com\r\nTo: help@shop.test\r\nSubject: full %d\r\nMessage-ID: <full-%d@example.com>\r\nDate: %s\r\n\r\nIs there room?\r\n", i, i, time.Now().Format(time.RFC1123Z)))
	}
	if mounted {
		floor(1)
		at := refused.Load()
		crowd(t, filler, 0)
		hookstest.Until(t, "refusals with nothing left", time.Minute, func() bool { return refused.Load() > at+30 })
		if sp, err := disk.Look(s.dir); err != nil || sp.Free > 1<<20 {
			t.Errorf("%d bytes are free (%v)", sp.Free, err)
		}
	}
	var health struct {
		Data struct {
			Checks []struct{ Name, State string } `json:"checks"`
		} `json:"data"`
	}
	hookstest.Until(t, "the health to say that the disk is full", time.Minute, func() bool {
		if mounted {
			crowd(t, filler, 0) // the database may have given some of it back meanwhile
		}
		boss.Do(http.MethodGet, "/api/health?details=1&now=1", nil).JSON(t, &health)
		return len(health.Data.Checks) > 0 && health.Data.Checks[0].Name == "disk" && health.Data.Checks[0].State == schema.CheckBad
	})

	// Room is made; nothing else is done.
	if mounted {
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	} else {
		floor(1)
	}
	room.Wait()
	if other.Load() > 0 || refused.Load() == 0 || accepted.Load() != writers*each {
		t.Errorf("%d accepted, %d refused in words, %d in other ways", accepted.Load(), refused.Load(), other.Load())
	}
	count := func(query string) (n int) {
		t.Helper()
		db, err := openReadOnly(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.NewQuery(query).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const mails = `SELECT COUNT(*) FROM messages WHERE channel_id LIKE 'full-_@example.com'`
	p.stop()
	p.start()
	p.await()
	hookstest.Until(t, "the mails that waited", 2*time.Minute, func() bool { return count(mails) == 3 })
	p.stop()

	app := hookstest.Open(t, s.dir)
	defer app.Stop()
	var check string
	if err := app.DB().NewQuery(`PRAGMA integrity_check`).Row(&check); err != nil || check != "ok" {
		t.Errorf("integrity: %s, %v", check, err)
	}
	var stored []string
	if err := app.DB().NewQuery(`SELECT SUBSTR(text, 1, 12) FROM messages WHERE channel = 'chat' AND kind = 'incoming'`).Column(&stored); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, id := range stored {
		times[id]++
	}
	said.Range(func(id, _ any) bool {
		if times[id.(string)] != 1 {
			t.Errorf("%s is stored %d times", id, times[id.(string)])
		}
		return true
	})
	if len(stored) != writers*each {
		t.Errorf("%d messages are stored, %d were accepted", len(stored), accepted.Load())
	}
	if n := count(mails); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
	if n := count(`SELECT COUNT(*) FROM quarantine`); n != 0 {
		t.Errorf("%d mails were put aside for the disk's sake", n)
	}
	t.Logf("%d accepted, %d refusals, all in words", accepted.Load(), refused.Load())
}

// openReadOnly looks into the database of a program that may be running.
func openReadOnly(dir string) (*dbx.DB, error) {
	return dbx.Open("sqlite", "file:"+filepath.Join(dir, "data.db")+"?mode=ro&_pragma=busy_timeout(10000)")
}
