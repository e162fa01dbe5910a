package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
)

// copyTree copies the source into a folder, as another machine would have it.
func copyTree(t *testing.T, root, to string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		top := strings.Split(filepath.ToSlash(rel), "/")[0]
		if d.IsDir() {
			if top == ".git" || top == "dist" || top == "pb_data" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if top == ".git" || !d.Type().IsRegular() {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The same source in two folders, at two times of the day in two time zones,
// gives the same bytes: executable, list of modules, package, sums and signatures.
func TestTheSameSourceGivesTheSameBytes(t *testing.T) {
	here := target{os: runtime.GOOS, arch: runtime.GOARCH, deb: "amd64"}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var made []map[string][]byte
	for _, place := range []struct{ folder, zone string }{{"a", "UTC"}, {filepath.Join("deeper", "and", "elsewhere"), "Asia/Dhaka"}} {
		tree := filepath.Join(t.TempDir(), place.folder)
		copyTree(t, root, tree)
		t.Chdir(tree)
		t.Setenv("TZ", place.zone)
		r := release{version: "v1.2.3", out: filepath.Join(tree, "..", "out"), at: time.Unix(1764000000, 0).UTC(), private: &key}
		if err := os.MkdirAll(r.out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := r.build(here); err != nil {
			t.Fatal(err)
		}
		if err := r.sums(); err != nil {
			t.Fatal(err)
		}
		if err := r.signAll(); err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, name := range r.made {
			raw, err := os.ReadFile(filepath.Join(r.out, name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(tree)) {
				t.Errorf("%s names the folder it was built in", name)
			}
			files[name] = raw
		}
		made = append(made, files)
	}
	var names []string
	for name := range made[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) != 6 || len(made[1]) != len(names) {
		t.Errorf("made: %v", names)
	}
	for _, name := range names {
		if !bytes.Equal(made[0][name], made[1][name]) {
			t.Errorf("%s has other bytes the second time", name)
		}
		t.Logf("%s: %d bytes", name, len(made[0][name]))
	}
}
