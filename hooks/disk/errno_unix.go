//go:build !windows

package disk

import "syscall"

func noRoom(errno syscall.Errno) bool { return errno == syscall.ENOSPC || errno == syscall.EDQUOT }
