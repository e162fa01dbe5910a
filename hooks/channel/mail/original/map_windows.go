package original

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

func mapFile(f *os.File, size int64) (*Mail, error) {
	h, err := syscall.CreateFileMapping(syscall.Handle(f.Fd()), nil, syscall.PAGE_READONLY, 0, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("map the mail: %w", err)
	}
	at, err := syscall.MapViewOfFile(h, syscall.FILE_MAP_READ, 0, 0, uintptr(size))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("map the mail: %w", err), syscall.CloseHandle(h))
	}
	// The address is not of Go's heap, so it does not move.
	raw := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), size)
	return &Mail{Bytes: raw, unmap: func() error { return errors.Join(syscall.UnmapViewOfFile(at), syscall.CloseHandle(h)) }}, nil
}
