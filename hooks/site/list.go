package site

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"
)

// Shell lists the files under folders of pb_public as addresses, with one
// version for all of them that changes when any does. Files of the disk count
// where they stand in for one of ours.
func (s *Site) Shell(folders ...string) (files []string, version string, err error) {
	sum := sha256.New()
	for _, folder := range folders {
		err := fs.WalkDir(s.Embedded, folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !servable(name) {
				return err
			}
			files = append(files, name)
			return nil
		})
		if err != nil {
			return nil, "", err
		}
	}
	slices.Sort(files)
	for _, name := range files {
		f, err := s.find(name)
		if err != nil {
			return nil, "", err
		}
		sum.Write([]byte(name + "\x00" + f.etag + "\x00"))
	}
	// A page is asked for by the address of its folder.
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, ".html") })
	for i, name := range files {
		files[i] = "/" + name
	}
	return files, hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// Fill is the shop's colour as it was chosen and what can be read on it, as
// #rrggbb.
func Fill(colour string) (ground, ink string) {
	a := accentOf(colour)
	return a.fill.String(), a.fillInk.String()
}
