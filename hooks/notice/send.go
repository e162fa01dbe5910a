package notice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// errGone means that the device does not want to hear of us any more.
var errGone = errors.New("the device is no longer subscribed")

// refused is what a push service answered.
type refused struct {
	status int
	after  time.Duration // Retry-After
	words  string
}

func (r *refused) Error() string {
	return fmt.Sprintf("the push service answered %d %s", r.status, r.words)
}

// passing tells whether trying again can help.
func (r *refused) passing() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusRequestTimeout || r.status >= 500
}

// deliver sends pushes until ctx ends; several of it run.
func (room *Room) deliver(ctx context.Context) {
	for {
		p, wait, ok := room.queue.take(room.now())
		if !ok {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-room.queue.bell:
			case <-timer.C:
			}
			timer.Stop()
			continue
		}
		room.queue.ring() // another sender may have something to do too
		if ctx.Err() != nil {
			return
		}
		room.try(ctx, p)
	}
}

// try sends one push and notes what came of it.
func (room *Room) try(ctx context.Context, p push) {
	s, err := findSubscription(room.app, p.subscription)
	if err != nil {
		return // removed meanwhile
	}
	err = room.post(ctx, s, p.content, p.tag)
	if ctx.Err() != nil {
		return
	}
	if room.note(s, err) {
		return
	}
	var r *refused
	if err == nil || errors.As(err, &r) && !r.passing() || errors.Is(err, errEndpoint) || errors.Is(err, errKeys) {
		return
	}
	p.tried++
	if p.tried >= tries {
		room.app.Logger().Warn("a push could not be delivered", "subscription", s.ID, "error", err)
		return
	}
	var after time.Duration
	if r != nil {
		after = r.after
	}
	p.due = room.now().Add(gap(p.tried, after))
	room.queue.add(p)
}

// note keeps what came of a push; true when the device was forgotten.
func (room *Room) note(s subscription, err error) (gone bool) {
	switch {
	case err == nil:
		err = saveSent(room.app, s.ID, room.now())
	case errors.Is(err, errGone) || s.Failures+1 >= refusals:
		gone, err = true, removeSubscription(room.app, s.ID)
		room.queue.forget(s.ID)
	default:
		err = saveRefused(room.app, s.ID, err.Error())
	}
	if err != nil {
		room.app.Logger().Error("what came of a push is not noted", "subscription", s.ID, "error", err)
	}
	return gone
}

// post hands one push to the push service.
func (room *Room) post(ctx context.Context, s subscription, content []byte, tag string) error {
	if _, err := checkEndpoint(s.Endpoint); err != nil {
		return err
	}
	to, err := readDevice(s.Key, s.Auth)
	if err != nil {
		return err
	}
	body, err := encrypt(to, content)
	if err != nil {
		return err
	}
	auth, err := vapid(room.keys().PushKey(), s.Endpoint, contactOf(room.app), room.now())
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Content-Encoding", "aes128gcm")
	req.Header.Set("Authorization", auth)
	req.Header.Set("TTL", strconv.Itoa(int(worth.Seconds())))
	req.Header.Set("Urgency", "high")
	if tag != "" { // what a phone that is off has not had yet is replaced (RFC 8030, 5.4)
		sum := sha256.Sum256([]byte(tag))
		req.Header.Set("Topic", base64.RawURLEncoding.EncodeToString(sum[:18]))
	}
	res, err := room.http.Do(req)
	if err != nil {
		return fmt.Errorf("reach the push service: %w", err)
	}
	defer res.Body.Close()
	words, _ := io.ReadAll(io.LimitReader(res.Body, 200))
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return errGone
	}
	r := &refused{status: res.StatusCode, words: string(bytes.ToValidUTF8(bytes.TrimSpace(words), nil))}
	if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && n > 0 {
		r.after = time.Duration(min(n, 86400)) * time.Second
	}
	return r
}

// contactOf is whom a push service may write to about us (RFC 8292, 2.1).
func contactOf(app core.App) string {
	if mail := settings.Shop(app).GetString(schema.ShopEmail); mail != "" {
		return "mailto:" + mail
	}
	if url := app.Settings().Meta.AppURL; len(url) > 8 && url[:8] == "https://" {
		return url
	}
	return "mailto:nobody@invalid.invalid"
}
