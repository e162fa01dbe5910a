// Package qr draws a text as a QR code (ISO/IEC 18004): bytes, the lowest
// level of error correction, versions 1 to 15, which is 520 bytes. That is
// what a screen held before a phone's camera needs, and no more.
package qr

import (
	"errors"
	"fmt"
	"strings"
)

// most is the highest version.
const most = 15

// Of each version at level L: bytes of error correction in a block, and
// blocks. Versions begin at 1.
var (
	eccBytes = [most + 1]int{0, 7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22}
	blocks   = [most + 1]int{0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6}
)

// ErrLong is of a text that does not fit.
var ErrLong = errors.New("the text is too long for a QR code")

// code is the picture while it is made.
type code struct {
	version, size int
	dark, fixed   [][]bool // fixed are modules of the patterns, which no mask changes
}

// Encode returns the modules of a text, dark ones true, without the quiet zone.
func Encode(text string) ([][]bool, error) {
	for version := 1; version <= most; version++ {
		lengthBits := 8
		if version >= 10 {
			lengthBits = 16
		}
		room := rawBytes(version) - eccBytes[version]*blocks[version]
		if 4+lengthBits+8*len(text) > room*8 {
			continue
		}
		return draw(version, interleave(version, fill(text, lengthBits, room))), nil
	}
	return nil, ErrLong
}

// rawBytes is how many bytes a version holds, with those of error correction.
func rawBytes(v int) int {
	n := (16*v+128)*v + 64
	if v >= 2 {
		align := v/7 + 2
		n -= (25*align-10)*align - 55
		if v >= 7 {
			n -= 36
		}
	}
	return n / 8
}

// fill is the text as bytes of data: mode, length, text, end, padding.
func fill(text string, lengthBits, room int) []byte {
	var bits []bool
	add := func(value, n int) {
		for i := n - 1; i >= 0; i-- {
			bits = append(bits, value>>i&1 == 1)
		}
	}
	add(4, 4)
	add(len(text), lengthBits)
	for i := range len(text) {
		add(int(text[i]), 8)
	}
	add(0, min(4, room*8-len(bits)))
	add(0, (8-len(bits)%8)%8)
	for pad := 0xec; len(bits) < room*8; pad ^= 0xec ^ 0x11 {
		add(pad, 8)
	}
	data := make([]byte, room)
	for i, b := range bits {
		if b {
			data[i/8] |= 0x80 >> (i % 8)
		}
	}
	return data
}

// interleave adds error correction to each block and mixes the blocks.
func interleave(version int, data []byte) []byte {
	count, ecc := blocks[version], eccBytes[version]
	raw := rawBytes(version)
	short := count - raw%count
	shortLen := raw/count - ecc
	divisor := generator(ecc)
	var parts, checks [][]byte
	for i, at := 0, 0; i < count; i++ {
		n := shortLen
		if i >= short {
			n++
		}
		parts = append(parts, data[at:at+n])
		checks = append(checks, remainder(data[at:at+n], divisor))
		at += n
	}
	out := make([]byte, 0, raw)
	for i := range shortLen + 1 {
		for _, p := range parts {
			if i < len(p) {
				out = append(out, p[i])
			}
		}
	}
	for i := range ecc {
		for _, c := range checks {
			out = append(out, c[i])
		}
	}
	return out
}

// multiply is the product in GF(2^8) modulo x^8+x^4+x^3+x^2+1.
func multiply(a, b byte) byte {
	z := 0
	for i := 7; i >= 0; i-- {
		z = z<<1 ^ z>>7*0x11d
		z ^= int(b) >> i & 1 * int(a)
	}
	return byte(z)
}

func generator(degree int) []byte {
	g := make([]byte, degree)
	g[degree-1] = 1
	root := byte(1)
	for range degree {
		for j := range g {
			g[j] = multiply(g[j], root)
			if j+1 < len(g) {
				g[j] ^= g[j+1]
			}
		}
		root = multiply(root, 2)
	}
	return g
}

func remainder(data, divisor []byte) []byte {
	r := make([]byte, len(divisor))
	for _, b := range data {
		factor := b ^ r[0]
		copy(r, r[1:])
		r[len(r)-1] = 0
		for i, d := range divisor {
			r[i] ^= multiply(d, factor)
		}
	}
	return r
}

func draw(version int, data []byte) [][]bool {
	size := version*4 + 17
	c := &code{version: version, size: size, dark: grid(size), fixed: grid(size)}
	c.patterns()
	c.place(data)
	best, least := 0, -1
	for mask := range 8 {
		c.mask(mask)
		c.format(mask)
		if p := c.penalty(); least < 0 || p < least {
			best, least = mask, p
		}
		c.mask(mask) // takes it off again
	}
	c.mask(best)
	c.format(best)
	return c.dark
}

func grid(n int) [][]bool {
	g := make([][]bool, n)
	for i := range g {
		g[i] = make([]bool, n)
	}
	return g
}

func (c *code) set(x, y int, dark bool) {
	c.dark[y][x], c.fixed[y][x] = dark, true
}

