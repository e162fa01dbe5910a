package settings

import (
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// ShopID is the id of the only record of the shop collection.
const ShopID = "shop00000000001"

// ShopRecord is the typed shop record. It is shared: read only.
type ShopRecord struct {
	core.BaseRecordProxy
	origins  []string
	location *time.Location
}

// Name is what customers see.
func (s *ShopRecord) Name() string { return s.GetString(schema.ShopName) }

// Colour is the accent as #rrggbb.
func (s *ShopRecord) Colour() string {
	if c := s.GetString(schema.ShopColour); c != "" {
		return c
	}
	return "#006a4e"
}

// Language is the one used when a customer's own is not known.
func (s *ShopRecord) Language() string { return s.GetString(schema.ShopLanguage) }

// Languages are those offered to customers, never empty.
func (s *ShopRecord) Languages() []string {
	if l := s.GetStringSlice(schema.ShopLanguages); len(l) > 0 {
		return l
	}
	return []string{s.Language()}
}

// Location is the shop's time zone; UTC if its name is not known.
func (s *ShopRecord) Location() *time.Location { return s.location }

// ReplyPromise is how soon the shop says it answers.
func (s *ShopRecord) ReplyPromise() time.Duration {
	return time.Duration(s.GetInt(schema.ShopReplyPromise)) * time.Minute
}

// WidgetEnabled tells whether the chat button is shown at all.
func (s *ShopRecord) WidgetEnabled() bool { return s.GetBool(schema.ShopWidgetEnabled) }

// AttachmentBytes is the size a customer's file may have.
func (s *ShopRecord) AttachmentBytes() int64 {
	return int64(s.GetInt(schema.ShopAttachmentMB)) << 20
}

// StreamsPerAddress is how many streams one network address may hold open.
func (s *ShopRecord) StreamsPerAddress() int { return s.GetInt(schema.ShopStreamsPerAddress) }

// HandoverAfter is how long an unread chat answer waits before it is mailed.
func (s *ShopRecord) HandoverAfter() time.Duration {
	return time.Duration(s.GetInt(schema.ShopHandoverMinutes)) * time.Minute
}

// ReopenWithin is how long after solving a customer's word reopens.
func (s *ShopRecord) ReopenWithin() time.Duration {
	return time.Duration(s.GetInt(schema.ShopReopenDays)) * 24 * time.Hour
}

// AllowsOrigin tells whether a page of the origin ("https://shop.example")
// may talk to the chat. An empty list allows every site.
func (s *ShopRecord) AllowsOrigin(origin string) bool {
	if len(s.origins) == 0 {
		return true
	}
	origin = normalOrigin(origin)
	for _, o := range s.origins {
		if o == origin {
			return true
		}
	}
	return false
}

func normalOrigin(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// The record of each app. Tests run many apps side by side, so the kept
// record hangs in the app's own store.
const storeKey = "shohay.shop"

type held struct{ shop atomic.Pointer[ShopRecord] }

func holder(app core.App) *held {
	return app.Store().GetOrSet(storeKey, func() any { return new(held) }).(*held)
}

// Shop returns the shop's settings. A database without the record (which a
// migration makes) is a programming error, so it answers with an empty one
// rather than an error every caller would have to carry.
func Shop(app core.App) *ShopRecord {
	h := holder(app)
	if s := h.shop.Load(); s != nil {
		return s
	}
	record, err := app.FindRecordById(schema.Shop, ShopID)
	if err != nil {
		app.Logger().Error("the shop's settings cannot be read", "error", err)
		if collection, err := app.FindCachedCollectionByNameOrId(schema.Shop); err == nil {
			record = core.NewRecord(collection)
		}
	}
	s := &ShopRecord{location: time.UTC}
	s.SetProxyRecord(record)
	if loc, err := time.LoadLocation(s.GetString(schema.ShopTimeZone)); err == nil {
		s.location = loc
	}
	var origins []string
	if err := record.UnmarshalJSONField(schema.ShopAllowedOrigins, &origins); err == nil {
		for _, o := range origins {
			if o = normalOrigin(o); o != "" {
				s.origins = append(s.origins, o)
			}
		}
	}
	if !app.IsTransactional() {
		h.shop.Store(s)
	}
	return s
}
