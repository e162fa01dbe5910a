//go:build unix

package original

import (
	"fmt"
	"os"
	"syscall"
)

func mapFile(f *os.File, size int64) (*Mail, error) {
	raw, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the mail: %w", err)
	}
	return &Mail{Bytes: raw, unmap: func() error { return syscall.Munmap(raw) }}, nil
}