// patterns draws what every code of the version has.
func (c *code) patterns() {
	for i := range c.size {
		c.set(6, i, i%2 == 0)
		c.set(i, 6, i%2 == 0)
	}
	for _, at := range [][2]int{{3, 3}, {c.size - 4, 3}, {3, c.size - 4}} {
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				x, y, d := at[0]+dx, at[1]+dy, max(abs(dx), abs(dy))
				if x >= 0 && x < c.size && y >= 0 && y < c.size {
					c.set(x, y, d != 2 && d != 4)
				}
			}
		}
	}
	align := c.alignments()
	last := len(align) - 1
	for i, x := range align {
		for j, y := range align {
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue // there are the corners
			}
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					c.set(x+dx, y+dy, max(abs(dx), abs(dy)) != 1)
				}
			}
		}
	}
	c.format(0) // its place; the value comes with the mask
	if c.version < 7 {
		return
	}
	rem := c.version
	for range 12 {
		rem = rem<<1 ^ rem>>11*0x1f25
	}
	bits := c.version<<12 | rem
	for i := range 18 {
		a, b := c.size-11+i%3, i/3
		c.set(a, b, bits>>i&1 == 1)
		c.set(b, a, bits>>i&1 == 1)
	}
}

func (c *code) alignments() []int {
	if c.version == 1 {
		return nil
	}
	n := c.version/7 + 2
	step := (c.version*8 + n*3 + 5) / (n*4 - 4) * 2
	list := make([]int, n)
	list[0] = 6
	for i, at := n-1, c.size-7; i >= 1; i, at = i-1, at-step {
		list[i] = at
	}
	return list
}

// format writes level L and the mask, twice.
func (c *code) format(mask int) {
	data := 1<<3 | mask
	rem := data
	for range 10 {
		rem = rem<<1 ^ rem>>9*0x537
	}
	bits := (data<<10 | rem) ^ 0x5412
	bit := func(i int) bool { return bits>>i&1 == 1 }
	for i := range 6 {
		c.set(8, i, bit(i))
	}
	c.set(8, 7, bit(6))
	c.set(8, 8, bit(7))
	c.set(7, 8, bit(8))
	for i := 9; i < 15; i++ {
		c.set(14-i, 8, bit(i))
	}
	for i := range 8 {
		c.set(c.size-1-i, 8, bit(i))
	}
	for i := 8; i < 15; i++ {
		c.set(8, c.size-15+i, bit(i))
	}
	c.set(8, c.size-8, true)
}

// place writes the data in columns of two, up and down, from the right.
func (c *code) place(data []byte) {
	i := 0
	for right := c.size - 1; right >= 1; right -= 2 {
		if right == 6 {
			right = 5
		}
		for step := range c.size {
			y := step
			if (right+1)&2 == 0 {
				y = c.size - 1 - step
			}
			for _, x := range []int{right, right - 1} {
				if !c.fixed[y][x] && i < len(data)*8 {
					c.dark[y][x] = data[i/8]>>(7-i%8)&1 == 1
					i++
				}
			}
		}
	}
}

// mask turns over every module that the mask covers.
func (c *code) mask(n int) {
	for y := range c.size {
		for x := range c.size {
			if !c.fixed[y][x] && masks[n](x, y) {
				c.dark[y][x] = !c.dark[y][x]
			}
		}
	}
}

var masks = [8]func(x, y int) bool{
	func(x, y int) bool { return (x+y)%2 == 0 },
	func(_, y int) bool { return y%2 == 0 },
	func(x, _ int) bool { return x%3 == 0 },
	func(x, y int) bool { return (x+y)%3 == 0 },
	func(x, y int) bool { return (x/3+y/2)%2 == 0 },
	func(x, y int) bool { return x*y%2+x*y%3 == 0 },
	func(x, y int) bool { return (x*y%2+x*y%3)%2 == 0 },
	func(x, y int) bool { return ((x+y)%2+x*y%3)%2 == 0 },
}

// penalty is how hard the code is to read (7.8.3).
func (c *code) penalty() (p int) {
	for i := range c.size {
		p += lines(c.size, func(j int) bool { return c.dark[i][j] })
		p += lines(c.size, func(j int) bool { return c.dark[j][i] })
	}
	dark := 0
	for y := range c.size {
		for x := range c.size {
			d := c.dark[y][x]
			if d {
				dark++
			}
			if x+1 < c.size && y+1 < c.size && d == c.dark[y][x+1] && d == c.dark[y+1][x] && d == c.dark[y+1][x+1] {
				p += 3
			}
		}
	}
	total := c.size * c.size
	return p + abs(dark*20-total*10)/total*10
}

// lines counts long runs, and what looks like a corner's pattern.
func lines(n int, at func(int) bool) (p int) {
	run := 0
	for i := range n {
		if i > 0 && at(i) == at(i-1) {
			run++
		} else {
			run = 1
		}
		switch {
		case run == 5:
			p += 3
		case run > 5:
			p++
		}
	}
	const finder = "1011101"
	for i := 0; i+11 <= n; i++ {
		var b strings.Builder
		for j := range 11 {
			if at(i + j) {
				b.WriteByte('1')
			} else {
				b.WriteByte('0')
			}
		}
		if s := b.String(); s == finder+"0000" || s == "0000"+finder {
			p += 40
		}
	}
	return p
}

func abs(n int) int { return max(n, -n) }

// quiet is the margin that a reader needs, in modules.
const quiet = 4

// SVG is the code as a picture, black on white in every theme.
func SVG(text string) (string, error) {
	dark, err := Encode(text)
	if err != nil {
		return "", err
	}
	n := len(dark) + 2*quiet
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, n, n, n, n)
	for y, row := range dark {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			from := x
			for x+1 < len(row) && row[x+1] {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from+1, x-from+1)
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}
