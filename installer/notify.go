package installer

import (
	"fmt"
	"net"
	"os"
)

// What a service says of itself (sd_notify(3)).
const (
	notifyReady    = "READY=1"
	notifyStopping = "STOPPING=1"
)

// notify tells systemd how the service is; other managers do not ask.
func notify(words string) error {
	at := os.Getenv("NOTIFY_SOCKET")
	if at == "" {
		return nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: at, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("reach systemd: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(words)); err != nil {
		return fmt.Errorf("tell systemd %s: %w", words, err)
	}
	return nil
}
