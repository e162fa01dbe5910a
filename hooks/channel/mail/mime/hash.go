package mime

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// contentHash is the fingerprint of what was written (rule 5): the fields the
// sender sets and the body. Fields that the way adds are left out, and so are
// line endings and blank lines at the end, which servers change.
func contentHash(h Header, body []byte) string {
	sum := sha256.New()
	for _, name := range []string{"From", "To", "Cc", "Subject", "Date"} {
		for _, v := range h.All(name) {
			sum.Write([]byte(name + ":" + strings.Join(strings.Fields(v), " ") + "\n"))
		}
	}
	sum.Write([]byte("\n"))
	body = bytes.TrimRight(body, " \t\r\n")
	for line := range bytes.Lines(body) {
		sum.Write(bytes.TrimRight(line, " \t\r\n"))
		sum.Write([]byte("\n"))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
