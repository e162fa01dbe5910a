package conversation

import "time"

// Idle makes as if an agent had not touched a desk for an hour.
func (room *Room) Idle(agent string) {
	room.touches.mu.Lock()
	room.touches.at[agent] = time.Now().Add(-time.Hour)
	room.touches.mu.Unlock()
	room.tellState(agent)
}

// WalkShort makes lists be walked in stretches of so many rows, one a page,
// until the function it returns is called.
func WalkShort(rows int) (restore func()) {
	was, first, least := walkTime, walkFirst, walkLeast
	walkTime, walkFirst, walkLeast = 0, rows, rows
	return func() { walkTime, walkFirst, walkLeast = was, first, least }
}
