package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	database  = "data.db"
	keyLength = 32
)

// folder looks at the data folder and whose its files are, and tells whether
// there is more to look at.
func (d *Doctor) folder() bool {
	info, err := os.Stat(d.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.line(schema.CheckBad, "folder", "folder_missing", nil)
		return false
	case err != nil:
		d.line(schema.CheckBad, "folder", "folder_closed", i18n.V{"said": d.because(err)})
		return false
	case !info.IsDir():
		d.line(schema.CheckBad, "folder", "folder_file", nil)
		return false
	}
	_, err = os.Stat(filepath.Join(d.Dir, database))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.line(schema.CheckBad, "folder", "folder_empty", nil)
		return false
	case err != nil:
		d.line(schema.CheckBad, "folder", "folder_closed", i18n.V{"said": d.because(err)})
		return false
	}
	if err := writable(d.Dir); err != nil {
		d.line(schema.CheckBad, "folder", "folder_unwritable", i18n.V{"said": d.because(err)})
	} else {
		d.line(schema.CheckOK, "folder", "folder_ok", nil)
	}
	d.files(info)
	return true
}

// files looks at owner and mode of the database and the key file. A file that
// is another's than the folder is what a command run as root leaves behind.
func (d *Doctor) files(folder os.FileInfo) {
	if runtime.GOOS == "windows" {
		return // what is whose is inherited from the folder there
	}
	for _, name := range []string{database, database + "-wal", database + "-shm", "auxiliary.db", "auxiliary.db-wal", "auxiliary.db-shm", settings.KeyFile} {
		info, err := os.Stat(filepath.Join(d.Dir, name))
		if err != nil {
			continue // not there: the key file is looked at apart
		}
		v := i18n.V{"file": name}
		if owner(info) != owner(folder) {
			d.line(schema.CheckBad, "files", "files_owner", v)
			return
		}
		if name != settings.KeyFile && reach(folder.Mode().Perm(), info.Mode().Perm()) {
			d.line(schema.CheckWarn, "files", "files_open", v)
			return
		}
	}
	d.line(schema.CheckOK, "files", "files_ok", nil)
}

// reach tells whether others than the owner can read a file in a folder.
func reach(folder, file os.FileMode) bool {
	return folder&0o010 != 0 && file&0o040 != 0 || folder&0o001 != 0 && file&0o004 != 0
}

// key looks at the file that secrets are sealed with.
func (d *Doctor) key() {
	info, err := os.Stat(filepath.Join(d.Dir, settings.KeyFile))
	v := i18n.V{"file": settings.KeyFile}
	switch {
	case err != nil:
		d.line(schema.CheckBad, "key", "key_missing", v)
	case info.Size() != keyLength:
		d.line(schema.CheckBad, "key", "key_damaged", v)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		d.line(schema.CheckBad, "key", "key_open", v)
	default:
		d.line(schema.CheckOK, "key", "key_ok", v)
	}
}
