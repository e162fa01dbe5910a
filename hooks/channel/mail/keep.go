package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/pocketbase/pocketbase/core"
)

// Folders in the data folder.
const (
	keptDir  = "mail"
	spoolDir = "mail/out"
)

var shaForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// KeptFile is the path of a kept original, named by the SHA-256 of its bytes:
// <data folder>/mail/<first two digits>/<sha>.eml.
func KeptFile(app core.App, sha string) (string, error) {
	if !shaForm.MatchString(sha) {
		return "", fs.ErrNotExist
	}
	return filepath.Join(app.DataDir(), keptDir, sha[:2], sha+".eml"), nil
}

// keep stores a mail as it came, so that it is there whatever happens next:
// when keep returns, the bytes are on the disk.
func keep(app core.App, raw []byte) (sha string, err error) {
	sum := sha256.Sum256(raw)
	sha = hex.EncodeToString(sum[:])
	name, err := KeptFile(app, sha)
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(name); err == nil && st.Size() == int64(len(raw)) {
		return sha, nil
	}
	if err := writeSynced(name, raw); err != nil {
		return "", fmt.Errorf("keep the mail: %w", err)
	}
	return sha, nil
}

// kept reads a kept mail.
func kept(app core.App, sha string) ([]byte, error) {
	name, err := KeptFile(app, sha)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// writeSynced makes a file appear whole or not at all, and for good.
func writeSynced(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
