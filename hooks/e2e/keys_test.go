package e2e

import (
	"context"
	"strings"
	"testing"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// namedKeys are the keys that write nothing, or that are called otherwise than
// by what they write.
var namedKeys = map[string]struct {
	code, text string
	virtual    int64
}{
	"Enter": {"Enter", "\r", 13}, "Escape": {"Escape", "", 27}, "Tab": {"Tab", "", 9}, "Delete": {"Delete", "", 46},
	"ArrowDown": {"ArrowDown", "", 40}, "ArrowUp": {"ArrowUp", "", 38}, " ": {"Space", " ", 32},
	"/": {"Slash", "/", 191}, "?": {"Slash", "?", 191}, "!": {"Digit1", "!", 49},
}

// keys presses keys one after the other, as the browser gets them from a
// keyboard: a letter, a name such as "Enter", or with what is held before it,
// as in "Control+Shift+Enter".
func (p *page) keys(keys ...string) {
	p.tb.Helper()
	for _, key := range keys {
		e := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown}
		name := key
		for strings.Contains(name[1:], "+") {
			var held string
			held, name, _ = strings.Cut(name, "+")
			e.Modifiers |= map[string]int64{"Control": 2, "Shift": 8}[held]
		}
		named, ok := namedKeys[name]
		if !ok {
			upper := strings.ToUpper(name)
			named.code, named.text, named.virtual = "Key"+upper, name, int64(upper[0])
		}
		if r := []rune(name); len(r) == 1 && (unicode.IsUpper(r[0]) || name == "?" || name == "!") {
			e.Modifiers |= 8
		}
		e.Key, e.Code, e.WindowsVirtualKeyCode, e.Text = name, named.code, named.virtual, named.text
		if e.Modifiers&2 != 0 {
			e.Text = ""
			if name == "a" {
				e.Commands = []string{"selectAll"}
			}
		}
		if e.Text == "" {
			e.Type = input.DispatchKeyEventTypeRawKeyDown
		}
		up := e
		up.Type, up.Text, up.Commands = input.DispatchKeyEventTypeKeyUp, "", nil
		_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e); err != nil {
				return cdp.Empty{}, err
			}
			return cdp.Call(ctx, t, input.DispatchKeyEvent, up)
		})
		if err != nil {
			p.tb.Fatalf("press %s: %v", key, err)
		}
	}
}

// puts writes a whole text at once where the caret is.
func (p *page) puts(text string) {
	p.tb.Helper()
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
	})
	if err != nil {
		p.tb.Fatal("write: ", err)
	}
}

// touch makes the window one of a telephone.
func touch(tb testing.TB, p *page) {
	tb.Helper()
	p.looks(390, 844, "light")
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 1})
	})
	if err != nil {
		tb.Fatal("touch: ", err)
	}
}

// taps touches the middle of what an expression finds, once it stands still,
// can be touched there and is as large as a finger.
func (p *page) taps(what, expression string, args ...any) {
	p.tb.Helper()
	p.js(`globalThis.__was = ""`, nil)
	p.until(what+" to be touchable", `(() => { const e = (`+expression+`); if (!e) return false; e.scrollIntoView({ block: "nearest" });
		const r = e.getBoundingClientRect(); const x = r.x + r.width / 2, y = r.y + r.height / 2;
		const at = document.elementFromPoint(x, y); const now = [x, y] + ""; const still = now === globalThis.__was; globalThis.__was = now; globalThis.__tap = { x, y, width: r.width, height: r.height };
		return still && r.width > 0 && at && (e === at || e.contains(at)); })()`, args...)
	var at struct {
		X      float64 `json:"x"`
		Y      float64 `json:"y"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	}
	p.js(`globalThis.__tap`, &at)
	if at.Width < 40 || at.Height < 40 {
		p.tb.Errorf("%s is %.0f by %.0f: too small for a finger", what, at.Width, at.Height)
	}
	_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		point := []*input.TouchPoint{{X: at.X, Y: at.Y}}
		if _, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: point}); err != nil {
			return cdp.Empty{}, err
		}
		return cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
	})
	if err != nil {
		p.tb.Fatalf("touch %s: %v", what, err)
	}
}
