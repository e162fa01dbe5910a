package site

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"path"
	"strings"
)

// mostSelections bounds what strangers can make us keep.
const mostSelections = 64

// selection is the part of a file of texts that a page asks for with
// ?only=common,desk: a desk has no use for the words of the portal. A file
// that is no such file, or no such part, is sent whole.
func (s *Site) selection(f *file, only string) *file {
	if only == "" || f.data == nil || path.Dir(f.name) != "i18n" || path.Ext(f.name) != ".json" {
		return f
	}
	key := f.name + "?only=" + only
	s.mu.Lock()
	kept := s.files[key]
	s.mu.Unlock()
	if kept != nil && kept.modified.Equal(f.modified) && kept.whole == f.etag {
		return kept
	}
	var all, some map[string]jsontext.Value
	if json.Unmarshal(f.data, &all) != nil {
		return f
	}
	some = map[string]jsontext.Value{}
	for name := range strings.SplitSeq(only, ",") {
		section, ok := all[name]
		if !ok {
			return f
		}
		some[name] = section
	}
	data, err := json.Marshal(some, json.Deterministic(true))
	if err != nil {
		return f
	}
	part := &file{name: f.name, kind: f.kind, data: data, etag: hash(data), modified: f.modified, size: int64(len(data)), disk: f.disk, whole: f.etag}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.selections < mostSelections || kept != nil {
		if kept == nil {
			s.selections++
		}
		s.files[key] = part
	}
	return part
}
