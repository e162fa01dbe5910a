package mail

import (
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/shohay/shohay/hooks/channel/mail/auth"
)

// Limits of conversations begun within an hour by senders that differ and yet
// are one (rule 32): a wave of mail changes its addresses, not its domain, or
// not the name it gives itself.
const (
	newPerDomain = 60
	newPerName   = 20
	newPerPerson = newPerHour // addresses that a provider delivers to one box
	shortestName = 4          // letters; what is shorter is nobody's
	crowdSpan    = time.Hour
	crowdKeys    = 50_000 // counted apart in a span; a larger wave is over every limit that counts
)

// crowd counts who begins conversations. It forgets with the process: the
// limits that must outlive it count a sender's messages (see tempo).
type crowd struct {
	mu          sync.Mutex
	began       time.Time // of the running span
	now, before map[string]int
}

// over counts a sender and says whether one of their limits is passed.
func (c *crowd) over(address, name string, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch passed := at.Sub(c.began); {
	case c.now == nil || passed >= 2*crowdSpan || passed < 0:
		c.began, c.now, c.before = at, map[string]int{}, nil
	case passed >= crowdSpan:
		c.began, c.before, c.now = c.began.Add(crowdSpan), c.now, map[string]int{}
	}
	// The span before counts for the part of it that is not an hour ago.
	rest := 1 - float64(at.Sub(c.began))/float64(crowdSpan)
	over := false
	for key, most := range crowdKeysOf(address, name) {
		if c.now[key] > 0 || len(c.now) < crowdKeys {
			c.now[key]++
		}
		over = over || float64(c.now[key])+rest*float64(c.before[key]) > float64(most)
	}
	return over
}

// crowdKeysOf are what a sender is counted by, with the limits.
func crowdKeysOf(address, name string) map[string]int {
	keys := map[string]int{}
	local, domain, _ := strings.Cut(address, "@")
	if org := auth.Organisation(domain); !auth.Freemail(org) {
		keys["d:"+org] = newPerDomain
	} else {
		// Only here is a tag no other person (rule 30).
		local, _, _ = strings.Cut(local, "+")
		if domain == "gmail.com" || domain == "googlemail.com" {
			local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
		}
		keys["p:"+local+"@"+domain] = newPerPerson
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if len([]rune(letters)) >= shortestName {
		keys["n:"+letters] = newPerName
	}
	return keys
}
