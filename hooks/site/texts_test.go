package site

import (
	"encoding/json/v2"
	"net/http"
	"os"
	"testing"
)

func TestAPageGetsOnlyTheTextsItAsksFor(t *testing.T) {
	s := start(t, os.DirFS("../../pb_public"), "", false)
	read := func(path string) map[string]any {
		res, body := s.get(t, http.MethodGet, path)
		var m map[string]any
		if err := json.Unmarshal([]byte(body), &m); err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(path, res.StatusCode, err)
		}
		return m
	}
	if m := read("/i18n/en.json?only=common,desk"); len(m) != 2 || m["common"] == nil || m["desk"] == nil {
		t.Errorf("got %d sections instead of common and desk", len(m))
	}
	if m := read("/i18n/en.json?only=common,nonsense"); len(m) < 3 {
		t.Error("a section that does not exist did not give the whole file")
	}
}
