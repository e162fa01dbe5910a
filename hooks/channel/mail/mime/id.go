package mime

import "strings"

const maxID = 250 // bytes of a Message-ID worth keeping (rule 20)

// parseIDs reads Message-IDs without their brackets, in order, each once.
// In-Reply-To of old mailers holds whole sentences: with brackets in the value
// only what is in them counts.
func parseIDs(raw string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(id string) {
		id = strings.TrimSpace(id)
		if id == "" || len(id) > maxID || seen[id] || len(out) > 2000 {
			return
		}
		for _, c := range []byte(id) {
			if c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
				return
			}
		}
		seen[id] = true
		out = append(out, id)
	}
	if !strings.Contains(raw, "<") {
		for _, word := range strings.Fields(raw) {
			if strings.Contains(word, "@") {
				add(strings.Trim(word, ",;"))
			}
		}
		return out
	}
	for {
		i := strings.IndexByte(raw, '<')
		if i < 0 {
			return out
		}
		raw = raw[i+1:]
		j := strings.IndexByte(raw, '>')
		if j < 0 {
			return out
		}
		id := raw[:j]
		if k := strings.LastIndexByte(id, '<'); k >= 0 {
			id = id[k+1:]
		}
		add(id)
		raw = raw[j+1:]
	}
}
