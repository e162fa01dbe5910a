//go:build unix

package hooks

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// becomeOwner makes a command that root runs go on as the user whose the data
// folder is. What root leaves in it the service could neither change nor, a
// backup for instance, put other files beside.
func becomeOwner(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil // there is none yet, or it is said when it is opened
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	groups := []int{int(owner.Gid)}
	if u, err := user.LookupId(strconv.Itoa(int(owner.Uid))); err == nil {
		if ids, err := u.GroupIds(); err == nil {
			for _, id := range ids {
				if n, err := strconv.Atoi(id); err == nil {
					groups = append(groups, n)
				}
			}
		}
	}
	for _, step := range []error{syscall.Setgroups(groups), syscall.Setgid(int(owner.Gid)), syscall.Setuid(int(owner.Uid))} {
		if step != nil {
			return fmt.Errorf("go on as the user whose %s is: %w", dir, step)
		}
	}
	return nil
}
