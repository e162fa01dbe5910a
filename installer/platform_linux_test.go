package installer

import "testing"

func TestStatesAreThoseOfSystemd(t *testing.T) {
	for said, want := range map[string]state{
		"LoadState=not-found\nActiveState=inactive\nSubState=dead\n":          absent,
		"LoadState=loaded\nActiveState=inactive\nSubState=dead\n":             stopped,
		"LoadState=loaded\nActiveState=failed\nSubState=failed\n":             failed,
		"LoadState=loaded\nActiveState=activating\nSubState=start\n":          starting,
		"LoadState=loaded\nActiveState=active\nSubState=running\n":            running,
		"LoadState=loaded\nActiveState=deactivating\nSubState=stop-sigterm\n": stopping,
		"LoadState=loaded\nActiveState=activating\nSubState=auto-restart\n":   trying,
	} {
		if got, ok := unitState(said); !ok || got != want {
			t.Errorf("%q is %d, %t", said, got, ok)
		}
	}
	if _, ok := unitState("System has not been booted with systemd"); ok {
		t.Error("what systemd does not say is believed")
	}
}
