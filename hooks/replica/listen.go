package replica

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// listener passes Litestream's warnings on to the log and remembers the last
// fault, for Litestream tells of those in its log only.
type listener struct {
	slog.Handler
	heard *heard
}

type heard struct {
	mu   sync.Mutex
	said string
	at   time.Time
}

func newListener(to slog.Handler) *listener { return &listener{to, new(heard)} }

// Enabled is for warnings and worse.
func (l *listener) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle remembers the error of a fault.
func (l *listener) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		said := r.Message
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "error" || a.Key == "err" {
				said = fmt.Sprint(a.Value.Any())
			}
			return true
		})
		l.heard.mu.Lock()
		l.heard.said, l.heard.at = said, time.Now()
		l.heard.mu.Unlock()
	}
	told := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		told.AddAttrs(writable(a))
		return true
	})
	return l.Handler.Handle(ctx, told)
}

// writable makes words of a duration, which the log's form has no place for.
func writable(a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}

// WithAttrs keeps the memory.
func (l *listener) WithAttrs(attrs []slog.Attr) slog.Handler {
	plain := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		plain = append(plain, writable(a))
	}
	return &listener{l.Handler.WithAttrs(plain), l.heard}
}

// WithGroup keeps the memory.
func (l *listener) WithGroup(name string) slog.Handler {
	return &listener{l.Handler.WithGroup(name), l.heard}
}

func (l *listener) last() (said string, at time.Time) {
	l.heard.mu.Lock()
	defer l.heard.mu.Unlock()
	return l.heard.said, l.heard.at
}
