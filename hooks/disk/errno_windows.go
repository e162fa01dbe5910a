package disk

import "syscall"

// ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED.
func noRoom(errno syscall.Errno) bool { return errno == 112 || errno == 39 || errno == 1295 }
