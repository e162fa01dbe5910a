package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"aead.dev/minisign"
)

// target is a platform that is published.
type target struct {
	os, arch, arm string
	deb           string // Debian's name of the architecture, "" for no package
}

var targets = []target{
	{os: "linux", arch: "amd64", deb: "amd64"},
	{os: "linux", arch: "arm64", deb: "arm64"},
	{os: "linux", arch: "arm", arm: "7", deb: "armhf"},
	{os: "windows", arch: "amd64"},
	{os: "darwin", arch: "amd64"},
	{os: "darwin", arch: "arm64"},
}

func (t target) name(version string) string {
	name := "shohay-" + version + "-" + t.os + "-" + t.arch
	if t.arm != "" {
		name += "v" + t.arm
	}
	if t.os == "windows" {
		name += ".exe"
	}
	return name
}

func main() {
	var r release
	only := flag.String("only", "", "build this platform only, such as linux/amd64")
	flag.StringVar(&r.version, "version", "", "version to write into the executables (default: from git)")
	flag.StringVar(&r.out, "out", "dist", "folder for what is built")
	flag.StringVar(&r.key, "key", "", "file with minisign's secret key that signs; without one nothing is signed")
	flag.StringVar(&r.public, "public", "", "public key that executables check upgrades with (default: the one of --key)")
	flag.Parse()
	if err := r.run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

type release struct {
	version, out, key, public string

	at      time.Time // of the commit
	private *minisign.PrivateKey
	made    []string // names in out
}

func (r *release) run(only string) error {
	if err := r.prepare(); err != nil {
		return err
	}
	built := false
	for _, t := range targets {
		if only != "" && only != t.os+"/"+t.arch {
			continue
		}
		built = true
		if err := r.build(t); err != nil {
			return fmt.Errorf("build for %s/%s: %w", t.os, t.arch, err)
		}
	}
	if !built {
		return fmt.Errorf("%q is not published", only)
	}
	if err := r.write("shohay-"+r.version+"-windows-setup.iss", 0o644, []byte(setupScript(r.version, targets[3].name(r.version)))); err != nil {
		return err
	}
	if err := r.sums(); err != nil {
		return err
	}
	return r.signAll()
}

// prepare finds out what is built.
func (r *release) prepare() error {
	if r.version == "" {
		said, err := git("describe", "--tags", "--always", "--dirty")
		if err != nil {
			return err
		}
		r.version = said
	}
	said, err := git("log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return fmt.Errorf("the time of the commit: %w", err)
	}
	r.at = time.Unix(seconds, 0).UTC()
	if r.key != "" {
		key, err := minisign.PrivateKeyFromFile(os.Getenv("SHOHAY_RELEASE_PASSWORD"), r.key)
		if err != nil {
			return fmt.Errorf("read the key %s (its password is taken from SHOHAY_RELEASE_PASSWORD): %w", r.key, err)
		}
		r.private = &key
		if r.public == "" {
			r.public = key.Public().(minisign.PublicKey).String()
		}
	}
	return os.MkdirAll(r.out, 0o755)
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// build makes the executable of a platform, its SBOM and its package.
func (r *release) build(t target) error {
	name := t.name(r.version)
	file := filepath.Join(r.out, name)
	flags := "-s -w -buildid= -X main.version=" + r.version
	if r.public != "" {
		flags += " -X main.releaseKey=" + r.public
	}
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", file, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch, "GOARM="+t.arm, "GOFLAGS=", "GOAMD64=v1")
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	r.made = append(r.made, name)
	bill, err := billOf(file, r.version)
	if err != nil {
		return err
	}
	if err := r.write(name+".cdx.json", 0o644, bill); err != nil {
		return err
	}
	if t.deb == "" {
		return nil
	}
	exe, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pack, err := debian(exe, r.version, t.deb, r.at)
	if err != nil {
		return err
	}
	return r.write("shohay_"+debVersion(r.version)+"_"+t.deb+".deb", 0o644, pack)
}

func (r *release) write(name string, mode os.FileMode, data []byte) error {
	r.made = append(r.made, name)
	return os.WriteFile(filepath.Join(r.out, name), data, mode)
}

// sums writes SHA256SUMS, which "sha256sum --check" reads.
func (r *release) sums() error {
	slices.Sort(r.made)
	var b strings.Builder
	for _, name := range r.made {
		f, err := os.Open(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, f); err != nil {
			return errors.Join(err, f.Close())
		}
		if err := f.Close(); err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	}
	return r.write("SHA256SUMS", 0o644, []byte(b.String()))
}

// signAll signs the sums and each executable, so that "upgrade" needs no more
// than its file and the signature.
func (r *release) signAll() error {
	if r.private == nil {
		return nil
	}
	for _, name := range slices.Clone(r.made) {
		if name != "SHA256SUMS" && !slices.ContainsFunc(targets, func(t target) bool { return t.name(r.version) == name }) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		h := minisign.NewReader(strings.NewReader(string(data)))
		if _, err := io.Copy(io.Discard, h); err != nil {
			return err
		}
		sign := h.SignWithComments(*r.private, "shohay "+r.version+" "+name, "signature of "+name)
		if err := r.write(name+".minisig", 0o644, sign); err != nil {
			return err
		}
	}
	return nil
}
