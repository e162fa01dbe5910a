package newer

import "time"

// Due is whether it would ask now.
func (room *Room) Due() bool { return room.due(time.Now()) }
