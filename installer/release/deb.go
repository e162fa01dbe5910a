package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"path"
	"strings"
	"time"
)

// debVersion is a version as Debian writes it: it begins with a digit.
func debVersion(version string) string {
	v := strings.TrimPrefix(version, "v")
	if v == "" || v[0] < '0' || v[0] > '9' {
		v = "0~" + v
	}
	return strings.ReplaceAll(v, "-", "+")
}

const afterInstall = `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
	/usr/bin/shohay install || true
	/usr/bin/shohay restart || true
fi
`

const beforeRemove = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	/usr/bin/shohay uninstall || true
fi
`

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Shohay

Files: *
Copyright: the authors of Shohay
License: MIT
`

// debian is a .deb: an ar archive of two tar archives (deb(5)). The data of the
// shop stays when the package goes.
func debian(exe []byte, version, arch string, at time.Time) ([]byte, error) {
	data, err := tarball(at, []entry{
		{"usr/bin/shohay", 0o755, exe},
		{"usr/share/doc/shohay/copyright", 0o644, []byte(copyright)},
	})
	if err != nil {
		return nil, err
	}
	control := fmt.Sprintf(`Package: shohay
Version: %s
Architecture: %s
Maintainer: the authors of Shohay <noreply@shohay.invalid>
Installed-Size: %d
Section: net
Priority: optional
Recommends: ca-certificates
Description: customer service for a small shop in one executable
 Live chat, e-mail tickets, a customer portal and a desk for the staff, in
 Bangla and English. Installing it makes it a service of its own user; the data
 lies in /var/lib/shohay and stays when the package is removed.
`, debVersion(version), arch, len(exe)>>10)
	about, err := tarball(at, []entry{
		{"control", 0o644, []byte(control)},
		{"postinst", 0o755, []byte(afterInstall)},
		{"prerm", 0o755, []byte(beforeRemove)},
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for _, m := range []entry{{"debian-binary", 0o644, []byte("2.0\n")}, {"control.tar.gz", 0o644, about}, {"data.tar.gz", 0o644, data}} {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", m.name, at.Unix(), 0, 0, 0o100000|m.mode, len(m.data))
		b.Write(m.data)
		if len(m.data)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

type entry struct {
	name string
	mode int64
	data []byte
}

// tarball has every folder before what lies in it.
func tarball(at time.Time, entries []entry) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b) // without a time of its own
	t := tar.NewWriter(z)
	seen := map[string]bool{}
	add := func(h *tar.Header, data []byte) error {
		h.ModTime, h.Uname, h.Gname, h.Format = at, "root", "root", tar.FormatGNU
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := t.Write(data)
		return err
	}
	for _, e := range entries {
		var folders []string
		for d := path.Dir(e.name); d != "." && !seen[d]; d = path.Dir(d) {
			folders, seen[d] = append(folders, d), true
		}
		for i := len(folders) - 1; i >= 0; i-- {
			if err := add(&tar.Header{Typeflag: tar.TypeDir, Name: "./" + folders[i] + "/", Mode: 0o755}, nil); err != nil {
				return nil, err
			}
		}
		if err := add(&tar.Header{Typeflag: tar.TypeReg, Name: "./" + e.name, Mode: e.mode, Size: int64(len(e.data))}, e.data); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
