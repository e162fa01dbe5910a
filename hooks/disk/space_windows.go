package disk

import "golang.org/x/sys/windows"

// Look tells how much room there is on the volume of dir for this user.
func Look(dir string) (s Space, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return s, err
	}
	var all uint64
	err = windows.GetDiskFreeSpaceEx(name, &s.Free, &s.Total, &all)
	return s, err
}
