package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

var backupMB = flag.Int("backup", 1024, "how large the shop of BenchmarkBackup is, in MB")

// BenchmarkBackup writes an encrypted backup of a shop of 1 GB to a folder,
// reads it back and checks it as it always does, and restores it into a new
// folder: times, and the most memory that each of the two processes took. A
// seventh of the shop is database, the rest attachments of 100 KB to 4 MB that
// cannot be compressed, as pictures cannot. The disk is the machine's.
func BenchmarkBackup(b *testing.B) {
	s := prepare(b, 2, nil)
	fill(b, s.dir, 25_000, *backupMB*250, s.agentIDs())
	const secret = "a long passphrase for the bench"
	to := filepath.Join(b.TempDir(), "other disk")
	app := hookstest.Open(b, s.dir)
	place, err := app.FindRecordById(schema.BackupPlaces, "shohay_place001")
	if err != nil {
		b.Fatal(err)
	}
	place.Load(map[string]any{schema.PlaceFolder: to, schema.PlacePassphrase: secret})
	if err := app.Save(place); err != nil {
		b.Fatal(err)
	}
	messages, err := app.FindCollectionByNameOrId(schema.Messages)
	if err != nil {
		b.Fatal(err)
	}
	app.Stop()
	files := 0
	r := rand.New(rand.NewPCG(5, 6))
	noise := rand.NewChaCha8([32]byte{7})
	for ; weight(s.dir) < float64(*backupMB); files += 50 {
		for i := range 50 {
			raw := make([]byte, 100<<10+r.IntN(4<<20-100<<10))
			_, _ = noise.Read(raw) // never fails
			name := filepath.Join(s.dir, "storage", messages.Id, fmt.Sprintf("m%014d", files+i+1), "photo.jpg")
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, raw, 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	size, database := weight(s.dir), sizeOf(s.dir, "data.db")
	b.Logf("%.0f MB, of which %.0f MB are database, %d files", size, database, files)

	run := func(args ...string) (out string, took time.Duration, peak float64) {
		b.Helper()
		cmd := exec.Command(built(b), args...)
		cmd.Env = append(os.Environ(), "SHOHAY_PASSPHRASE="+secret)
		begun := time.Now()
		raw, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %v: %s", args, err, raw)
		}
		took = time.Since(begun)
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = float64(usage.Maxrss) / 1024 // kilobytes on Linux
		}
		return string(raw), took, peak
	}
	b.ResetTimer()
	for range b.N {
		said, took, peak := run("backup", "now", "--dir", s.dir)
		at := strings.Index(said, to)
		if at < 0 {
			b.Fatalf("backup says %s", said)
		}
		name, _, _ := strings.Cut(said[at:], ".age")
		info, err := os.Stat(name + ".age")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(size, "shop-MB")
		b.ReportMetric(took.Seconds(), "backup-s")
		b.ReportMetric(peak, "backup-peak-MB")
		b.ReportMetric(float64(info.Size())/(1<<20), "file-MB")
		dir := filepath.Join(b.TempDir(), "new")
		_, took, peak = run("restore", name+".age", "--dir", dir)
		b.ReportMetric(took.Seconds(), "restore-s")
		b.ReportMetric(peak, "restore-peak-MB")
		hookstest.Same(b, s.dir, dir, schema.BackupPlaces)
	}
	b.ReportMetric(0, "ns/op")
}
