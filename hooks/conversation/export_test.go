package conversation

import "time"

// Idle makes as if an agent had not touched a desk for an hour.
func (room *Room) Idle(agent string) {
	room.touches.mu.Lock()
	room.touches.at[agent] = time.Now().Add(-time.Hour)
	room.touches.mu.Unlock()
	room.tellState(agent)
}
