package notice

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
)

// The mark of shared/mark.svg, on its grid of 32, drawn as distances: a pixel
// is as opaque as it is near.

type point struct{ x, y float64 }

// bubble is the outline of the mark.
var bubble = []point{{8, 9.5}, {24, 9.5}, {24, 21}, {15, 21}, {10.5, 25}, {10.5, 21}, {8, 21}, {8, 9.5}}

const (
	grid   = 32.0
	stroke = 2.2
	round  = 9.0 // radius of the ground's corners
)

// shape is one of the icons.
type shape struct {
	size  int
	mark  float64 // how large the mark is
	round bool    // corners, else the ground fills everything
	bare  bool    // the mark alone, in white: the small sign in a phone's bar
}

var shapes = map[string]shape{
	"192.png":       {size: 192, mark: 1, round: true},
	"512.png":       {size: 512, mark: 1, round: true},
	"mask-512.png":  {size: 512, mark: 0.78}, // a phone cuts its own form out of it
	"touch-180.png": {size: 180, mark: 0.92},
	"badge-96.png":  {size: 96, mark: 1.3, bare: true},
}

// icons keeps the icons of one colour.
type icons struct {
	mu     sync.Mutex
	colour string
	drawn  map[string][]byte
}

func (i *icons) get(name, ground, ink string) ([]byte, bool) {
	s, ok := shapes[name]
	if !ok {
		return nil, false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.colour != ground || i.drawn == nil {
		i.colour, i.drawn = ground, map[string][]byte{}
	}
	if i.drawn[name] == nil {
		i.drawn[name] = s.draw(colourOf(ground), colourOf(ink))
	}
	return i.drawn[name], true
}

func colourOf(hex string) color.NRGBA {
	c := color.NRGBA{A: 255}
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		return color.NRGBA{G: 0x6a, B: 0x4e, A: 255}
	}
	return c
}

func (s shape) draw(ground, ink color.NRGBA) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, s.size, s.size))
	unit := grid / float64(s.size) // of the grid in a pixel
	if s.bare {
		ground, ink = color.NRGBA{255, 255, 255, 0}, color.NRGBA{255, 255, 255, 255}
	}
	for y := range s.size {
		for x := range s.size {
			p := point{(float64(x) + 0.5) * unit, (float64(y) + 0.5) * unit}
			c := ground
			if s.round {
				c.A = opacity(cornered(p), unit)
			}
			m := point{grid/2 + (p.x-grid/2)/s.mark, 17.25 + (p.y-grid/2)/s.mark}
			if a := opacity((outline(m)-stroke/2)*s.mark, unit); a > 0 {
				c = over(ink, c, a)
			}
			img.SetNRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img) // a buffer does not fail
	return out.Bytes()
}

// opacity of a pixel whose middle is so far outside (inside, if negative).
func opacity(distance, unit float64) uint8 {
	return uint8(math.Round(255 * min(1, max(0, 0.5-distance/unit))))
}

func over(top, below color.NRGBA, a uint8) color.NRGBA {
	if below.A == 0 {
		top.A = a
		return top
	}
	mix := func(t, b uint8) uint8 { return uint8((int(t)*int(a) + int(b)*(255-int(a)) + 127) / 255) }
	return color.NRGBA{mix(top.R, below.R), mix(top.G, below.G), mix(top.B, below.B), max(below.A, a)}
}

// cornered is how far a point lies outside the ground with its round corners.
func cornered(p point) float64 {
	half := grid/2 - round
	x, y := math.Abs(p.x-grid/2)-half, math.Abs(p.y-grid/2)-half
	return math.Hypot(max(x, 0), max(y, 0)) + min(max(x, y), 0) - round
}

// outline is how far a point is from the bubble's line.
func outline(p point) float64 {
	least := math.Inf(1)
	for i := range len(bubble) - 1 {
		a, b := bubble[i], bubble[i+1]
		dx, dy := b.x-a.x, b.y-a.y
		t := min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/(dx*dx+dy*dy)))
		least = min(least, math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy))
	}
	return least
}
