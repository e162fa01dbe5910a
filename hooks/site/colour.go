package site

import (
	"fmt"
	"math"
	"strconv"
)

// The panels that accent-coloured text stands on, as in shared/tokens.css.
var (
	lightPanel = rgb{255, 255, 255}
	darkPanel  = rgb{0x1a, 0x1b, 0x19}
	lightInk   = rgb{255, 255, 255}
	darkInk    = rgb{0x10, 0x14, 0x12}
	lightSaid  = rgb{0x5f, 0x5c, 0x56} // --ink-soft, which stands on tints too
	darkSaid   = rgb{0xa9, 0xa7, 0x9f}
)

// readable is the contrast that small text needs (WCAG 2.2, 1.4.3).
const readable = 4.5

type rgb struct{ r, g, b float64 }

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c.r)), int(math.Round(c.g)), int(math.Round(c.b)))
}

func parseColour(s string) (rgb, bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, true
}

func (c rgb) mix(other rgb, part float64) rgb {
	return rgb{c.r + (other.r-c.r)*part, c.g + (other.g-c.g)*part, c.b + (other.b-c.b)*part}
}

// luminance as WCAG defines it.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// tint is c with a part of a colour in it, and with less of it where text could
// not be read on that.
func (c rgb) tint(colour rgb, part float64, text rgb) rgb {
	for ; part > 0; part -= 0.01 {
		if mixed := c.mix(colour, part); contrast(text, mixed) >= readable {
			return mixed
		}
	}
	return c
}

// towards moves c to target until it can be read on every ground.
func (c rgb) towards(target rgb, grounds ...rgb) rgb {
	for part := 0.0; part < 1; part += 0.02 {
		moved, good := c.mix(target, part), true
		for _, g := range grounds {
			good = good && contrast(moved, g) >= readable
		}
		if good {
			return moved
		}
	}
	return target
}

// accent is the shop's colour made usable: as text on our panels, as a ground
// for text, and as a tint.
type accent struct {
	light, lightInk, lightSoft rgb
	dark, darkInk, darkSoft    rgb
	fill, fillInk              rgb // as chosen, for the icon
}

// accentOf never fails: what is not #rrggbb is the default green.
func accentOf(colour string) accent {
	c, ok := parseColour(colour)
	if !ok {
		c = rgb{0, 0x6a, 0x4e}
	}
	a := accent{fill: c, fillInk: inkOn(c)}
	a.lightSoft = lightPanel.tint(c, 0.11, lightSaid)
	a.light = c.towards(rgb{}, lightPanel, a.lightSoft)
	a.lightInk = inkOn(a.light)
	a.darkSoft = darkPanel.tint(c, 0.26, darkSaid)
	a.dark = c.towards(rgb{255, 255, 255}, darkPanel, a.darkSoft)
	a.darkInk = inkOn(a.dark)
	return a
}

func inkOn(c rgb) rgb {
	if contrast(lightInk, c) >= readable || contrast(lightInk, c) >= contrast(darkInk, c) {
		return lightInk
	}
	return darkInk
}

// accentStyle redefines the accent's tokens. The default colour keeps those
// that were chosen by hand.
func accentStyle(colour string) string {
	if colour == "#006a4e" {
		return ":root{}"
	}
	a := accentOf(colour)
	return fmt.Sprintf(":root{--accent:light-dark(%s,%s);--accent-ink:light-dark(%s,%s);--accent-soft:light-dark(%s,%s)}",
		a.light, a.dark, a.lightInk, a.darkInk, a.lightSoft, a.darkSoft)
}
