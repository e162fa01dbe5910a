package session

import (
	"encoding/base32"
	"time"
)

// CodeOf is what an app shows for a secret, so many steps from now.
func CodeOf(secret string, steps int64) string {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return codeAt(raw, stepAt(time.Now())+steps)
}
