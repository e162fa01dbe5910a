package i18n

import (
	"slices"
	"strconv"
	"strings"
)

// maxRanges bounds what is read of an Accept-Language header; browsers send
// fewer than ten ranges.
const maxRanges = 30

// Match chooses the language of a page: the first of the header's languages,
// by weight and then by place (RFC 9110, 12.5.4), that is supported, else
// otherwise. "bn-BD" is content with "bn" and the other way round.
func Match(acceptLanguage string, supported []string, otherwise string) string {
	type wish struct {
		lang   string
		weight float64
	}
	var wishes []wish
	for i, part := range strings.Split(acceptLanguage, ",") {
		if i == maxRanges {
			break
		}
		tag, params, _ := strings.Cut(part, ";")
		w := wish{strings.ToLower(strings.TrimSpace(tag)), 1}
		if q, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			if err != nil || weight < 0 || weight > 1 {
				continue
			}
			w.weight = weight
		}
		if w.lang != "" && w.weight > 0 {
			wishes = append(wishes, w)
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	for _, w := range wishes {
		if w.lang == "*" {
			return otherwise
		}
		if l := supports(supported, w.lang); l != "" {
			return l
		}
	}
	return otherwise
}

// supports returns the supported language that serves tag, "" if none does.
func supports(supported []string, tag string) string {
	primary, _, _ := strings.Cut(tag, "-")
	for _, same := range []func(string) bool{
		func(l string) bool { return strings.EqualFold(l, tag) },
		func(l string) bool { return strings.EqualFold(l, primary) },
	} {
		if i := slices.IndexFunc(supported, same); i >= 0 {
			return supported[i]
		}
	}
	return ""
}
