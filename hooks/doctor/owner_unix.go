//go:build !windows

package doctor

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// owner is the user whose a file is.
func owner(info os.FileInfo) uint32 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Uid
	}
	return 0
}

// writable is nil where whoever runs this may make files in the folder.
func writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
