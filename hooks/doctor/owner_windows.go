package doctor

import "os"

func owner(os.FileInfo) uint32 { return 0 }

// writable: Windows only tells by trying, and nothing is made in the folder.
func writable(string) error { return nil }
