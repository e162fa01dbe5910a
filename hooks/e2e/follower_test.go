package e2e

import (
	"flag"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
)

var followerKills = flag.Int("followerkills", 2, "how often TestAKilledFollowerTakesOverWhole kills the one that follows")

// TestAKilledFollowerTakesOverWhole kills the machine that follows at a random
// instant, then the one that serves, both under load, and every other time also
// the take-over. The second machine then has to hold all that the replica does.
func TestAKilledFollowerTakesOverWhole(t *testing.T) {
	for round := range *followerKills {
		w := inFolder(t)
		s := prepare(t, 0, nil)
		s.replicate(t, w.change)
		dir := filepath.Join(t.TempDir(), "standby")
		lived := make(chan time.Duration)
		go func() {
			for { // the replica has to be there to be followed
				if found, _ := filepath.Glob(filepath.Join(w.from, "live", "g*", "db", "0000", "*")); len(found) > 0 {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			follow := exec.Command(built(t), "standby", "--from", w.from, "--dir", dir)
			if err := follow.Start(); err != nil {
				t.Error(err)
				lived <- 0
				return
			}
			d := 200*time.Millisecond + rand.N(6*time.Second)
			time.Sleep(d)
			_ = follow.Process.Kill() // it may have ended
			_ = follow.Wait()
			lived <- d
		}()
		said, _, p := vanish(t, s, round)
		after := <-lived
		there := found(t, w.restore(t, p.exe))
		if len(there) == 0 {
			t.Fatal("the replica holds nothing")
		}
		second := newProgram(t, dir)
		second.verb, second.more = "takeover", []string{"--from", w.from}
		if round%2 == 1 {
			second.start()
			time.Sleep(rand.N(3 * time.Second))
			second.kill()
		}
		second.start()
		second.await()
		if begin(second.Base) == "" {
			t.Error("the second machine takes no visitor in")
		}
		second.stop()
		missing, files := 0, 0
		at := found(t, dir)
		for text, file := range there {
			if got, ok := at[text]; !ok {
				missing++
			} else if file != "" && got == "" {
				files++
			}
		}
		t.Logf("round %d: %d acknowledged, %d in the replica; killed after %.1f s; at the second machine %d are missing, of others %d files", round, len(said), len(there), after.Seconds(), missing, files)
		if missing+files > 0 {
			t.Errorf("round %d: the second machine lacks %d messages and %d files of the replica", round, missing, files)
		}
		var whole string
		app := hookstest.Open(t, dir)
		if err := app.DB().NewQuery(`PRAGMA integrity_check`).Row(&whole); err != nil || whole != "ok" {
			t.Errorf("round %d: %s %v", round, whole, err)
		}
		app.Stop()
	}
}
